// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <sys/types.h>

namespace kiln::adapter {

/// A program of the function's to start.
struct Program
{
    std::string path;                               ///< Absolute.
    std::string folder;                             ///< Where it begins.
    std::map<std::string, std::string> environment; ///< The whole of it.
    int input = -1;                                 ///< Its descriptor 0; -1 for this process' own.
    int output = -1;                                ///< Its descriptor 1.
};

struct Started
{
    pid_t pid = -1;
    int error = 0; ///< errno when there is none.
};

/// Starts it as the leader of a process group. It ends with this process; no descriptor above 2 goes to it that was
/// opened close-on-exec. Single-threaded processes only (vfork).
[[nodiscard]] Started start(const Program &program);

/// Why `program` could not be started, and what to do: for the user.
[[nodiscard]] std::string whyNotStarted(const Program &program, int error);

/// "exit status 3", "signal: segmentation fault" of what waitpid told.
[[nodiscard]] std::string endingText(int status);

/// Ends this process as that one ended.
[[noreturn]] void endAs(int status);

/// Kills what is left of this process' descendants and reaps it, so that nothing goes on unasked; false when some keeps
/// forking faster than it can be killed. The process has to be a subreaper.
[[nodiscard]] bool endDescendants();

} // namespace kiln::adapter
