// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/load_window.h"

#include <algorithm>

namespace kiln {

using namespace std::chrono;

namespace {

std::int64_t secondOf(Instant moment) { return floor<seconds>(moment.time_since_epoch()).count(); }
Instant beginOf(std::int64_t second) { return Instant(seconds(second)); }

} // namespace

LoadWindow::Second &LoadWindow::slot(std::int64_t second)
{
    Second &slot = m_seconds[std::size_t(second) % m_seconds.size()];
    if (slot.at != second)
        slot = {.at = second};
    return slot;
}

/// Brings the level that was into the seconds over which it lasted.
void LoadWindow::advance(Instant now)
{
    if (!m_began)
        m_began = m_upTo = now;
    // Of a long time only what any window can still see.
    m_upTo = std::max(m_upTo, std::min(now, now - longest - 2s));
    while (m_upTo < now) {
        const std::int64_t second = secondOf(m_upTo);
        const Instant end = std::min(now, beginOf(second + 1));
        slot(second).inFlight += m_level * duration<double>(end - m_upTo).count();
        m_upTo = end;
    }
}

void LoadWindow::level(Instant now, int inFlight)
{
    if (m_began && inFlight == m_level)
        return; // the next change brings the time up to then
    advance(now);
    m_level = inFlight;
}

void LoadWindow::arrived(Instant now)
{
    if (!m_began)
        m_began = m_upTo = now;
    slot(secondOf(now)).arrived += 1;
}

double LoadWindow::concurrency(Instant now, std::chrono::seconds window)
{
    advance(now);
    return mean(now, window, &Second::inFlight);
}

double LoadWindow::rate(Instant now, std::chrono::seconds window)
{
    advance(now);
    return mean(now, window, &Second::arrived);
}

double LoadWindow::mean(Instant now, std::chrono::seconds window, double Second::*figure) const
{
    const std::int64_t last = secondOf(now);
    double sum = 0;
    for (const Second &second : m_seconds) {
        if (second.at > last - window.count() && second.at <= last)
            sum += second.*figure;
    }
    // The current second is not over, and before the first nothing is known.
    const Instant begin = std::max(beginOf(last - window.count() + 1), *m_began);
    return sum / std::max(1.0, duration<double>(now - begin).count());
}

} // namespace kiln
