// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

namespace kiln {

/// Opens the window on a workspace and returns when it is closed; the exit code. Without a folder: the workspace of the
/// current folder, else the one opened last, else the sample, made anew where the user's data goes.
[[nodiscard]] int runWindow(int argc, char **argv, const std::optional<std::filesystem::path> &folder);

} // namespace kiln
