// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/arrival_histogram.h"

#include <algorithm>
#include <cmath>

namespace kiln {

using std::chrono::milliseconds;

namespace {

constexpr double binsPerDoubling = 5;

std::array<milliseconds, ArrivalHistogram::binCount> makeEdges()
{
    std::array<milliseconds, ArrivalHistogram::binCount> edges;
    for (std::size_t i = 0; i < edges.size(); ++i)
        edges[i] = milliseconds(
            std::llround(double(ArrivalHistogram::shortest.count()) * std::exp2(double(i) / binsPerDoubling)));
    return edges;
}

const std::array<milliseconds, ArrivalHistogram::binCount> &edges()
{
    static const auto all = makeEdges();
    return all;
}

} // namespace

milliseconds ArrivalHistogram::upTo(std::size_t bin) { return edges()[bin]; }

void ArrivalHistogram::arrived(Instant now)
{
    if (m_last)
        add(now - *m_last);
    m_last = now;
}

void ArrivalHistogram::add(std::chrono::nanoseconds gap)
{
    // Events in quick succession, the usual case, are told apart from the rest without a search.
    const auto bin = gap <= shortest ? edges().begin() : std::lower_bound(edges().begin() + 1, edges().end(), gap);
    if (bin == edges().end()) {
        ++m_beyond;
    } else {
        ++m_counts[std::size_t(bin - edges().begin())];
        ++m_inside;
    }
    if (gaps() >= halvedAt)
        halve();
}

void ArrivalHistogram::halve()
{
    m_inside = 0;
    for (std::uint32_t &count : m_counts) {
        count /= 2;
        m_inside += count;
    }
    m_beyond /= 2;
}

} // namespace kiln
