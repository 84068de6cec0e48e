// {{name}}: answers every event with a greeting.

#include <kiln/function.h>
#include <kiln/json.h>

#include <iostream>

using kiln::Json;

std::string handle(std::string_view event, const kiln::Context &context)
{
    // Whatever is printed becomes a log line of this invocation.
    std::cout << context.functionName << " got " << event << '\n';
    const std::string name = Json::parse(event)["name"].text("world");
    return Json::object({{"greeting", "Hello, " + name + "!"}}).dump();
}
