// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/sandbox/launcher/grants.h"
#include "core/sandbox/policy.h"

#include <filesystem>
#include <string_view>

namespace kiln::launcher {

/// Tier C has no mounts of its own: a folder of the machine stands for /tmp, and each inside path in arguments,
/// environment and working directory becomes the path outside.
[[nodiscard]] Result<std::filesystem::path> makeTemporaryFolder(const WorkerUser &worker);
void useHostPaths(SandboxPolicy &policy, std::string_view temporary);

} // namespace kiln::launcher
