// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/payload.h"
#include "core/model/setting_rules.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kiln {

/// An event that a load run fires, and how often beside the others.
struct LoadEvent
{
    std::string function = {};
    std::string name = "{}"; ///< For people: its file's.
    Payload data = payload("{}");
    std::string type = "kiln.manual"; ///< And the following: CloudEvents attributes.
    std::string subject = {};
    std::string contentType = "application/json";
    double weight = 1; ///< Its share is this over the sum of all.
};

/// How the sendings of a load run lie in time. Rates are per second.
///
/// All but Callers are open loops: events are due when the shape says so, whether those before were answered or not.
namespace load {

struct Constant
{
    double rate = 10;
    bool operator==(const Constant &) const = default;
};
/// Rises (or falls) steadily over the run.
struct Ramp
{
    double from = 0;
    double to = 0;
    bool operator==(const Ramp &) const = default;
};
/// A higher rate for a while in the middle of the run.
struct Spike
{
    double base = 0;
    double peak = 0;
    std::chrono::milliseconds width{1'000};
    bool operator==(const Spike &) const = default;
};
/// Independent of each other, as those of many users: gaps are exponentially distributed.
struct Poisson
{
    double rate = 10;
    bool operator==(const Poisson &) const = default;
};
/// What happened once, at its own times: the events in history, attempts after the first left out.
struct Replay
{
    std::string function = {}; ///< Empty: of all functions.
    std::optional<WallTime> since = {};
    std::optional<WallTime> until = {};
    double speed = 1; ///< 2 is twice as fast.
    bool operator==(const Replay &) const = default;
};
/// A closed loop: each caller waits for its answer, thinks, and calls again.
struct Callers
{
    int count = 1;
    std::chrono::milliseconds think{0};
    bool operator==(const Callers &) const = default;
};

using Shape = std::variant<Constant, Ramp, Spike, Poisson, Replay, Callers>;

[[nodiscard]] std::string_view wordOf(const Shape &shape); ///< "constant", …, "closed".

} // namespace load

/// A load run as it is asked for: what, how fast, for how long.
struct LoadPlan
{
    load::Shape shape = {};
    std::chrono::milliseconds duration{10'000}; ///< Of sending; a replay ends with its last event, if that is sooner.
    std::vector<LoadEvent> events = {};         ///< Not for a replay, which brings its own.
    std::uint64_t seed = 1;                     ///< The same seed sends the same events at the same times.
    int maxInFlight = 2'000;                    ///< What is due while so many wait for an answer is sent late.
    std::chrono::milliseconds patience{30'000}; ///< How long answers are waited for after the last sending.
    /// Ends by itself when nobody has asked for its report for so long (whoever began it is gone); 0: goes on.
    std::chrono::milliseconds abandonedAfter{0};
};

namespace bounds {

inline constexpr Bounds<double> loadRate{0.01, 100'000};
inline constexpr Bounds<Duration> loadDuration{100ms, 24h};
inline constexpr Bounds<Duration> loadPatience{0ms, 15min};
inline constexpr Bounds<Duration> loadThink{0ms, 1h};
inline constexpr Bounds<int> loadCallers{1, 10'000};
inline constexpr Bounds<int> loadInFlight{1, 100'000};
inline constexpr Bounds<double> loadSpeed{0.01, 1'000};
inline constexpr Bounds<double> loadWeight{0.001, 1'000'000};
inline constexpr std::size_t loadEvents = 100;               ///< Different ones in a mix.
inline constexpr std::uint64_t loadSendings = 1'000'000'000; ///< Of a run.
inline constexpr std::size_t loadEventBytes = 16U << 20;     ///< Of a mix, all together.

} // namespace bounds

/// What is wrong with a plan: which part of it, and what it may be instead.
struct LoadPlanProblem
{
    std::string field;   ///< As the command's option is called: "rate", "duration", "peak", "event", …
    std::string message; ///< "Expected 0.01 to 100,000 per second"
};

/// The first thing wrong with the plan; nullopt when it can be run (if its functions are there).
[[nodiscard]] std::optional<LoadPlanProblem> problemOf(const LoadPlan &plan);

/// How many events an open loop of this plan is going to send, about; 0 where nobody can know.
[[nodiscard]] double expectedSendings(const LoadPlan &plan);

} // namespace kiln
