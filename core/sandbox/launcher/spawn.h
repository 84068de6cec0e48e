// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/sandbox/launcher/ground.h"
#include "core/sandbox/launcher/inside.h"

#include <sys/types.h>
#include <vector>

namespace kiln::launcher {

struct Spawned
{
    pid_t pid = 0; ///< Of the sandbox's first process, which is the launcher's child, not the caller's.
    UniqueFd pidFd;
    UniqueFd mounts;                   ///< Where code comes later: its mount namespace, to attach it.
    std::vector<UniqueFd> temporaries; ///< Of a zygote: see Mother.
    std::vector<UniqueFd> doors{};
};

/// In a seat's process, which sits in the sandbox's cgroup and network: clones the first process into its namespaces;
/// it goes on by itself as Inside. The caller is of no more use then. The Error's message is the step.
[[nodiscard]] Result<Spawned> spawn(Plan &plan, const Ground &ground);

} // namespace kiln::launcher
