// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_loop.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <vector>

namespace kiln::test {

using namespace std::chrono_literals;

class TestLoop::EntryWatch final : public Loop::Watch
{
public:
    EntryWatch(TestLoop &loop, std::shared_ptr<Entry> entry)
        : m_loop(loop)
        , m_entry(std::move(entry))
    {}
    ~EntryWatch() override
    {
        m_entry->alive = false;
        m_loop.m_watches.remove(m_entry);
    }

private:
    TestLoop &m_loop;
    std::shared_ptr<Entry> m_entry;
};

TestLoop::TestLoop()
    : TestLoop(m_system)
{}

TestLoop::TestLoop(const Clock &clock)
    : m_clock(clock)
    , m_timers(clock)
    , m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{}

TestLoop::~TestLoop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_hasWork.notify_all();
    if (m_worker.joinable())
        m_worker.join();
}

std::unique_ptr<Loop::Watch> TestLoop::watch(int fd, Readiness readiness, std::function<void()> ready)
{
    auto entry = std::make_shared<Entry>(Entry{fd, readiness, std::move(ready)});
    m_watches.push_back(entry);
    return std::make_unique<EntryWatch>(*this, std::move(entry));
}

void TestLoop::post(std::function<void()> action)
{
    {
        const std::lock_guard lock(m_mutex);
        m_posted.push_back(std::move(action));
    }
    wake();
}

void TestLoop::offload(std::function<void()> work, std::function<void()> done)
{
    {
        const std::lock_guard lock(m_mutex);
        m_works.emplace_back(std::move(work), std::move(done));
        if (!m_worker.joinable())
            m_worker = std::thread([this] { this->work(); });
    }
    m_hasWork.notify_all();
}

void TestLoop::work()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_hasWork.wait(lock, [this] { return m_ending || !m_works.empty(); });
        if (m_ending)
            return;
        auto [task, done] = std::move(m_works.front());
        m_works.pop_front();
        m_working = true;
        lock.unlock();
        task();
        lock.lock();
        m_posted.push_back(std::move(done));
        m_working = false;
        wake();
    }
}

void TestLoop::wake()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t count = ::write(m_wake.get(), &one, sizeof one);
}

bool TestLoop::runUntil(const std::function<bool()> &reached, std::chrono::milliseconds bound)
{
    const auto end = std::chrono::steady_clock::now() + bound;
    while (!reached()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left <= 0ms)
            return false;
        // Not only what comes by a descriptor may fulfil the condition: another thread, a file.
        turn(std::min(left, std::chrono::milliseconds(20)));
    }
    return true;
}

void TestLoop::runReady()
{
    for (;;) {
        if (turn(0ms))
            continue;
        const std::lock_guard lock(m_mutex);
        if (m_works.empty() && !m_working && m_posted.empty())
            return;
    }
}

bool TestLoop::turn(std::chrono::milliseconds wait)
{
    bool ran = runDescriptors(pollTimeout(wait));
    ran = runPosted() || ran;
    return m_timers.runDue() > 0 || ran;
}

int TestLoop::pollTimeout(std::chrono::milliseconds wait)
{
    if (const auto next = m_timers.next()) {
        const auto until = std::chrono::ceil<std::chrono::milliseconds>(*next - m_clock.now());
        // A clock that stands still does not bring a timer nearer by waiting.
        if (&m_clock == &m_system || until <= 0ms)
            wait = std::clamp(until, 0ms, wait);
    }
    return int(wait.count());
}

bool TestLoop::runPosted()
{
    std::deque<std::function<void()>> posted;
    {
        const std::lock_guard lock(m_mutex);
        posted.swap(m_posted);
    }
    for (const auto &action : posted)
        action();
    return !posted.empty();
}

bool TestLoop::runDescriptors(int timeoutMs)
{
    std::vector<std::shared_ptr<Entry>> entries(m_watches.begin(), m_watches.end());
    std::vector<pollfd> polled{{m_wake.get(), POLLIN, 0}};
    for (const auto &entry : entries)
        polled.push_back({entry->fd, short(entry->readiness == Readiness::Readable ? POLLIN : POLLOUT), 0});
    if (::poll(polled.data(), polled.size(), timeoutMs) <= 0)
        return false;
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t drained = ::read(m_wake.get(), &count, sizeof count);
    bool ran = false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        // An earlier callback may have destroyed this watch, and closed its descriptor.
        if (polled[i + 1].revents == 0 || !entries[i]->alive)
            continue;
        entries[i]->ready();
        ran = true;
    }
    return ran;
}

} // namespace kiln::test
