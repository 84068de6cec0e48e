// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <deque>

namespace kiln {

/// How many prepared processes of one kind are worth keeping: as many as were asked for within one second at the worst
/// in the last minutes, since a refill takes longer than a burst lasts.
class ParkedDemand
{
public:
    static constexpr int least = 1; ///< Of a kind that is in use at all.
    static constexpr int most = 32;

    void taken(Instant now);
    [[nodiscard]] int wanted(Instant now);

private:
    struct Second
    {
        Instant begin;
        int count;
    };
    std::deque<Second> m_seconds; ///< With takes in them, oldest first.
};

} // namespace kiln
