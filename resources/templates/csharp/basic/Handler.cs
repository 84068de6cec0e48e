// {{name}}: answers every event with a greeting.

using System;

public static class Handler
{
    // The event is parsed JSON; a string parameter gets its text.
    public static object Handle(object e, Kiln.Context context)
    {
        // Whatever is printed becomes a log line of this invocation.
        Console.WriteLine("event: " + Kiln.Json.Write(e));
        return new { greeting = "Hello, " + (Kiln.Json.At(e, "name") ?? "world") + "!" };
    }
}
