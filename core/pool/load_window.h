// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace kiln {

/// What a function had to do over the last minute, second by second: how many events were under way or waiting, and
/// how many came. Time is passed in and only goes forward.
class LoadWindow
{
public:
    static constexpr std::chrono::seconds longest{60};

    void level(Instant now, int inFlight); ///< From now on so many are under way or waiting.
    void arrived(Instant now);

    /// Means over this much of the past, or over all of it when there is less.
    [[nodiscard]] double concurrency(Instant now, std::chrono::seconds window);
    [[nodiscard]] double rate(Instant now, std::chrono::seconds window);

private:
    struct Second
    {
        std::int64_t at = -1;
        double inFlight = 0; ///< Times seconds.
        double arrived = 0;
    };

    Second &slot(std::int64_t second);
    void advance(Instant now);
    [[nodiscard]] double mean(Instant now, std::chrono::seconds window, double Second::*figure) const;

    std::array<Second, 64> m_seconds; ///< A ring.
    std::optional<Instant> m_began;
    Instant m_upTo{};
    int m_level = 0;
};

} // namespace kiln
