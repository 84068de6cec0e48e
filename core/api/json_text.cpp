// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/json_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>

namespace kiln {

namespace json = boost::json;

namespace {

void append(std::string &out, const json::value &value);

void appendObject(std::string &out, const json::object &object)
{
    out += '{';
    const char *separator = "";
    for (const auto &[key, member] : object) {
        out += separator;
        out += json::serialize(key);
        out += ':';
        append(out, member);
        separator = ",";
    }
    out += '}';
}

void appendArray(std::string &out, const json::array &array)
{
    out += '[';
    const char *separator = "";
    for (const json::value &element : array) {
        out += separator;
        append(out, element);
        separator = ",";
    }
    out += ']';
}

void append(std::string &out, const json::value &value)
{
    if (value.is_object())
        appendObject(out, value.get_object());
    else if (value.is_array())
        appendArray(out, value.get_array());
    else if (value.is_double() && std::isfinite(value.get_double()))
        out += fmt::format("{}", value.get_double()); // the shortest that reads back the same
    else
        out += json::serialize(value);
}

} // namespace

std::string jsonText(const json::value &value)
{
    std::string text;
    append(text, value);
    return text;
}

} // namespace kiln
