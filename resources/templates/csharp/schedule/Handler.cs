// {{name}}: runs by the clock.

using System;
using Kiln;

public static class Handler
{
    public static object Handle(object e)
    {
        // The time it was due, not the time it runs: a retry sees the same one.
        var due = Json.At(e, "time") ?? DateTime.UtcNow.ToString("o");
        Console.WriteLine("running for " + due);
        return new { ranFor = due };
    }
}
