// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/gui_watchdog.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

namespace kiln::ui {

using namespace std::chrono;

namespace {

constexpr nanoseconds step = microseconds(100);

} // namespace

GuiWatchdog::GuiWatchdog(QObject *parent)
    : QObject(parent)
{
    if (::pthread_getcpuclockid(::pthread_self(), &m_cpu) != 0)
        m_cpu = CLOCK_PROCESS_CPUTIME_ID; // says too much rather than nothing
    m_thread = std::thread([this] { run(); });
}

GuiWatchdog::~GuiWatchdog()
{
    m_stopping = true;
    m_thread.join(); // what it posted goes with this object
}

void GuiWatchdog::run()
{
    auto next = steady_clock::now();
    while (!m_stopping) {
        next = std::max(next + interval, steady_clock::now());
        std::this_thread::sleep_until(next);
        if (m_underWay.exchange(true))
            continue;
        QMetaObject::invokeMethod(
            this, [this, posted = steady_clock::now(), before = work()] { answered(posted, before); },
            Qt::QueuedConnection);
    }
}

nanoseconds GuiWatchdog::work() const
{
    timespec used{};
    ::clock_gettime(m_cpu, &used);
    return seconds(used.tv_sec) + nanoseconds(used.tv_nsec);
}

void GuiWatchdog::answered(steady_clock::time_point posted, nanoseconds workBefore)
{
    const nanoseconds late = steady_clock::now() - posted;
    ++m_figures.events;
    ++m_counts[std::min(m_counts.size() - 1, std::size_t(late / step))];
    m_figures.worst = std::max(m_figures.worst, late);
    m_figures.worstWork = std::max(m_figures.worstWork, work() - workBefore);
    m_figures.over16ms += late > milliseconds(16) ? 1 : 0;
    m_figures.over50ms += late > milliseconds(50) ? 1 : 0;
    m_underWay = false;
}

GuiWatchdog::Figures GuiWatchdog::take()
{
    Figures figures = std::exchange(m_figures, {});
    int above = figures.events / 100; // so many of the largest lie past the 99th percentile
    for (std::size_t at = m_counts.size(); at-- > 0;) {
        above -= m_counts[at];
        if (above < 0) {
            figures.p99 = std::min<nanoseconds>(step * std::int64_t(at + 1), figures.worst);
            break;
        }
    }
    m_counts = {};
    return figures;
}

} // namespace kiln::ui
