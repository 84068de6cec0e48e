// {{name}}: answers HTTP requests (payload format 2.0, as behind Lambda's function URLs).

#include <kiln/function.h>
#include <kiln/json.h>

using kiln::Json;

std::string handle(std::string_view event)
{
    const Json request = Json::parse(event);
    const std::string who = request["pathParameters"]["who"].text("world");
    const std::string greeting = request["queryStringParameters"]["greeting"].text("Hello");
    // An object without statusCode works too: it is sent as JSON with status 200.
    return Json::object({{"statusCode", 200},
                         {"headers", Json::object({{"content-type", "application/json"}})},
                         {"body", Json::object({{"message", greeting + ", " + who + "!"}}).dump()}})
        .dump();
}
