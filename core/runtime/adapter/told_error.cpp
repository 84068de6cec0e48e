// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/told_error.h"

#include "core/base/utf8.h"

#include <boost/json.hpp>

namespace kiln::adapter {

namespace {

namespace json = boost::json;

// The engine cuts further (core/runtime/function_error.h); these keep the frame below its bound.
constexpr std::size_t messageLimit = 32 * 1024;
constexpr std::size_t stackLimit = 200;
constexpr std::size_t lineLimit = 512;

json::string cut(std::string_view text, std::size_t limit) { return json::string(toUtf8(text.substr(0, limit))); }

std::string_view textAt(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains({key.data(), key.size()});
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

json::array stackOf(const json::object &object)
{
    json::array stack;
    for (const char *key : {"stackTrace", "trace"}) {
        const json::value *value = object.if_contains(key);
        if (!value || !value->is_array())
            continue;
        for (const json::value &line : value->get_array()) {
            if (stack.size() == stackLimit)
                break;
            // Frames as objects, as .NET's and Rust's clients have them, stay readable.
            stack.emplace_back(line.is_string() ? cut(std::string_view(line.get_string()), lineLimit)
                                                : cut(json::serialize(line), lineLimit));
        }
        break;
    }
    return stack;
}

std::string bodyOf(std::string_view type, std::string_view message, json::array stack)
{
    return json::serialize(json::object{{"type", cut(type.empty() ? "Runtime.Unknown" : type, 256)},
                                        {"message", cut(message, messageLimit)},
                                        {"stack", std::move(stack)}});
}

} // namespace

std::string errorBody(std::string_view type, std::string_view message) { return bodyOf(type, message, {}); }

std::string errorBodyOf(std::string_view posted, std::string_view typeHeader)
{
    json::error_code failed;
    const json::value value = json::parse({posted.data(), posted.size()}, failed);
    const json::object *object = failed ? nullptr : value.if_object();
    if (!object)
        return bodyOf(typeHeader, posted, {});
    const std::string_view type = textAt(*object, "errorType");
    return bodyOf(type.empty() ? typeHeader : type, textAt(*object, "errorMessage"), stackOf(*object));
}

} // namespace kiln::adapter
