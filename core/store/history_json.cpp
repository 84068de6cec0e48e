// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_json.h"

#include "core/base/utf8.h"

#include <boost/json.hpp>

namespace kiln {

namespace json = boost::json;

namespace {

/// What a function said may be any bytes; JSON must be UTF-8.
json::string text(std::string_view bytes) { return isUtf8(bytes) ? json::string(bytes) : json::string(toUtf8(bytes)); }

std::string stringAt(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    const json::string *found = value ? value->if_string() : nullptr;
    return found ? std::string(*found) : std::string();
}

std::int64_t numberAt(const json::object &object, std::string_view key, std::int64_t otherwise)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_int64() ? value->get_int64() : otherwise;
}

} // namespace

std::string toJson(const FunctionError &error)
{
    json::array stack;
    for (const std::string &frame : error.stack)
        stack.emplace_back(text(frame));
    return json::serialize(
        json::object{{"type", text(error.type)}, {"message", text(error.message)}, {"stack", std::move(stack)}});
}

std::string toJson(const std::vector<Refusal> &denied)
{
    json::array list;
    for (const Refusal &refusal : denied) {
        list.emplace_back(json::object{{"what", text(refusal.what)},
                                       {"target", text(refusal.target)},
                                       {"grant", text(refusal.grant)},
                                       {"place", text(refusal.place)}});
    }
    return json::serialize(list);
}

std::string toJson(const FunctionSettings &settings)
{
    return json::serialize(json::object{{"name", text(settings.name)},
                                        {"runtime", toWord(settings.runtime.language)},
                                        {"version", text(settings.runtime.version)},
                                        {"handler", text(settings.handler)},
                                        {"memory", settings.limits.memory.count},
                                        {"timeout_ms", std::int64_t(settings.limits.timeout.count())}});
}

FunctionError functionErrorFromJson(std::string_view bytes)
{
    boost::system::error_code failed;
    const json::value value = json::parse(bytes, failed);
    if (failed || !value.is_object())
        return {"Kiln.Unreadable", "what history holds of this error cannot be read", {}};
    FunctionError error{stringAt(value.get_object(), "type"), stringAt(value.get_object(), "message"), {}};
    const json::value *stack = value.get_object().if_contains("stack");
    if (const json::array *frames = stack ? stack->if_array() : nullptr) {
        for (const json::value &frame : *frames) {
            if (const json::string *line = frame.if_string())
                error.stack.emplace_back(*line);
        }
    }
    return error;
}

std::vector<Refusal> refusalsFromJson(std::string_view bytes)
{
    boost::system::error_code failed;
    const json::value value = json::parse(bytes, failed);
    if (failed || !value.is_array())
        return {{"unreadable", "what history holds of this refusal cannot be read", {}, {}}};
    std::vector<Refusal> denied;
    for (const json::value &item : value.get_array()) {
        if (const json::object *one = item.if_object())
            denied.push_back(
                {stringAt(*one, "what"), stringAt(*one, "target"), stringAt(*one, "grant"), stringAt(*one, "place")});
    }
    return denied;
}

void readSettings(std::string_view bytes, FunctionSettings &settings)
{
    boost::system::error_code failed;
    const json::value value = json::parse(bytes, failed);
    if (failed || !value.is_object())
        return;
    const json::object &object = value.get_object();
    settings.runtime.language = languageFromWord(stringAt(object, "runtime")).value_or(Language::Python);
    settings.runtime.version = stringAt(object, "version");
    settings.handler = stringAt(object, "handler");
    settings.limits.memory.count = numberAt(object, "memory", settings.limits.memory.count);
    settings.limits.timeout =
        std::chrono::milliseconds(numberAt(object, "timeout_ms", settings.limits.timeout.count()));
}

} // namespace kiln
