// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/hand_off.h"

#include "core/sandbox/process_tree.h"

#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// A call over this gains little from being near, and may be one that computes.
constexpr auto quickBound = 250us;
/// So many in a row are a habit. Letting go reads a few files of /proc: shared by this many calls it is nothing.
constexpr int habit = 32;
/// A bound worker that has not answered by then may run anywhere.
constexpr auto patience = 1ms;
/// An engine thread that is not called for so long waits where the kernel likes.
constexpr auto unused = 20ms;

bool bindThread(pid_t thread, int processor)
{
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(unsigned(processor), &only);
    return ::sched_setaffinity(thread, sizeof only, &only) == 0;
}

} // namespace

HandOff::HandOff(Loop &loop)
    : m_loop(loop)
{
    if (::sched_getaffinity(0, sizeof m_allowed, &m_allowed) != 0)
        CPU_ZERO(&m_allowed);
}

HandOff::~HandOff() { m_loop.timers().cancel(m_unused); }

pid_t HandOff::mainOf(int pid)
{
    const std::vector<int> tree = processTree(pid);
    return tree.size() > 1 ? tree[1] : pid;
}

/// Binds the engine thread where it is.
std::optional<int> HandOff::settle()
{
    m_used = true;
    if (m_home)
        return m_home;
    const int here = ::sched_getcpu();
    if (here < 0 || CPU_COUNT(&m_allowed) < 2 || !bindThread(0, here))
        return std::nullopt;
    m_home = here;
    if (m_unused == 0)
        m_unused = m_loop.timers().after(unused, [this] { releaseWhenUnused(); });
    return m_home;
}

void HandOff::release()
{
    if (std::exchange(m_home, std::nullopt))
        ::sched_setaffinity(0, sizeof m_allowed, &m_allowed);
}

void HandOff::releaseWhenUnused()
{
    m_unused = 0;
    if (std::exchange(m_used, false))
        m_unused = m_loop.timers().after(unused, [this] { releaseWhenUnused(); });
    else
        release();
}

HandOff::Party::Party(HandOff &shared)
    : m_shared(shared)
{}

HandOff::Party::~Party()
{
    m_shared.m_loop.timers().cancel(m_patience);
    m_shared.m_calls -= m_running;
}

/// A launcher may have to be started for it, and whatever that makes would be born bound as this thread is.
void HandOff::Party::starting() { m_shared.release(); }

void HandOff::Party::calling()
{
    m_began = m_shared.m_loop.clock().now();
    ++m_running;
    if (++m_shared.m_calls > 1) {
        letGo();
        return;
    }
    if (m_quick < habit && !m_processor)
        return;
    bind();
    letGoIfLate();
}

void HandOff::Party::startsNear(int pid, pid_t main)
{
    m_pid = pid;
    m_main = main;
    if (m_shared.m_calls > 0)
        return;
    bind();
    letGoIfLate();
}

void HandOff::Party::ready()
{
    m_shared.m_loop.timers().cancel(m_patience);
    m_patience = 0;
}

void HandOff::Party::letGoIfLate()
{
    if (!m_processor || m_patience != 0)
        return;
    m_patience = m_shared.m_loop.timers().after(patience, [this] {
        m_patience = 0;
        letGo();
    });
}

void HandOff::Party::answered()
{
    if (m_running == 0)
        return;
    --m_running;
    --m_shared.m_calls;
    m_shared.m_loop.timers().cancel(m_patience);
    m_patience = 0;
    const bool quick = m_running == 0 && m_shared.m_loop.clock().now() - m_began < quickBound;
    m_quick = !quick ? 0 : m_quick < habit ? m_quick + 1 : habit;
}

void HandOff::Party::bind()
{
    if (m_refused || m_pid == 0)
        return;
    const std::optional<int> home = m_shared.settle();
    if (!home || m_processor == home)
        return;
    if (m_main == 0)
        m_main = mainOf(m_pid);
    if (bindThread(m_main, *home)) {
        m_processor = home;
    } else {
        m_refused = true;
        m_shared.release();
    }
}

void HandOff::Party::letGo()
{
    m_quick = 0;
    m_shared.release();
    if (!m_processor)
        return;
    m_processor.reset();
    // A thread or process made while it was bound was born bound.
    for (const int thread : threadsOf(processTree(m_pid)))
        ::sched_setaffinity(thread, sizeof m_shared.m_allowed, &m_shared.m_allowed); // gone since: nothing to free
}

} // namespace kiln
