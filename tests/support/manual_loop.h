// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "tests/support/manual_clock.h"

#include <deque>
#include <utility>

namespace kiln::test {

/// A loop whose time passes only in `pass`, for what waits and posts but watches no descriptor (watch gives null).
class ManualLoop final : public Loop
{
public:
    ManualClock manualClock;

    [[nodiscard]] const Clock &clock() const override { return manualClock; }
    [[nodiscard]] Timers &timers() override { return m_timers; }
    [[nodiscard]] std::unique_ptr<Watch> watch(int, Readiness, std::function<void()>) override { return nullptr; }
    void post(std::function<void()> action) override { m_posted.push_back(std::move(action)); }
    void offload(std::function<void()> work, std::function<void()> done) override
    {
        post([work = std::move(work), done = std::move(done)] {
            work();
            done();
        });
    }

    /// Runs what was posted and every timer at its own time. Returns how many timers ran.
    int pass(std::chrono::nanoseconds time)
    {
        const Instant end = manualClock.now() + time;
        int ran = 0;
        for (runPosted(); m_timers.next() && *m_timers.next() <= end; runPosted()) {
            if (*m_timers.next() > manualClock.now())
                manualClock.advance(*m_timers.next() - manualClock.now());
            ran += m_timers.runDue();
        }
        manualClock.advance(end - manualClock.now());
        return ran;
    }

private:
    void runPosted()
    {
        while (!m_posted.empty()) {
            const auto action = std::move(m_posted.front());
            m_posted.pop_front();
            action();
        }
    }

    Timers m_timers{manualClock};
    std::deque<std::function<void()>> m_posted;
};

} // namespace kiln::test
