// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <filesystem>
#include <string>
#include <sys/types.h>

namespace kiln {

/// The launcher as a child process, started without a fork of ours and with nothing of our environment. It lives as
/// long as the control socket is open.
class LauncherProcess
{
public:
    [[nodiscard]] static Result<LauncherProcess> start(const std::filesystem::path &executable,
                                                       const std::string &instance, const std::string &cgroupFolder);
    LauncherProcess(LauncherProcess &&other) noexcept;
    LauncherProcess &operator=(LauncherProcess &&) = delete;
    LauncherProcess(const LauncherProcess &) = delete;
    LauncherProcess &operator=(const LauncherProcess &) = delete;
    /// Closes the socket and waits until the launcher has ended all sandboxes and itself: milliseconds. One that does
    /// not within ten seconds is killed, and its sandboxes die with it.
    ~LauncherProcess();

    [[nodiscard]] int control() const { return m_control.get(); } ///< SOCK_SEQPACKET; see wire.h.
    [[nodiscard]] pid_t pid() const { return m_pid; }

private:
    LauncherProcess(pid_t pid, UniqueFd control)
        : m_pid(pid)
        , m_control(std::move(control))
    {}

    pid_t m_pid;
    UniqueFd m_control;
};

} // namespace kiln
