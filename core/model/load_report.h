// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_plan.h"
#include "core/model/outcome.h"
#include "core/model/phases.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// Durations of many, in nanoseconds; all 0 when there were none.
struct LatencyFigures
{
    using Span = std::chrono::nanoseconds;
    std::uint64_t count = 0;
    Span mean{}, p50{}, p90{}, p95{}, p99{}, p999{}, max{};
};

/// What came of a load run, so far or at its end.
///
/// Of answers that a worker gave (not of throttled ones), the corrected latency counts from when an event was due, the
/// service time from when it was sent. They differ where it could not be sent in time: users would wait for the first.
/// A closed loop has no due times but its own, so there both are nearly the same and a stall is seen by few.
struct LoadReport
{
    using Span = std::chrono::nanoseconds;
    /// How much later than due an event may leave and still be called in time.
    static constexpr Span inTime = std::chrono::milliseconds(10);

    enum class State {
        Sending,
        Draining, ///< Nothing more is sent; answers are waited for.
        Ended,
    };
    enum class End {
        Whole,     ///< To the end of the plan.
        Stopped,   ///< By hand.
        Abandoned, ///< Who began it has not asked for it any more.
        Engine,    ///< The engine ended.
    };
    /// What went wrong, of one kind.
    struct ErrorKind
    {
        std::string outcome; ///< A word of Outcome, or "Refused": there was nothing to invoke.
        std::string type;    ///< "KeyError"; empty where the outcome says it all.
        std::string message; ///< Of the first one.
        std::uint64_t count = 0;
    };
    /// A stretch of the run, `interval` long. Latency is that of the events that were due in it.
    struct Interval
    {
        std::uint64_t due = 0;
        std::uint64_t sent = 0;
        std::uint64_t answered = 0; ///< In this stretch, as is what failed of them.
        std::uint64_t failed = 0;
        Span p50{}, p95{}, p99{}, max{}; ///< Corrected; 0 when no worker answered.
    };
    /// How many took from `from` up to, but not with, `to`.
    struct Bin
    {
        Span from{}, to{};
        std::uint64_t corrected = 0;
        std::uint64_t service = 0;
    };

    std::uint64_t run = 0; ///< Counted by the engine, from 1.
    LoadPlan plan;         ///< The events of a replay are not among its events.
    State state = State::Sending;
    End end = End::Whole;
    WallTime began;
    Span elapsed{};           ///< Of sending.
    Span planned{};           ///< How long it is to go on: the plan's duration, or a replay's own.
    std::uint64_t due = 0;    ///< Events whose time came …
    std::uint64_t sent = 0;   ///< … that were sent …
    std::uint64_t late = 0;   ///< … of which so many were held up by the bound on what is in flight …
    std::uint64_t behind = 0; ///< … and so many others left late, for the machine was busy …
    std::uint64_t unsent = 0; ///< … and at the end so many were never sent. They have no latency.
    Span lastSent{};          ///< From the begin on. Later than `elapsed` where the machine could not keep up.
    std::uint64_t answered = 0;
    Span lastAnswer{};          ///< From the begin on.
    std::uint64_t inFlight = 0; ///< Not answered yet; at the end: never, within the plan's patience.
    std::uint64_t refused = 0;  ///< Answered that there was nothing to invoke.
    std::array<std::uint64_t, outcomeCount> outcomes{}; ///< By Outcome, of the other answers.
    std::array<std::uint64_t, 4> starts{};              ///< By Start, of those that had a worker.
    LatencyFigures corrected;
    LatencyFigures service;
    std::array<LatencyFigures, 6> phases; ///< By Phases::names, each of the invocations that had it.
    std::vector<ErrorKind> errors;        ///< Most frequent first, a few.
    std::uint64_t otherErrors = 0;        ///< Of kinds not among them.
    Span interval{};
    std::vector<Interval> timeline; ///< From the begin on, without gaps; a few hundred at most.
    std::vector<Bin> histogram;     ///< Lowest first; those in which nothing lies are left out.

    /// Answers that are not Ok, refusals too.
    [[nodiscard]] std::uint64_t failed() const { return answered - outcomes[std::size_t(Outcome::Ok)]; }
    /// Per cent of the answers, 0 … 100. What was never answered counts as failed once the run has ended.
    [[nodiscard]] double failedPercent() const
    {
        const std::uint64_t lost = state == State::Ended ? inFlight : 0;
        return answered + lost == 0 ? 0 : 100 * double(failed() + lost) / double(answered + lost);
    }
    [[nodiscard]] double dueRate() const { return perSecond(due, elapsed); } ///< Asked for.
    /// Achieved: what was sent after its time is no faster for it.
    [[nodiscard]] double sentRate() const { return perSecond(sent, std::max(elapsed, lastSent)); }
    [[nodiscard]] double answeredRate() const { return perSecond(answered, std::max(elapsed, lastAnswer)); }

private:
    [[nodiscard]] static double perSecond(std::uint64_t count, Span time)
    {
        return time.count() > 0 ? double(count) / std::chrono::duration<double>(time).count() : 0;
    }
};
using LoadReportPtr = std::shared_ptr<const LoadReport>;

[[nodiscard]] constexpr std::string_view toWord(LoadReport::State state)
{
    return state == LoadReport::State::Sending    ? "sending"
           : state == LoadReport::State::Draining ? "draining"
                                                  : "ended";
}
[[nodiscard]] constexpr std::string_view toWord(LoadReport::End end)
{
    return end == LoadReport::End::Whole       ? "whole"
           : end == LoadReport::End::Stopped   ? "stopped"
           : end == LoadReport::End::Abandoned ? "abandoned"
                                               : "engine";
}

} // namespace kiln
