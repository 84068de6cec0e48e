// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

namespace kiln {

/// What a function (or all) is doing just now.
struct LiveFigures
{
    double rate = 0;                  ///< Started invocations per second, over the last ten.
    double p50 = 0, p95 = 0, p99 = 0; ///< Milliseconds of total duration, over the last minute; 0 when none.
    double coldShare = 0;             ///< Not warm of the started, 0 … 1, over the last minute.
    std::uint64_t errors = 0;         ///< Over the last minute.
    std::array<float, 30> spark{};    ///< Started per second, the last thirty whole seconds, oldest first.
};

} // namespace kiln
