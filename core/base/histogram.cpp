// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace kiln {

namespace {

constexpr unsigned subBits = 6; ///< 64 buckets to a power of two.
constexpr std::size_t subCount = std::size_t(1) << subBits;
constexpr std::uint64_t longest = std::numeric_limits<Histogram::Span::rep>::max();

std::size_t bucketOf(std::uint64_t value)
{
    const int width = int(std::bit_width(value));
    const unsigned exponent = width > int(subBits) + 1 ? unsigned(width) - subBits - 1 : 0;
    return exponent * subCount + std::size_t(value >> exponent);
}

unsigned exponentOf(std::size_t bucket) { return bucket < 2 * subCount ? 0 : unsigned(bucket / subCount) - 1; }

std::uint64_t lowestOf(std::size_t bucket)
{
    const unsigned exponent = exponentOf(bucket);
    return std::uint64_t(bucket - exponent * subCount) << exponent;
}

/// The middle of a bucket's values; the value itself where there is but one.
std::uint64_t valueOf(std::size_t bucket) { return lowestOf(bucket) + (std::uint64_t(1) << exponentOf(bucket)) / 2; }

} // namespace

void Histogram::record(Span value)
{
    const std::size_t bucket = bucketOf(std::uint64_t(std::max<Span::rep>(value.count(), 0)));
    reach(bucket, bucket);
    ++m_counts[bucket - m_first];
    ++m_count;
}

void Histogram::merge(const Histogram &other)
{
    if (other.m_counts.empty())
        return;
    reach(other.m_first, other.m_first + other.m_counts.size() - 1);
    const std::size_t offset = other.m_first - m_first;
    for (std::size_t i = 0; i < other.m_counts.size(); ++i)
        m_counts[offset + i] += other.m_counts[i];
    m_count += other.m_count;
}

void Histogram::clear()
{
    m_counts.clear();
    m_count = 0;
}

/// Widens the span to hold both buckets.
void Histogram::reach(std::size_t lowest, std::size_t highest)
{
    if (m_counts.empty()) {
        m_first = lowest;
    } else if (lowest < m_first) {
        m_counts.insert(m_counts.begin(), m_first - lowest, 0);
        m_first = lowest;
    }
    if (highest >= m_first + m_counts.size())
        m_counts.resize(highest - m_first + 1);
}

Histogram::Span Histogram::percentile(double share) const
{
    if (m_count == 0)
        return {};
    const auto rank = std::uint64_t(std::clamp(std::ceil(share * double(m_count)), 1.0, double(m_count)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        seen += m_counts[i];
        if (seen >= rank)
            return Span(Span::rep(valueOf(m_first + i)));
    }
    return Span(Span::rep(valueOf(m_first + m_counts.size() - 1)));
}

std::vector<Histogram::Bucket> Histogram::buckets() const
{
    std::vector<Bucket> used;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        if (m_counts[i] == 0)
            continue;
        const std::uint64_t lowest = lowestOf(m_first + i);
        const std::uint64_t end = lowest + (std::uint64_t(1) << exponentOf(m_first + i));
        used.push_back({Span(Span::rep(lowest)), Span(Span::rep(std::min<std::uint64_t>(end, longest))), m_counts[i]});
    }
    return used;
}

} // namespace kiln
