// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

namespace kiln::test {

/// A clock that stands still until told: both times move together.
class ManualClock final : public Clock
{
public:
    [[nodiscard]] Instant now() const override { return m_now; }
    [[nodiscard]] WallTime wall() const override { return m_wall; }

    void advance(std::chrono::nanoseconds by)
    {
        m_now += by;
        m_wall += std::chrono::duration_cast<std::chrono::microseconds>(by);
    }
    void setWall(WallTime wall) { m_wall = wall; } ///< As when an administrator sets the clock.

private:
    Instant m_now{std::chrono::hours(1)};
    WallTime m_wall{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
};

} // namespace kiln::test
