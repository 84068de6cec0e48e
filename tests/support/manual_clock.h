// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <atomic>

namespace kiln::test {

/// A clock that stands still until told: both times move together. Read from any thread, set from one.
class ManualClock final : public Clock
{
public:
    [[nodiscard]] Instant now() const override { return m_now; }
    [[nodiscard]] WallTime wall() const override { return m_wall; }

    void advance(std::chrono::nanoseconds by)
    {
        m_now = m_now.load() + by;
        m_wall = m_wall.load() + std::chrono::duration_cast<std::chrono::microseconds>(by);
    }
    void setWall(WallTime wall) { m_wall = wall; } ///< As when an administrator sets the clock.

private:
    std::atomic<Instant> m_now{Instant(std::chrono::hours(1))};
    std::atomic<WallTime> m_wall{WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1))};
};

} // namespace kiln::test
