// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/routes.h"

#include "core/project/read.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

namespace kiln {

namespace {

constexpr std::array<std::string_view, 8> methods{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY"};

bool isAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool isHex(std::string_view text, std::size_t at)
{
    return at < text.size() && std::string_view("0123456789abcdefABCDEF").find(text[at]) != std::string_view::npos;
}

/// RFC 3986's pchar.
bool isLiteral(std::string_view segment)
{
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] == '%' && !(isHex(segment, i + 1) && isHex(segment, i + 2)))
            return false;
        if (!isAlphanumeric(segment[i]) &&
            std::string_view("-._~!$&'()*+,;=:@%").find(segment[i]) == std::string_view::npos)
            return false;
    }
    return true;
}

bool isParameterName(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), [](char c) { return isAlphanumeric(c) || c == '_' || c == '-'; });
}

std::vector<std::string_view> segmentsOf(std::string_view path)
{
    std::vector<std::string_view> segments;
    if (path == "/")
        return segments;
    for (std::size_t i = 1; i <= path.size();) {
        const std::size_t end = std::min(path.find('/', i), path.size());
        segments.push_back(path.substr(i, end - i));
        i = end + 1;
    }
    return segments;
}

std::string parsePath(std::string_view path)
{
    if (!path.starts_with('/'))
        return "the path must begin with /";
    if (path.size() > 512)
        return "the path is longer than 512 bytes";
    const auto segments = segmentsOf(path);
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        std::string_view segment = segments[i];
        const std::string quoted = "\"" + std::string(segment) + "\"";
        if (segment.empty())
            return i + 1 == segments.size() ? "the path must not end with /" : "the path has an empty segment (//)";
        if (segment == "." || segment == "..")
            return "the path must not hold " + quoted;
        if (segment.find_first_of("{}") == std::string_view::npos) {
            if (!isLiteral(segment))
                return quoted + " has characters that a path cannot hold; write them as %XX";
            continue;
        }
        if (!segment.starts_with('{') || !segment.ends_with('}'))
            return "a parameter takes a whole segment, as in /orders/{id}; found " + quoted;
        segment = segment.substr(1, segment.size() - 2);
        if (segment.ends_with('+')) {
            segment.remove_suffix(1);
            if (i + 1 != segments.size())
                return quoted + " takes the rest of the path, so it must come last";
        }
        if (!isParameterName(segment))
            return quoted + " is no parameter: expected letters, digits, _ and - in {}";
        if (!names.insert(segment).second)
            return "the parameter " + quoted + " is there twice";
    }
    static constexpr std::array<std::string_view, 3> own{"fn", "events", "_kiln"};
    if (!segments.empty() && std::find(own.begin(), own.end(), segments.front()) != own.end())
        return "paths below /" + std::string(segments.front()) + " are Kiln's own";
    return {};
}

} // namespace

std::string parseRoute(std::string_view text, HttpTrigger &trigger)
{
    const std::size_t space = text.find(' ');
    const std::string_view method = text.substr(0, space);
    if (space == std::string_view::npos)
        return "expected a method and a path such as POST /orders/{id}";
    if (std::find(methods.begin(), methods.end(), method) == methods.end())
        return "expected GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS or ANY before the path, found \"" +
               std::string(method.substr(0, 20)) + "\"";
    trigger.method = method;
    trigger.path = text.substr(space + 1);
    return parsePath(trigger.path);
}

std::string shapeOf(const HttpTrigger &trigger)
{
    std::string shape = trigger.method + " ";
    for (const std::string_view segment : segmentsOf(trigger.path)) {
        shape += '/';
        shape += !segment.starts_with('{') ? segment : segment.ends_with("+}") ? "{+}" : "{}";
    }
    return shape;
}

void refuseSharedRoutes(std::vector<FunctionFiles> &functions)
{
    std::map<std::string, std::string> takenBy;
    for (FunctionFiles &function : functions) {
        if (!function.settings)
            continue;
        const std::vector<Trigger> &triggers = function.settings->triggers;
        std::vector<Problem> conflicts;
        for (std::size_t i = 0; i < triggers.size(); ++i) {
            const auto *http = std::get_if<HttpTrigger>(&triggers[i]);
            if (!http)
                continue;
            const auto [taken, isNew] = takenBy.emplace(shapeOf(*http), function.name);
            // Within one function the reader has reported it, by line.
            if (!isNew && taken->second != function.name)
                conflicts.push_back(
                    {Problem::Severity::Error, "functions/" + function.name + "/function.yaml",
                     function.triggerLines[i], 0, "triggers[" + std::to_string(i) + "].http",
                     labelOf(triggers[i]) + " is already a route of the function '" + taken->second + "'"});
        }
        if (!conflicts.empty())
            function.settings.reset();
        function.problems.insert(function.problems.end(), conflicts.begin(), conflicts.end());
    }
}

} // namespace kiln
