// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace kiln {

/// How long it was from one event of a function to the next, as a histogram of geometric bins: a gap of seconds is
/// known as precisely as one of hours. The older the gaps, the less they count, so a function that changes its ways is
/// followed. After Shahrad et al., "Serverless in the Wild" (USENIX ATC 2020), whose bins are a minute each.
class ArrivalHistogram
{
public:
    static constexpr std::size_t binCount = 87;
    static constexpr std::chrono::milliseconds shortest{100}; ///< The first bin holds all up to this.
    static constexpr std::uint32_t halvedAt = 1'024;          ///< Gaps; then all counts are halved.

    void arrived(Instant now);

    [[nodiscard]] std::uint32_t gaps() const { return m_inside + m_beyond; }
    [[nodiscard]] std::uint32_t beyond() const { return m_beyond; } ///< Longer than the last bin, about four hours.
    [[nodiscard]] std::uint32_t count(std::size_t bin) const { return m_counts[bin]; }
    /// The longest gap that falls into the bin.
    [[nodiscard]] static std::chrono::milliseconds upTo(std::size_t bin);

private:
    void add(std::chrono::nanoseconds gap);
    void halve();

    std::array<std::uint32_t, binCount> m_counts{};
    std::uint32_t m_inside = 0;
    std::uint32_t m_beyond = 0;
    std::optional<Instant> m_last;
};

} // namespace kiln
