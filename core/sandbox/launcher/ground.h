// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/sandbox/launcher/base_image.h"
#include "core/sandbox/launcher/exit_pipe.h"
#include "core/sandbox/launcher/syscall_filter.h"

#include <optional>
#include <string>
#include <sys/types.h>

namespace kiln::launcher {

/// What the launcher prepares once, so that a sandbox pays for it no more.
struct Ground
{
    bool dropsUser = false; ///< Root over the ids of OwnerIds: each owner has its own. Else all have the user's.
    uid_t user = 0;
    gid_t group = 0;
    int landlock = 0;  ///< ABI of the kernel.
    UniqueFd launcher; ///< A pidfd of this process, for the children to see whether it still lives.
    ExitPipe exits;
    SyscallFilter full;             ///< For tier A.
    SyscallFilter zygote;           ///< For tier A, of a process that forks others into sandboxes.
    SyscallFilter softMemory;       ///< For tier B: memory that no limit counts cannot be had.
    std::optional<BaseImage> image; ///< Absent: no namespaces here (tier C).
    std::string namespaceProblem;   ///< Why absent.

    /// Gives up supplementary groups and enters namespaces of the launcher's own. To be called once, at the start.
    [[nodiscard]] static Result<Ground> prepare();
};

} // namespace kiln::launcher
