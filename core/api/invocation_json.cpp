// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/invocation_json.h"

#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/base/wall_time.h"

#include <boost/json.hpp>

namespace kiln {

namespace json = boost::json;

namespace {

double milliseconds(Phases::Span span) { return std::chrono::duration<double, std::milli>(span).count(); }

std::string_view toWord(LogLevel level)
{
    switch (level) {
    case LogLevel::Trace: return "TRACE";
    case LogLevel::Debug: return "DEBUG";
    case LogLevel::Info: return "INFO";
    case LogLevel::Warn: return "WARN";
    case LogLevel::Error: return "ERROR";
    case LogLevel::Fatal: return "FATAL";
    case LogLevel::System: return "SYSTEM";
    }
    return "INFO";
}

json::object lineJson(const LogLine &line)
{
    return {{"time", toIso8601(line.time)}, {"level", toWord(line.level)}, {"text", line.text}};
}

/// The response as JSON where it is JSON, else as text; bytes that are not text also go as they are, in base 64.
void putResponse(json::object &object, const std::string &bytes)
{
    json::parse_options options;
    options.max_depth = 512;
    boost::system::error_code failed;
    json::value value = json::parse(bytes, failed, {}, options);
    if (!failed) {
        object["response"] = std::move(value);
        return;
    }
    object["response"] = bytes.empty() ? json::value(nullptr) : json::value(toUtf8(bytes));
    if (!isUtf8(bytes))
        object["response_base64"] = toBase64(bytes);
}

json::value errorJson(const FunctionError &error)
{
    if (!error)
        return nullptr;
    return {{"type", error.type}, {"message", error.message}, {"stack", json::value_from(error.stack)}};
}

} // namespace

json::object toJson(const Invocation &invocation, IncludeLogs logs)
{
    json::object phases;
    const auto spans = invocation.phases.spans();
    for (std::size_t i = 0; i < spans.size(); ++i)
        phases[Phases::names[i]] = milliseconds(spans[i]);
    json::array denied;
    for (const Refusal &refusal : invocation.denied)
        denied.push_back(
            {{"what", refusal.what}, {"target", refusal.target}, {"grant", refusal.grant}, {"place", refusal.place}});

    json::object object{{"id", invocation.id.text()},
                        {"event_id", invocation.event.id},
                        {"function", invocation.revision->settings.name},
                        {"revision", invocation.revision->hash},
                        {"trigger", invocation.triggerKind},
                        {"attempt", invocation.attempt},
                        {"time", toIso8601(invocation.accepted)},
                        {"outcome", toWord(invocation.outcome)},
                        {"error", errorJson(invocation.error)}};
    putResponse(object, *invocation.response);
    object["start"] = toWord(invocation.start);
    object["cold"] = invocation.start != Start::Warm;
    object["denied"] = std::move(denied);
    object["phases_ms"] = std::move(phases);
    object["duration_ms"] = milliseconds(invocation.phases.total());
    object["billed_ms"] = invocation.billed().count();
    object["max_memory_mb"] = invocation.usage.maxMemory.megabytes();
    object["tier"] = toWord(invocation.tier);
    if (logs == IncludeLogs::Yes) {
        json::array lines;
        for (const LogLine &line : invocation.logs)
            lines.push_back(lineJson(line));
        object["logs"] = std::move(lines);
        object["logs_cut"] = invocation.logsCut;
    }
    return object;
}

json::object toJson(const LogEntry &entry)
{
    json::object object = lineJson(entry.line);
    object["function"] = entry.function;
    object["invocation"] = entry.invocation.text();
    return object;
}

json::object toJson(const MetricsSummary &summary)
{
    return {{"invocations", summary.invocations},
            {"errors", summary.errors},
            {"throttles", summary.throttles},
            {"cold_starts", summary.coldStarts},
            {"duration_ms", {{"p50", summary.p50}, {"p95", summary.p95}, {"p99", summary.p99}}}};
}

json::object toJson(const GrantUse &use)
{
    return {{"grant", use.grant},
            {"visible", use.visible},
            {"invocations", use.seen},
            {"used", use.used},
            {"last_used", use.lastUsed ? json::value(toIso8601(*use.lastUsed)) : json::value()},
            {"least", json::array(use.least.begin(), use.least.end())}};
}

GrantUse grantUseFromJson(const json::object &object)
{
    GrantUse use;
    const auto text = [](const json::value *value) {
        return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    const auto number = [&](const char *key) {
        const json::value *value = object.if_contains(key);
        json::error_code failed;
        return value && value->is_number() ? value->to_number<std::uint64_t>(failed) : 0;
    };
    use.grant = text(object.if_contains("grant"));
    if (const json::value *visible = object.if_contains("visible"); visible && visible->is_bool())
        use.visible = visible->get_bool();
    use.seen = number("invocations");
    use.used = number("used");
    use.lastUsed = parseIso8601(text(object.if_contains("last_used")));
    if (const json::value *least = object.if_contains("least"); least && least->is_array())
        for (const json::value &each : least->get_array())
            use.least.push_back(text(&each));
    return use;
}

} // namespace kiln
