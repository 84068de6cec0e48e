// {{name}}: runs by the clock.

#include <kiln/function.h>
#include <kiln/json.h>

#include <iostream>

using kiln::Json;

std::string handle(std::string_view event)
{
    // The time it was due, not the time it runs: a retry sees the same one.
    const std::string due = Json::parse(event)["time"].text("now");
    std::cout << "running for " << due << '\n';
    return Json::object({{"ranFor", due}}).dump();
}
