// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/unique_fd.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace kiln::test {

/// A Loop over poll(2) that the test turns by hand: real descriptors and processes, and a clock of the test's choice.
///
/// The thread that made it is the "engine thread". With the machine's clock (the default) a turn waits no longer than
/// the next timer; with a ManualClock timers run when the test has advanced it. Callbacks may destroy any watch, their
/// own too. `offload` runs works one after the other on a thread of its own, as the engine does.
class TestLoop final : public Loop
{
public:
    TestLoop();
    explicit TestLoop(const Clock &clock); ///< The clock must outlive the loop.
    ~TestLoop() override;
    TestLoop(const TestLoop &) = delete;
    TestLoop &operator=(const TestLoop &) = delete;

    [[nodiscard]] const Clock &clock() const override { return m_clock; }
    [[nodiscard]] Timers &timers() override { return m_timers; }
    [[nodiscard]] std::unique_ptr<Watch> watch(int fd, Readiness readiness, std::function<void()> ready) override;
    void post(std::function<void()> action) override;
    void offload(std::function<void()> work, std::function<void()> done) override;

    /// Turns until `reached` says so; false when `bound` (of real time) passed first. Asked before each turn.
    [[nodiscard]] bool runUntil(const std::function<bool()> &reached,
                                std::chrono::milliseconds bound = std::chrono::seconds(10));

    /// Turns until nothing is ready, posted, due or being worked on. Timers of the future stay.
    void runReady();

    /// One turn: waits at most `wait` for something, then runs all that is ready. Whether anything was.
    bool turn(std::chrono::milliseconds wait);

    [[nodiscard]] std::size_t watches() const { return m_watches.size(); } ///< Alive; for tests of leaks.

private:
    struct Entry
    {
        int fd;
        Readiness readiness;
        std::function<void()> ready;
        bool alive = true;
    };
    class EntryWatch;

    [[nodiscard]] int pollTimeout(std::chrono::milliseconds wait);
    bool runPosted();
    bool runDescriptors(int timeoutMs);
    void wake();
    void work();

    SystemClock m_system;
    const Clock &m_clock;
    Timers m_timers;
    std::list<std::shared_ptr<Entry>> m_watches;
    UniqueFd m_wake; ///< eventfd.

    std::mutex m_mutex; ///< Guards what follows.
    std::condition_variable m_hasWork;
    std::deque<std::function<void()>> m_posted;
    std::deque<std::pair<std::function<void()>, std::function<void()>>> m_works;
    bool m_working = false;
    bool m_ending = false;
    std::thread m_worker; ///< Started by the first `offload`.
};

} // namespace kiln::test
