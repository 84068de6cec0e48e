// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/function_error.h"

#include "core/base/utf8.h"

#include <boost/json.hpp>

namespace kiln {

namespace {

constexpr std::size_t typeLimit = 256;
constexpr std::size_t messageLimit = 64 * 1024;
constexpr std::size_t lineLimit = 8 * 1024;
constexpr std::size_t stackLimit = 1000;

/// At most `limit` bytes, with no character cut in two.
std::string cut(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit)
        return toUtf8(text);
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80)
        --limit;
    return toUtf8(text.substr(0, limit)) + "…";
}

std::optional<FunctionError> fromJson(const boost::json::value &value)
{
    const auto *object = value.if_object();
    if (!object)
        return std::nullopt;
    const auto text = [&](const char *key) -> const boost::json::string * {
        const auto *field = object->if_contains(key);
        return field ? field->if_string() : nullptr;
    };
    const auto *type = text("type");
    const auto *message = text("message");
    const auto *stack = object->if_contains("stack");
    if (!type || type->empty() || !message || !stack || !stack->is_array())
        return std::nullopt;
    FunctionError error;
    error.type = cut(*type, typeLimit);
    error.message = cut(*message, messageLimit);
    for (const auto &line : stack->get_array()) {
        if (!line.is_string())
            return std::nullopt;
        if (error.stack.size() == stackLimit)
            break;
        error.stack.push_back(cut(line.get_string(), lineLimit));
    }
    return error;
}

} // namespace

Result<FunctionError> readFunctionError(std::string_view body)
{
    boost::json::error_code code;
    const auto value = boost::json::parse({body.data(), body.size()}, code);
    std::optional<FunctionError> error;
    if (!code)
        error = fromJson(value);
    if (!error)
        return fail(Error::Code::Untrusted, "The worker sent an error that cannot be read");
    return *std::move(error);
}

} // namespace kiln
