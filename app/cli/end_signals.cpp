// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/end_signals.h"

#include <ctime>

namespace kiln {

EndSignals::EndSignals()
{
    sigemptyset(&m_set);
    sigaddset(&m_set, SIGINT);
    sigaddset(&m_set, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &m_set, nullptr);
}

void EndSignals::wait() const
{
    int received = 0;
    while (::sigwait(&m_set, &received) != 0) {
    }
}

bool EndSignals::waitFor(std::chrono::milliseconds time) const
{
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const timespec bound{.tv_sec = std::time_t(whole.count()),
                         .tv_nsec = long(std::chrono::nanoseconds(time - whole).count())};
    return ::sigtimedwait(&m_set, nullptr, &bound) > 0; // another signal's handler at worst shortens the wait
}

} // namespace kiln
