// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"

#include <algorithm>
#include <deque>
#include <poll.h>
#include <vector>

namespace kiln::test {

/// A Loop that a test turns by hand, on a clock of its own.
class PollLoop final : public Loop
{
public:
    explicit PollLoop(const Clock &clock)
        : m_clock(clock)
        , m_timers(clock)
    {}

    [[nodiscard]] const Clock &clock() const override { return m_clock; }
    [[nodiscard]] Timers &timers() override { return m_timers; }

    [[nodiscard]] std::unique_ptr<Watch> watch(int fd, Readiness readiness, std::function<void()> ready) override
    {
        return std::make_unique<PollWatch>(*this, fd, readiness, std::move(ready));
    }
    void post(std::function<void()> action) override { m_posted.push_back(std::move(action)); }
    void offload(std::function<void()> work, std::function<void()> done) override
    {
        work();
        post(std::move(done));
    }

    /// Runs what is posted, ready or due, without waiting.
    void turn()
    {
        for (auto posted = std::exchange(m_posted, {}); const auto &action : posted)
            action();
        for (PollWatch *each : std::vector(m_watches)) {
            pollfd entry{each->fd, each->events, 0};
            if (::poll(&entry, 1, 0) == 1 && std::find(m_watches.begin(), m_watches.end(), each) != m_watches.end())
                each->ready();
        }
        m_timers.runDue();
    }

private:
    struct PollWatch final : Watch
    {
        PollWatch(PollLoop &owner, int descriptor, Readiness readiness, std::function<void()> action)
            : loop(owner)
            , fd(descriptor)
            , events(readiness == Readiness::Readable ? POLLIN : POLLOUT)
            , ready(std::move(action))
        {
            loop.m_watches.push_back(this);
        }
        ~PollWatch() override { std::erase(loop.m_watches, this); }

        PollLoop &loop;
        int fd;
        short events;
        std::function<void()> ready;
    };

    const Clock &m_clock;
    Timers m_timers;
    std::vector<PollWatch *> m_watches;
    std::deque<std::function<void()>> m_posted;
};

} // namespace kiln::test
