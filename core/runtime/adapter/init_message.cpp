// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/init_message.h"

#include <boost/json.hpp>

#include <unistd.h>

namespace kiln::adapter {

namespace {

namespace json = boost::json;

const json::object *objectAt(const json::object &object, const char *key)
{
    const json::value *value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}

std::string textAt(const json::object &object, const char *key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// 1 where it is not told.
std::size_t countAt(const json::object &object, const char *key)
{
    const json::value *value = object.if_contains(key);
    const std::int64_t *count = value ? value->if_int64() : nullptr;
    return count && *count > 1 ? std::size_t(*count) : 1;
}

std::map<std::string, std::string> ownEnvironment()
{
    std::map<std::string, std::string> variables;
    for (char **line = environ; *line; ++line) {
        const std::string_view text = *line;
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos && !text.starts_with("KILN_"))
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

} // namespace

std::optional<InitMessage> readInit(std::string_view body)
{
    json::error_code failed;
    const json::value value = json::parse({body.data(), body.size()}, failed);
    const json::object *init = failed ? nullptr : value.if_object();
    const json::object *environment = init ? objectAt(*init, "environment") : nullptr;
    const json::object *context = init ? objectAt(*init, "context") : nullptr;
    const json::value *limit = init ? init->if_contains("response_bytes") : nullptr;
    if (!environment || !context || !limit || !limit->is_int64() || limit->get_int64() < 0)
        return std::nullopt;
    InitMessage message{.handler = textAt(*init, "handler"),
                        .code = textAt(*init, "code"),
                        .arn = textAt(*context, "invoked_function_arn"),
                        .responseLimit = std::size_t(limit->get_int64()),
                        .perWorker = countAt(*init, "per_worker"),
                        .environment = ownEnvironment()};
    for (const auto &[name, text] : *environment) {
        if (text.is_string())
            message.environment[std::string(name)] = std::string(text.get_string());
    }
    return message.code.starts_with('/') ? std::optional(std::move(message)) : std::nullopt;
}

} // namespace kiln::adapter
