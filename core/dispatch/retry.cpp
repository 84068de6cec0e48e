// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dispatch/retry.h"

namespace kiln {

AfterFailure afterFailure(const RetryPolicy &policy, int attempt, WallTime accepted, WallTime now)
{
    if (attempt > policy.retries)
        return GiveUp{GiveUp::Why::NoAttemptsLeft};
    const WallTime next = now + std::chrono::minutes(attempt);
    if (next - accepted > policy.maxAge)
        return GiveUp{GiveUp::Why::TooOld};
    return RetryAt{next};
}

} // namespace kiln
