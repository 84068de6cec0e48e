// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/model/function.h"

namespace kiln::launcher {

/// A file system in memory, capped in bytes and in files, attached nowhere yet: to become a sandbox's /tmp. It belongs
/// to the caller's user namespace, so that any user of the launcher's may own files in it.
[[nodiscard]] Result<UniqueFd> makeTemporary(const Limits &limits);

} // namespace kiln::launcher
