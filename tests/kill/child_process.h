// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kiln::test {

/// A program that a test starts to kill it. One thread.
///
/// The test's process adopts what the program leaves behind (see `adoptOrphans`), so that it can be counted.
class ChildProcess
{
public:
    /// Its output (stdout and stderr) is kept. Fails the process of the test when it cannot be started.
    explicit ChildProcess(const std::vector<std::string> &argv);
    ~ChildProcess(); ///< Kills it.
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }
    /// The first line that begins so, without the beginning; nullopt when it ended or `bound` was over before.
    [[nodiscard]] std::optional<std::string> waitLine(const std::string &beginning, std::chrono::milliseconds bound);
    [[nodiscard]] const std::string &output() const { return m_output; } ///< Read so far.

    /// Ends it with a signal and waits; its exit code, or minus the signal that ended it. 0 of an ended one.
    int end(int signal);
    void readRest(); ///< Once it has ended: what is still in the pipe.

    /// From now on processes whose parent dies become children of this process.
    static void adoptOrphans();
    /// Waits until this process has no living descendant left; how many there were at the end of `bound`.
    [[nodiscard]] static int waitForOrphans(std::chrono::milliseconds bound);

private:
    pid_t m_pid = 0;
    UniqueFd m_pipe;
    std::string m_output;
};

} // namespace kiln::test
