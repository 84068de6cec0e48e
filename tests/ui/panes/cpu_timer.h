// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <ctime>

namespace kiln::test {

/// What this thread has worked, in nanoseconds: on a machine that others use too, elapsed time measures them.
class CpuTimer
{
public:
    void start() { m_begin = now(); }
    [[nodiscard]] qint64 nsecsElapsed() const { return now() - m_begin; }

private:
    static qint64 now()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return qint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    }
    qint64 m_begin = now();
};

} // namespace kiln::test
