// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <queue>

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace kiln {

using TimerId = std::uint64_t; ///< 0 is never given out, so it can mean "none".

/// Everything that waits, on one injected clock.
///
/// Engine thread only. It makes no system call: the loop that owns it asks `next()` when to wake and then calls
/// `runDue()`; a test moves its clock and calls `runDue()` itself. Cancelling is cheap and the usual case (each
/// invocation sets a timeout that almost never fires).
class Timers
{
public:
    explicit Timers(const Clock &clock)
        : m_clock(clock)
    {}

    TimerId at(Instant when, std::function<void()> action);
    TimerId after(std::chrono::nanoseconds delay, std::function<void()> action);
    void cancel(TimerId id); ///< Unknown or fired ids are ignored.

    /// When the earliest timer is due. An owner that waited for one cancelled since asks again.
    [[nodiscard]] std::optional<Instant> next();

    /// Runs all that are due, earliest first; actions may set and cancel timers. Returns how many ran.
    int runDue();

    /// Called when a timer becomes the earliest, so that the owner can wake sooner.
    void onEarlier(std::function<void(Instant)> notify) { m_notify = std::move(notify); }

    [[nodiscard]] std::size_t pending() const { return m_actions.size(); }

private:
    struct Due
    {
        Instant when;
        TimerId id;
        bool operator>(const Due &other) const { return when != other.when ? when > other.when : id > other.id; }
    };

    const Clock &m_clock;
    std::function<void(Instant)> m_notify;
    TimerId m_lastId = 0;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> m_heap; ///< May hold cancelled ids; skipped later.
    std::unordered_map<TimerId, std::function<void()>> m_actions;
};

} // namespace kiln
