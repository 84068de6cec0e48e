// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <sys/types.h>
#include <vector>

namespace kiln::launcher {

/// What the launcher keeps of a sandbox whose process forks others into sandboxes of their own (a zygote).
struct Mother
{
    /// How many it may bear. Each takes a file system for its /tmp, which is made, and allowed by Landlock, before the
    /// mother runs: its children inherit its rules, and could not be given others.
    static constexpr int mostChildren = 32;

    UniqueFd socket;                   ///< By which it is asked to fork.
    UniqueFd turn;                     ///< An eventfd that counts to one: only one process at a time may trace it.
    UniqueFd supervisor;               ///< To pid 1: once closed, it ends the mother, and itself after the last child.
    std::vector<UniqueFd> temporaries; ///< Of the children to come, attached nowhere.
    pid_t pid = 0;                     ///< Of the mother itself; 0 until it was asked for.
    UniqueFd pidFd;
};

} // namespace kiln::launcher
