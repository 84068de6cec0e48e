// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/phases.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// What one function (or all) did in one second. Durations are in milliseconds, 0 when nothing ended in it.
struct MetricSecond
{
    std::uint32_t warm = 0; ///< Started invocations, by how their worker came about …
    std::uint32_t parked = 0;
    std::uint32_t zygote = 0;
    std::uint32_t cold = 0;
    std::uint32_t errors = 0;          ///< … of which ended in an error …
    std::uint32_t throttled = 0;       ///< … and those that never started.
    float p50 = 0, p95 = 0, p99 = 0;   ///< Of total duration.
    std::array<float, 6> coldPhases{}; ///< Mean of each phase over the not-warm ones, in the order of Phases::names.

    /// Workers at the fullest moment of the second; a limit of 0: nobody looked.
    std::uint16_t busy = 0, idle = 0, starting = 0, workerLimit = 0;

    [[nodiscard]] std::uint32_t invocations() const { return warm + parked + zygote + cold; }
};

/// Sixty seconds, beginning at a multiple of 60 of Unix time. Immutable once published.
using MetricMinute = std::array<MetricSecond, 60>;

/// The recent past of one function at one-second resolution: shared, immutable chunks, oldest first. Minutes in which
/// nothing happened are absent.
struct MetricSeries
{
    struct Chunk
    {
        std::int64_t minute = 0; ///< Unix time / 60.
        std::shared_ptr<const MetricMinute> seconds;
    };
    std::vector<Chunk> chunks;
};

/// All series of a moment; the key "" sums all functions.
struct MetricsView
{
    std::int64_t upTo = 0; ///< The last whole second in it, Unix time.
    std::map<std::string, MetricSeries> functions;
};

} // namespace kiln
