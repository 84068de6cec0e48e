// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/trigger_text.h"

namespace kiln {

namespace {

/// Always in quotes, as cron's "*" would else be an alias.
std::string scheduleText(const ScheduleTrigger &schedule)
{
    const std::string text = quoteYaml(schedule.expression);
    return text.starts_with('"') ? text : "\"" + text + "\"";
}

/// Plain in a block, where braces are just characters.
std::string routeText(const HttpTrigger &http)
{
    const std::string text = http.method + " " + http.path;
    return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 /{}+-._~") ==
                   std::string::npos
               ? text
               : quoteYaml(text);
}

} // namespace

YamlItem triggerItem(const Trigger &trigger)
{
    struct Writer
    {
        YamlItem operator()(const HttpTrigger &http) const
        {
            return {"{http: " + quoteYaml(http.method + " " + http.path) + "}", {"http: " + routeText(http)}};
        }
        YamlItem operator()(const UrlTrigger &) const { return {"{url: {auth: none}}", {"url: {auth: none}"}}; }
        YamlItem operator()(const ScheduleTrigger &schedule) const
        {
            const std::string expression = "schedule: " + scheduleText(schedule);
            if (schedule.timezone == "UTC")
                return {"{" + expression + "}", {expression}};
            const std::string zone = "timezone: " + quoteYaml(schedule.timezone);
            return {"{" + expression + ", " + zone + "}", {expression, zone}};
        }
    };
    return std::visit(Writer{}, trigger);
}

Result<std::string> rewriteTrigger(std::string_view text, std::size_t index, const Trigger &from, const Trigger &to)
{
    const std::string item = std::to_string(index);
    if (from.index() != to.index())
        return replaceYaml(text, "triggers", index, triggerItem(to));
    if (const auto *http = std::get_if<HttpTrigger>(&to))
        return setYaml(text, {"triggers", item, "http"}, quoteYaml(http->method + " " + http->path));
    const auto *schedule = std::get_if<ScheduleTrigger>(&to);
    if (!schedule)
        return std::string(text);

    const auto &old = std::get<ScheduleTrigger>(from);
    Result<std::string> result = std::string(text);
    if (schedule->expression != old.expression)
        result = setYaml(*result, {"triggers", item, "schedule"}, scheduleText(*schedule));
    if (!result || schedule->timezone == old.timezone)
        return result;
    if (schedule->timezone == "UTC")
        return removeYaml(*result, {"triggers", item, "timezone"});
    return setYaml(*result, {"triggers", item, "timezone"}, quoteYaml(schedule->timezone));
}

} // namespace kiln
