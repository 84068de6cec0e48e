// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <cstddef>
#include <optional>
#include <span>

namespace kiln {

/// What one function has of the workspace's workers.
struct WorkerShare
{
    int alive = 0;
    int idle = 0;
    int min = 0;         ///< Reserved for it, whether or not it has them.
    Instant idleSince{}; ///< Of its worker that waits longest, if any does.
};

/// Whether one more worker fits the workspace's budget.
struct WorkerRoom
{
    bool free = false;
    std::optional<std::size_t> giver; ///< If it is not free: whose longest idle worker may make way.
};

/// For one more worker of `shares[asking]`. Others' reserves are not touched; of the idle workers beyond a reserve the
/// one that has waited longest, of any function, makes way.
[[nodiscard]] WorkerRoom roomFor(std::size_t asking, std::span<const WorkerShare> shares, int budget);

} // namespace kiln
