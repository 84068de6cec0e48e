// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kiln {

/// Durations counted in log-linear buckets, so that any percentile of any union is known within 1 %.
///
/// Each power of two of nanoseconds is cut into 64 equal buckets (below 128 ns each value has its own), the scheme of
/// Gil Tene's HdrHistogram: index(v) = e * 64 + (v >> e) with e = max(0, bit_width(v) - 7). A bucket is
/// at most 1/64 of its lower bound wide and answers with its middle, so an answer is off by at most 1/128 = 0.8 %.
/// Only the span between the lowest and the highest bucket in use is held: some hundred counters in practice.
class Histogram
{
public:
    using Span = std::chrono::nanoseconds;

    /// Values that cannot be told apart: from `from` up to, but not with, `to`.
    struct Bucket
    {
        Span from;
        Span to;
        std::uint64_t count = 0;
    };

    void record(Span value); ///< Negative values count as 0.
    void merge(const Histogram &other);
    void clear(); ///< Keeps its memory.

    [[nodiscard]] std::uint64_t count() const { return m_count; }
    /// The nearest-rank percentile; `share` from 0 to 1. 0 when nothing was counted.
    [[nodiscard]] Span percentile(double share) const;
    /// Those in which something was counted, lowest first.
    [[nodiscard]] std::vector<Bucket> buckets() const;

private:
    void reach(std::size_t lowest, std::size_t highest);

    std::size_t m_first = 0; ///< Bucket of m_counts.front().
    std::vector<std::uint32_t> m_counts;
    std::uint64_t m_count = 0;
};

} // namespace kiln
