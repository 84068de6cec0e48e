// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/interpreter.h"

#include <filesystem>
#include <string>

namespace kiln {

/// As whom a worker runs.
enum class SandboxUser {
    Own,   ///< This process's uid.
    Other, ///< An unprivileged one: only what the world may read is of use.
};

/// Why an interpreter that answered cannot be used by a worker: too old, not readable, or in a folder that holds too
/// much to be shown; empty when it can.
[[nodiscard]] std::string problemOf(const Interpreter &interpreter, SandboxUser user);

/// Whether `path` is `folder` or in it; both absolute. By their text only.
[[nodiscard]] bool isBelow(const std::filesystem::path &path, const std::filesystem::path &folder);

} // namespace kiln
