// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/model/scaling.h"
#include "core/pool/arrival_histogram.h"

#include <chrono>

namespace kiln {

/// What a worker of a function costs.
struct WorkerCost
{
    std::chrono::nanoseconds start{}; ///< From asked for to ready: what a caller would wait.
    ByteSize memory;                  ///< Held while it waits.
};

/// The time for which keeping an idle worker costs least over all gaps seen: each moment that it waits holds its
/// memory, each gap that it does not outlast makes a caller wait for a start. A second of a caller's waiting counts as
/// much as `worth` of memory held for a second.
///
/// Until some gaps are known, or when most are longer than the histogram reaches, it is the fixed time.
[[nodiscard]] std::chrono::milliseconds keepAliveOf(const KeepWarm &keep, const ArrivalHistogram &gaps,
                                                    const WorkerCost &cost);

namespace keep_alive {

inline constexpr ByteSize worth{64LL * 1024 * 1024 * 1024};
inline constexpr std::uint32_t fewestGaps = 8;
inline constexpr std::chrono::milliseconds shortest{1'000}; ///< Less would start anew within one burst.

} // namespace keep_alive

} // namespace kiln
