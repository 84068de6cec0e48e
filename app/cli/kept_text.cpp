// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/kept_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace kiln {

namespace json = boost::json;

std::string keptText(const json::object &keeps)
{
    std::string text;
    const auto line = [&text](std::string_view kind, std::string_view what) {
        text += fmt::format("  {:<12} {}\n", kind, what);
    };
    const auto words = [](const json::value &value) -> std::string_view { return value.get_string(); };
    for (const json::value &variable : keeps.at("variables").get_array())
        line("variable", fmt::format("{} = {}", words(variable.at("name")), words(variable.at("value"))));
    if (const auto more = keeps.at("more_variables").to_number<std::uint64_t>(); more > 0)
        line("variable", fmt::format("and {} more", more));
    for (const json::value &file : keeps.at("files").get_array())
        line("file", fmt::format("{} ({} bytes)", words(file.at("path")), file.at("bytes").to_number<std::int64_t>()));
    if (const auto more = keeps.at("more_files").to_number<std::uint64_t>(); more > 0)
        line("file", fmt::format("and {} more", more));
    for (const json::value &socket : keeps.at("sockets").get_array())
        line("socket", words(socket));
    for (const json::value &file : keeps.at("open_files").get_array())
        line("open file", words(file));
    for (const json::value &process : keeps.at("processes").get_array())
        line("process",
             fmt::format("{} (pid {} inside)", words(process.at("command")), process.at("pid").to_number<int>()));
    for (const json::value &problem : keeps.at("not_looked_at").get_array())
        line("not seen", words(problem));
    return text.empty() ? "  nothing that can be named\n" : text;
}

} // namespace kiln
