// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/sandbox/policy.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace kiln::launcher {

/// A bind of the policy as a detached mount with its final attributes: never writable for a moment, and reachable for
/// a worker whose user could not walk to the source.
struct Grant
{
    enum class Kind { Folder, File };

    UniqueFd mount;
    std::string target;
    Kind kind = Kind::Folder;
    Permissions::Mode mode = Permissions::Mode::ReadOnly;
    bool executable = true;
};

/// Whose the worker is. When the launcher is root a worker cannot write, or perhaps not read, another user's files:
/// then the mount maps the owner of the source to the worker.
struct WorkerUser
{
    uid_t user = 0;
    gid_t group = 0;
    bool foreign = false; ///< Not the launcher's own user.
};

/// In the launcher, before there is a child. The Error's message is the step, its place the source.
[[nodiscard]] Result<std::vector<Grant>> openGrants(const std::vector<SandboxPolicy::Bind> &binds,
                                                    const WorkerUser &worker);

} // namespace kiln::launcher
