// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>

namespace kiln {

/// Where this program's own files are: beside the executable in a build tree, under share/ and libexec/ when installed.
struct Places
{
    std::filesystem::path resources; ///< Holds runtimes/, templates/, samples/.
    std::filesystem::path launcher;
    std::filesystem::path adapter; ///< For functions that are executables.

    [[nodiscard]] static Result<Places> find();
};

/// The workspace a command means: the folder given, else the nearest one upwards from here that holds kiln.yaml.
[[nodiscard]] Result<std::filesystem::path> findWorkspace(const std::optional<std::filesystem::path> &given);

} // namespace kiln
