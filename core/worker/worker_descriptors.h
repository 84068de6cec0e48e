// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/sandbox/launcher.h"

namespace kiln {

/// The engine's ends of what connects it with a worker: both non-blocking. The worker's channel is a blocking one.
struct WorkerDescriptors
{
    UniqueFd channel;
    UniqueFd output; ///< To read from.

    /// Fills `ends` with the other ends.
    [[nodiscard]] static Result<WorkerDescriptors> open(Launcher::WorkerEnds &ends);
};

} // namespace kiln
