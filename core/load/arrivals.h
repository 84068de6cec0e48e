// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_plan.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <variant>
#include <vector>

namespace kiln {

/// One event of a load run: when it is due, from the run's begin on, and which of the events it is.
struct Arrival
{
    std::chrono::nanoseconds at{};
    std::size_t event = 0;
    bool operator==(const Arrival &) const = default;
};

/// The events of a replay with their times, oldest first. Shared, immutable.
using ArrivalScript = std::shared_ptr<const std::vector<Arrival>>;

/// When the events of an open loop are due: a sequence in time, made as it is asked for, so that its length costs
/// nothing. Knows no clock; a copy goes on as the original would. Any thread, one at a time.
///
/// Where the rate is constant for a stretch, the k-th event of it is due at k / rate. Along a ramp from r0 to r1 over
/// D, N(t) = r0 t + (r1 - r0) t² / 2D events are due before t, and the i-th at the t with N(t) = i.
class Arrivals
{
public:
    /// Of a plan without problems. A replay takes its events from the script, which must not be null then; a closed
    /// loop has none (its callers decide), but chooses events all the same.
    explicit Arrivals(const LoadPlan &plan, ArrivalScript script = nullptr);

    /// The next one, never earlier than the one before; nullopt once the run is over.
    [[nodiscard]] std::optional<Arrival> next();

    /// Which of the plan's events comes next, by their weights. Part of `next`; for callers of a closed loop.
    [[nodiscard]] std::size_t chooseEvent();

private:
    using Span = std::chrono::nanoseconds;

    [[nodiscard]] std::optional<double> secondsOf(std::uint64_t index);
    [[nodiscard]] double share(std::mt19937_64 &random) const;

    load::Shape m_shape;
    Span m_duration;
    ArrivalScript m_script;
    std::vector<double> m_weights; ///< Summed up.
    std::mt19937_64 m_choice;      ///< Not that of the gaps: another mix must not move the times.
    std::mt19937_64 m_gaps;
    double m_poisson = 0; ///< Seconds, of the last one.
    std::uint64_t m_index = 0;
};

} // namespace kiln
