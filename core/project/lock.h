// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <filesystem>

namespace kiln {

/// The workspace's .kiln folder, made (0700) if it is not there. Fails when it cannot be made, is a link, or belongs
/// to another user.
[[nodiscard]] Result<std::filesystem::path> stateFolder(const std::filesystem::path &workspace);

/// The right to write to a workspace; one process at a time has it, and the kernel takes it back when that one ends.
class WorkspaceLock
{
public:
    /// Fails with a sentence that says why the workspace is read-only: Busy when another Kiln has it open (named by
    /// its process id), Io when the folder cannot be written.
    [[nodiscard]] static Result<WorkspaceLock> acquire(const std::filesystem::path &workspace);

private:
    explicit WorkspaceLock(UniqueFd fd)
        : m_fd(std::move(fd))
    {}

    UniqueFd m_fd;
};

} // namespace kiln
