// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

namespace kiln {

/// What the command line asks for: a window, or a command that has run already.
struct CommandLine
{
    enum ExitCode {
        Done = 0,
        FunctionFailed = 1, ///< The function or the check failed.
        Unusable = 2,       ///< Usage, or the workbench could not do it.
    };

    std::optional<int> exitCode;                 ///< Of the command; absent when a window is asked for.
    std::optional<std::filesystem::path> folder; ///< To open in the window; absent for none named.
};

/// Reads the arguments and runs the command, if they name one. Prints results on stdout, and one line on stderr for
/// what could not be done: what, where, why, what to do.
[[nodiscard]] CommandLine runCommandLine(int argc, char **argv);

} // namespace kiln
