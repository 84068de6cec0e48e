// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/burst_ramp.h"

#include <algorithm>
#include <cmath>

namespace kiln {

using std::chrono::nanoseconds;

namespace {

constexpr double rounding = 1e-6; ///< Of a worker; sums of parts are not whole.

} // namespace

BurstRamp::BurstRamp(BurstLimit limit)
    : m_limit(limit)
    , m_tokens(limit.workers)
{}

double BurstRamp::perNanosecond() const { return double(m_limit.workers) / double(nanoseconds(m_limit.per).count()); }

void BurstRamp::refill(Instant now)
{
    const Instant before = m_filled.value_or(now);
    m_filled = std::max(before, now);
    m_tokens =
        std::min(double(m_limit.workers), m_tokens + double(nanoseconds(*m_filled - before).count()) * perNanosecond());
}

int BurstRamp::available(Instant now)
{
    refill(now);
    return int(std::floor(m_tokens + rounding));
}

void BurstRamp::take(Instant now)
{
    refill(now);
    m_tokens -= 1;
}

Instant BurstRamp::nextAt(Instant now)
{
    const double lacking = available(now) + 1 - m_tokens;
    return now + std::max(nanoseconds(1), nanoseconds(std::llround(std::ceil(lacking / perNanosecond()))));
}

} // namespace kiln
