// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/load_plan_options.h"

#include "app/cli/event_argument.h"
#include "core/base/clock.h"
#include "core/base/duration.h"
#include "core/base/wall_time.h"
#include "core/model/setting_rules.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace kiln {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> wrong(const std::string &option, const std::string &message, const std::string &remedy = {})
{
    return fail(Error::Code::InvalidArgument, message, "--" + option, remedy);
}

Result<std::chrono::milliseconds> durationOf(const char *option, const std::string &text,
                                             std::chrono::milliseconds otherwise)
{
    if (text.empty())
        return otherwise;
    if (const auto duration = parseDuration(text))
        return *duration;
    return wrong(option, "Expected a duration such as 500ms, 30s or 5m, not \"" + text + "\"");
}

Result<std::optional<WallTime>> timeOf(const char *option, const std::string &text)
{
    if (text.empty())
        return std::optional<WallTime>();
    if (const auto time = parseIso8601(text))
        return time;
    if (const auto back = parseDuration(text))
        return std::optional<WallTime>(SystemClock().wall() - *back);
    return wrong(option, "Expected a time such as 2026-03-01T12:00:00Z, or 15m back from now, not \"" + text + "\"");
}

/// Options that say something about one pattern only, and which one that is.
Result<> checkBelonging(const LoadOptions &options, const std::string &pattern)
{
    const struct
    {
        const char *option;
        bool given;
        std::vector<const char *> patterns;
    } rules[] = {{"rate", options.rate.has_value(), {"constant", "ramp", "spike", "poisson"}},
                 {"to", options.to.has_value(), {"ramp"}},
                 {"peak", options.peak.has_value(), {"spike"}},
                 {"width", !options.width.empty(), {"spike"}},
                 {"since", !options.since.empty(), {"replay"}},
                 {"until", !options.until.empty(), {"replay"}},
                 {"speed", options.speed.has_value(), {"replay"}},
                 {"all", options.all, {"replay"}},
                 {"event", !options.events.empty(), {"constant", "ramp", "spike", "poisson", "closed"}},
                 {"think", !options.think.empty(), {"closed"}}};
    for (const auto &rule : rules) {
        if (!rule.given || std::find(rule.patterns.begin(), rule.patterns.end(), pattern) != rule.patterns.end())
            continue;
        if (rule.patterns.size() == 1)
            return wrong(rule.option,
                         std::string("This goes only with ") + (std::string(rule.patterns[0]) == "closed"
                                                                    ? "--closed"
                                                                    : "--pattern " + std::string(rule.patterns[0])));
        return wrong(rule.option, pattern == "closed"
                                      ? "--closed callers call as fast as they are answered: leave the rate out"
                                      : "A replay has its own times and events: leave this out");
    }
    return {};
}

