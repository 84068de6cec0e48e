// {{name}}: answers HTTP requests (payload format 2.0, as behind Lambda's function URLs).

using System.Collections.Generic;
using Kiln;

public static class Handler
{
    public static object Handle(object e)
    {
        var who = Json.At(e, "pathParameters", "who") ?? "world";
        var greeting = Json.At(e, "queryStringParameters", "greeting") ?? "Hello";
        // An object without statusCode works too: it is sent as JSON with status 200.
        return new {
            statusCode = 200,
            headers = new Dictionary<string, string> { { "content-type", "application/json" } },
            body = Json.Write(new { message = greeting + ", " + who + "!" }),
        };
    }
}
