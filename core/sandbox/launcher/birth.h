// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/model/function.h"
#include "core/sandbox/launcher/grants.h"

#include <sys/types.h>
#include <vector>

namespace kiln::launcher {

/// A zygote's fork, on its way into a sandbox of its own.
///
/// Runs in a process made for this one birth. The zygote forks as its language forks; the system call is stopped on its
/// way in and gets the flags that make namespaces. What is born stands still until it has a cgroup, a user, a /tmp and
/// a /proc of its own and no capability; its system call filter and its Landlock rules are its mother's. Whatever the
/// zygote does instead of forking, it gains nothing: only the fork that was asked for is let through, and a birth that
/// fails ends both.
class Birth
{
public:
    struct Order
    {
        pid_t mother = 0;
        int motherPidFd = -1;
        uid_t motherUser = 0; ///< As the launcher sees it.
        int socket = -1;      ///< By which it is asked.
        int turn = -1;        ///< See Mother.
        int channel = -1;     ///< What the child gets, by way of its mother.
        int output = -1;
        int temporary = -1;   ///< The file system for its /tmp.
        bool awaited = false; ///< What is born is told so.
        WorkerUser user;      ///< Of the child, as the launcher sees it.
        Limits limits;
        std::vector<int> joins; ///< cgroup.procs of each hierarchy.
    };

    struct Born
    {
        pid_t pid = 0;   ///< As the launcher sees it.
        pid_t inner = 0; ///< As pid 1 of the mother's sandbox sees it, whose child it is.
        UniqueFd pidFd;
    };

    explicit Birth(Order order)
        : m_order(std::move(order))
    {}

    /// The Error's message is the step. After this the calling process is inside the child's namespaces, of no other
    /// use.
    [[nodiscard]] Result<Born> deliver();

private:
    [[nodiscard]] Result<pid_t> fork() const;
    [[nodiscard]] Result<> giveTemporary() const;
    [[nodiscard]] Result<> joinCgroup(pid_t child) const;
    [[nodiscard]] Result<> mapUser(pid_t child) const;
    [[nodiscard]] Result<> furnish(pid_t child, int childPidFd) const;

    Order m_order;
};

} // namespace kiln::launcher