Result<load::Shape> shapeOf(const LoadOptions &options, const std::string &pattern)
{
    if (pattern == "closed") {
        const auto think = durationOf("think", options.think, std::chrono::milliseconds(0));
        if (!think)
            return tl::make_unexpected(think.error());
        return load::Callers{*options.closed, *think};
    }
    if (pattern == "replay") {
        const auto since = timeOf("since", options.since);
        const auto until = timeOf("until", options.until);
        if (!since || !until)
            return tl::make_unexpected(!since ? since.error() : until.error());
        return load::Replay{options.all ? std::string() : options.function, *since, *until, options.speed.value_or(1)};
    }
    if (!options.rate)
        return wrong("rate", "This is needed: how many events a second", "or --closed N, or --pattern replay");
    if (pattern == "constant")
        return load::Constant{*options.rate};
    if (pattern == "poisson")
        return load::Poisson{*options.rate};
    if (pattern == "ramp") {
        if (!options.to)
            return wrong("to", "A ramp needs this: the rate at its end");
        return load::Ramp{*options.rate, *options.to};
    }
    if (!options.peak)
        return wrong("peak", "A spike needs this: the rate in the middle");
    const auto width = durationOf("width", options.width, std::chrono::milliseconds(1'000));
    if (!width)
        return tl::make_unexpected(width.error());
    return load::Spike{*options.rate, *options.peak, *width};
}

/// The file, as named or among the function's test events.
std::optional<fs::path> eventFile(const std::string &name, const fs::path &testEvents)
{
    std::error_code failed;
    for (const fs::path &place : {fs::path(name), testEvents / name, testEvents / (name + ".json")}) {
        if (fs::is_regular_file(place, failed))
            return place;
    }
    return std::nullopt;
}

Result<LoadEvent> eventOf(std::string text, const std::string &function, const fs::path &workspace)
{
    LoadEvent event{.function = function};
    if (text.find_first_of("{[\"") == 0) {
        event.name = text.substr(0, 40);
    } else {
        if (const auto equals = text.find('='); equals != std::string::npos && isFunctionName(text.substr(0, equals))) {
            event.function = text.substr(0, equals);
            text.erase(0, equals + 1);
        }
        if (const auto colon = text.rfind(':'); colon != std::string::npos) {
            const char *begin = text.data() + colon + 1, *end = text.data() + text.size();
            const auto [read, failed] = std::from_chars(begin, end, event.weight);
            if (failed != std::errc() || read != end)
                return wrong("event", "Expected a weight such as 3 or 0.5 after the colon, not \"" +
                                          text.substr(colon + 1) + "\"");
            text.erase(colon);
        }
        event.name = text;
        const auto file = eventFile(text, workspace / "functions" / event.function / "events");
        if (!file)
            return wrong("event", "There is no file \"" + text + "\", nor a test event of " + event.function +
                                      " with this name");
        text = file->string();
    }
    Result<std::string> bytes = readEvent(text);
    if (!bytes)
        return tl::make_unexpected(bytes.error());
    event.data = payload(std::move(*bytes));
    return event;
}

Result<std::string> patternOf(const LoadOptions &options)
{
    if (options.closed && options.pattern)
        return wrong("closed", "Callers that wait have no pattern: give --closed or --pattern");
    return options.closed ? "closed" : options.pattern.value_or("constant");
}

} // namespace

Result<LoadPlan> loadPlanOf(const LoadOptions &options, const fs::path &workspace)
{
    const Result<std::string> pattern = patternOf(options);
    if (!pattern)
        return tl::make_unexpected(pattern.error());
    const bool replay = *pattern == "replay";
    if (options.function.empty() && !options.all)
        return fail(Error::Code::InvalidArgument, "NAME is needed: the function", {}, "see \"kiln load --help\"");
    if (const Result<> belongs = checkBelonging(options, *pattern); !belongs)
        return tl::make_unexpected(belongs.error());
    LoadPlan plan;
    Result<load::Shape> shape = shapeOf(options, *pattern);
    const auto duration = durationOf("duration", options.duration, replay ? bounds::loadDuration.most : plan.duration);
    const auto patience = durationOf("patience", options.patience, plan.patience);
    if (!shape || !duration || !patience)
        return tl::make_unexpected(!shape ? shape.error() : !duration ? duration.error() : patience.error());
    plan.shape = std::move(*shape);
    plan.duration = *duration;
    plan.patience = *patience;
    plan.seed = options.seed.value_or(plan.seed);
    plan.maxInFlight = options.maxInFlight.value_or(plan.maxInFlight);
    for (const std::string &text : options.events) {
        Result<LoadEvent> event = eventOf(text, options.function, workspace);
        if (!event)
            return tl::make_unexpected(event.error());
        plan.events.push_back(std::move(*event));
    }
    if (plan.events.empty() && !replay)
        plan.events.push_back({.function = options.function});
    if (const auto problem = problemOf(plan))
        return wrong(problem->field, problem->message);
    return plan;
}

} // namespace kiln
