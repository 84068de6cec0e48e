// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/parked_demand.h"

#include <algorithm>

namespace kiln {

using namespace std::chrono_literals;

namespace {

constexpr auto window = 1s;
constexpr auto memory = 5min;

} // namespace

void ParkedDemand::taken(Instant now)
{
    if (m_seconds.empty() || now - m_seconds.back().begin >= window)
        m_seconds.push_back({now, 0});
    ++m_seconds.back().count;
}

int ParkedDemand::wanted(Instant now)
{
    while (!m_seconds.empty() && now - m_seconds.front().begin > memory)
        m_seconds.pop_front();
    int worst = 0;
    for (const Second &second : m_seconds)
        worst = std::max(worst, second.count);
    return std::clamp(worst, least, most);
}

} // namespace kiln
