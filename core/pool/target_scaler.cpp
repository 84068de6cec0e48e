// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/target_scaler.h"

#include <algorithm>
#include <cmath>

namespace kiln {

double TargetScaler::meanOver(Instant now, std::chrono::seconds window)
{
    return m_target.measure == ScaleTarget::Measure::Rate ? m_load.rate(now, window) : m_load.concurrency(now, window);
}

TargetScaler::Decision TargetScaler::decide(Instant now, int ready)
{
    constexpr double most = 1e6;
    constexpr double rounding = 1e-6; ///< Of a worker: what is a whole number but for the sum's last digits is one.
    const double there = std::max(1, ready);
    const double leastLeft = std::floor(there / fastestDown);
    const double stable = meanOver(now, stableWindow);
    const double panic = meanOver(now, panicWindow);
    const double stableWants = std::clamp(std::ceil(stable / m_target.value - rounding), leastLeft, most);
    const double panicNeeds = std::ceil(panic / m_target.value - rounding);
    const double panicWants = std::clamp(panicNeeds, leastLeft, most);

    const bool needed = panicNeeds / there >= panicThreshold;
    if (needed) {
        m_panic = now;
    } else if (m_panic && *m_panic + stableWindow < now) {
        m_panic.reset();
        m_mostInPanic = 0;
    }
    if (!m_panic)
        return {.workers = int(stableWants), .load = stable, .panic = false};
    m_mostInPanic = std::max({m_mostInPanic, int(stableWants), int(panicWants), ready});
    return {.workers = m_mostInPanic, .load = std::max(stable, panic), .panic = true};
}

} // namespace kiln
