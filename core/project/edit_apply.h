// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/project/edit.h"
#include "core/project/read.h"

#include <filesystem>

namespace kiln {

/// What an edit needs to know besides the workspace.
struct EditContext
{
    std::filesystem::path resources; ///< The folder that holds templates/.
    ScheduleCheck schedule;
    WallTime now; ///< Names what goes to the trash.
};

/// Makes one change of a workspace on disk, whole or not at all. A function.yaml keeps all bytes but those of the
/// edited value; the result is read first, and an edit that would add a problem is refused with that problem's text.
/// Blocks (fsync); any thread, one edit of a workspace at a time.
[[nodiscard]] Result<> apply(const std::filesystem::path &workspace, const WorkspaceEdit &edit,
                             const EditContext &context);

} // namespace kiln
