// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace kiln {

/// A point on the monotonic clock: for waiting and for measuring.
using Instant = std::chrono::steady_clock::time_point;
/// A point in civil time (UTC): for schedules and for showing.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Now, for everything that waits or records. Injected, so that a test or a simulation sets the time.
///
/// Both clocks may be read from any thread.
class Clock
{
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
};

/// The machine's own clocks.
class SystemClock final : public Clock
{
public:
    [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] WallTime wall() const override
    {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

} // namespace kiln
