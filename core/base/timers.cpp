// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/timers.h"

namespace kiln {

TimerId Timers::at(Instant when, std::function<void()> action)
{
    const TimerId id = ++m_lastId;
    const bool earliest = m_heap.empty() || when < m_heap.top().when;
    m_heap.push({when, id});
    m_actions.emplace(id, std::move(action));
    if (earliest && m_notify)
        m_notify(when);
    return id;
}

TimerId Timers::after(std::chrono::nanoseconds delay, std::function<void()> action)
{
    return at(m_clock.now() + std::chrono::duration_cast<Instant::duration>(delay), std::move(action));
}

void Timers::cancel(TimerId id)
{
    m_actions.erase(id);
    // Cancelled entries leave the heap when their time comes; when they outnumber the live ones (short calls under a
    // long timeout, at full speed) the heap is rebuilt, so that it stays in proportion.
    if (m_heap.size() < 1024 || m_heap.size() < 4 * m_actions.size())
        return;
    std::vector<Due> live;
    live.reserve(m_actions.size());
    for (; !m_heap.empty(); m_heap.pop()) {
        if (m_actions.contains(m_heap.top().id))
            live.push_back(m_heap.top());
    }
    m_heap = decltype(m_heap)(std::greater<>{}, std::move(live));
}

std::optional<Instant> Timers::next()
{
    // A cancelled one would wake the loop for nothing; with short calls under short timers, once for each of them.
    while (!m_heap.empty() && !m_actions.contains(m_heap.top().id))
        m_heap.pop();
    if (m_heap.empty())
        return std::nullopt;
    return m_heap.top().when;
}

int Timers::runDue()
{
    const Instant now = m_clock.now();
    int ran = 0;
    while (!m_heap.empty() && m_heap.top().when <= now) {
        const TimerId id = m_heap.top().id;
        m_heap.pop();
        const auto found = m_actions.find(id);
        if (found == m_actions.end())
            continue;
        const auto action = std::move(found->second);
        m_actions.erase(found);
        action();
        ++ran;
    }
    return ran;
}

} // namespace kiln
