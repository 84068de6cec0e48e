// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

namespace kiln {

/// Which of several workers with room takes the next event.
enum class Balance {
    MostRecent,  ///< The one that was used last, until it is full: the others can age out.
    RoundRobin,  ///< Each in turn.
    LeastLoaded, ///< The one with the fewest events under way; of those the one that has served the fewest.
};

/// How fast a function's workers may grow in number: so many at once, and as many again evenly over `per`. The
/// defaults are AWS Lambda's concurrency scaling rate.
struct BurstLimit
{
    int workers = 1'000;
    std::chrono::milliseconds per = std::chrono::seconds(10);
    bool operator==(const BurstLimit &) const = default;
};

/// How much each worker should have to do on average, as Knative's autoscaler is told.
struct ScaleTarget
{
    enum class Measure {
        Concurrency, ///< Events under way or waiting, per worker.
        Rate,        ///< Events a second, per worker.
    };
    Measure measure = Measure::Concurrency;
    double value = 1;
    bool operator==(const ScaleTarget &) const = default;
};

/// How many workers a function has, and who waits for one.
struct Concurrency
{
    int max = 20;     ///< Workers of one function at once.
    int queue = 1000; ///< Events that may wait for one; more are Throttled.
    int min = 0;      ///< Workers kept ready whether or not events come; reserved for it within the workspace's budget.
    std::optional<std::chrono::milliseconds> queueAge{}; ///< A caller who waits longer is Throttled; absent: never.
    Balance balance = Balance::MostRecent;
    std::optional<BurstLimit> burst{};   ///< Absent: as fast as they can be made.
    std::optional<ScaleTarget> target{}; ///< Absent: as many starts as those who wait fill.
    int perWorker = 1;                   ///< Events that one worker may have under way at once.
    bool operator==(const Concurrency &) const = default;
};

/// How long an idle worker waits for its next invocation.
struct KeepWarm
{
    enum class Policy {
        Fixed,
        Adaptive, ///< By when events came so far, what a start costs and what waiting holds.
    };
    Policy policy = Policy::Fixed;
    std::chrono::milliseconds time = std::chrono::minutes(5); ///< Adaptive: until enough events have come.
    bool operator==(const KeepWarm &) const = default;
};

/// What all functions of a workspace share.
struct WorkspaceScaling
{
    int workers = 1'000; ///< At once, of all functions together.
    bool operator==(const WorkspaceScaling &) const = default;
};

/// How a function's workers are scaled: all of it in one value.
struct ScalePolicy
{
    Concurrency concurrency;
    KeepWarm keepWarm;
    bool operator==(const ScalePolicy &) const = default;
};

} // namespace kiln
