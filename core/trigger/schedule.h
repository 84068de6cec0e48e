// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/model/trigger.h"
#include "core/trigger/cron.h"
#include "core/trigger/zone.h"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kiln {

/// `rate(5 minutes)`: at even distances, whatever the clocks on the wall do.
struct Rate
{
    std::chrono::minutes period{1};
    /// Runs are at anchor + n × period. Without one each run is a period after the time asked for.
    std::optional<WallTime> anchor;

    /// As EventBridge takes it: a whole number from 1, minute(s), hour(s) or day(s); 1 with the singular.
    [[nodiscard]] static Result<Rate> parse(std::string_view text);
};

/// When a schedule trigger fires: a cron expression in a timezone, or a rate.
///
/// Where local time jumps, a cron expression with chosen hours keeps to what a person means: a run whose local time
/// is skipped happens once, right after the gap (several skipped ones together); a run whose local time comes twice
/// happens at the first. An expression for every hour keeps its rhythm instead: it runs whenever the local clock
/// shows a fitting minute, so `*/15 * * * *` runs every 15 minutes of real time through both changes.
///
/// A plain value; any thread.
class Schedule
{
public:
    [[nodiscard]] static Result<Schedule> parse(const ScheduleTrigger &trigger);

    /// The first run later than `after`.
    [[nodiscard]] std::optional<WallTime> next(WallTime after) const;
    /// The first `count` runs later than `after`.
    [[nodiscard]] std::vector<WallTime> nextRuns(WallTime after, int count) const;

    /// From when a rate counts its periods; without effect on cron expressions.
    void setAnchor(WallTime anchor);

    /// In words: "every day at 02:00 Europe/Berlin", "every 5 minutes".
    [[nodiscard]] std::string description() const;

private:
    struct ZonedCron
    {
        Cron cron;
        Zone zone;
    };
    explicit Schedule(std::variant<Rate, ZonedCron> rule)
        : m_rule(std::move(rule))
    {}

    std::variant<Rate, ZonedCron> m_rule;
};

/// What is wrong with a schedule trigger, for whoever checks settings; absent when nothing is.
[[nodiscard]] std::optional<std::string> validateSchedule(const ScheduleTrigger &trigger);

/// A cron expression in words, without its timezone.
[[nodiscard]] std::string describe(const Cron &cron);

} // namespace kiln
