// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/histogram.h"
#include "core/metrics/live_figures.h"
#include "core/model/invocation_figures.h"
#include "core/model/metric_series.h"
#include "core/model/scale_event.h"

#include <array>
#include <deque>
#include <memory>

namespace kiln {

/// One function's (or all functions') last hour, second by second, and last minute in full. Engine thread.
///
/// Time only goes forward here: the recorder turns a clock that was set back into `forget`.
class FunctionRecord
{
public:
    static constexpr int minutesKept = 60;

    /// Counts an invocation that ended in this second of Unix time, no earlier than any before it.
    void record(const InvocationFigures &figures, std::int64_t second);
    /// Workers, in this second; the fullest moment of several stays. Nothing is kept while there are none, but the
    /// first time that there are none.
    void recordWorkers(const WorkerCounts &counts, std::int64_t second);
    /// Closes all seconds before this one.
    void advance(std::int64_t second);
    /// Drops all of this second and later.
    void forget(std::int64_t second);

    /// Whole seconds only; chunks that did not change since the last call are the same objects.
    [[nodiscard]] const MetricSeries &series();
    /// `partial`: how much of the second has passed, 0 … 1.
    [[nodiscard]] LiveFigures live(std::int64_t second, double partial);
    [[nodiscard]] std::int64_t lastActive() const { return m_lastActive; }

private:
    /// One second in full, for the figures of the last minute.
    struct Second
    {
        std::int64_t at = -1; ///< Which one; -1 when unused.
        Histogram durations;
        std::uint32_t started = 0;
        std::uint32_t notWarm = 0;
        std::uint32_t errors = 0;
        std::uint32_t throttled = 0;
        std::array<std::uint32_t, 4> starts{}; ///< By Start.
        std::array<double, 6> coldPhases{};    ///< Sums over the not warm, ms.
        WorkerCounts workers{};
    };
    struct Minute
    {
        std::int64_t minute = 0;
        std::shared_ptr<MetricMinute> seconds; ///< Written to only while nobody else holds it.
    };

    Second &opened(std::int64_t second);
    [[nodiscard]] Second &slot(std::int64_t second) { return m_seconds[std::size_t(second % 64)]; }
    void close(const Second &second);
    MetricSecond &secondOf(std::int64_t second);
    void dropOldMinutes(std::int64_t second);

    std::array<Second, 64> m_seconds; ///< A ring; more than sixty, so that the last minute is whole.
    std::deque<Minute> m_minutes;     ///< Oldest first; minutes in which nothing happened are absent.
    MetricSeries m_series;
    bool m_seriesStale = true;
    std::int64_t m_open = -1; ///< The second not closed yet; -1 when none is.
    std::int64_t m_lastActive = 0;
    bool m_hadWorkers = false;
    Histogram m_closedMinute; ///< Of the 59 seconds before m_mergedFor.
    std::int64_t m_mergedFor = -1;
};

} // namespace kiln
