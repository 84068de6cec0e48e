// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <signal.h>

namespace kiln {

/// SIGINT and SIGTERM, blocked in this thread and all that it starts from now on, so that they can be waited for.
class EndSignals
{
public:
    EndSignals();

    void wait() const;
    /// Whether one came within this time.
    [[nodiscard]] bool waitFor(std::chrono::milliseconds time) const;

private:
    sigset_t m_set;
};

} // namespace kiln
