// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/metrics/function_record.h"
#include "core/metrics/live_figures.h"
#include "core/model/invocation.h"
#include "core/model/invocation_figures.h"
#include "core/model/metric_series.h"
#include "core/model/scale_event.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kiln {

/// Counts what ended, second by second, per function and for all (""). Engine thread only; memory is bounded.
///
/// An invocation belongs to the second in which it is recorded, of the wall clock. When that clock is set back by more
/// than a few seconds, what was recorded later than the new time is dropped; a smaller step waits in the last second.
class Recorder
{
public:
    explicit Recorder(const Clock &clock); ///< The clock must outlive it.

    void record(const Invocation &invocation);
    /// An event came out of a trigger, named by its function and its place among the function's triggers.
    void recordEvent(const std::string &function, std::size_t trigger);

    /// How the workers of a function (or, "", of all) stood at the fullest moment of about the last second. While there
    /// are none nothing is kept.
    void recordWorkers(const std::string &function, const WorkerCounts &counts);

    /// Takes over the past, so that charts are not empty after a restart; once, in any order. History answers while
    /// invocations end already: those keep their places, and of the past only what lies before the first of them is
    /// taken. Ignored when thousands have ended by then.
    void seed(std::vector<InvocationFigures> past);

    /// All series up to the last whole second. The same object until another second was closed.
    [[nodiscard]] std::shared_ptr<const MetricsView> publish();
    [[nodiscard]] LiveFigures live(const std::string &function); ///< "" is all.
    [[nodiscard]] double eventRate(const std::string &function,
                                   std::size_t trigger) const; ///< Over the last ten seconds.

private:
    struct EventRate
    {
        std::int64_t last = 0; ///< The second of counts[last % size].
        std::array<std::uint32_t, 16> counts{};
    };
    struct Moment
    {
        std::int64_t second = 0;
        double partial = 0; ///< Of the second, 0 … 1.
    };

    [[nodiscard]] Moment now();
    struct Early
    {
        InvocationFigures figures;
        std::int64_t second = 0;
    };

    void take(const InvocationFigures &figures, std::int64_t second);
    void forgetAll();
    FunctionRecord &recordOf(const std::string &function);

    const Clock &m_clock;
    std::int64_t m_second = 0; ///< The latest seen.
    std::unordered_map<std::string, std::unique_ptr<FunctionRecord>> m_functions;
    FunctionRecord *m_all = nullptr;
    std::vector<Early> m_early; ///< Recorded before the past came.
    bool m_seedable = true;
    std::unordered_map<std::string, EventRate> m_events; ///< By function, NUL, index.
    std::shared_ptr<const MetricsView> m_published;
};

} // namespace kiln
