// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <sys/types.h>
#include <sys/user.h>

namespace kiln::launcher {

/// A process that the caller traces (ptrace(2)), stopped between two calls of this class. Detached, and so running on,
/// when this object goes; a tracee also ends with its tracer, so that nothing half made runs on.
///
/// For the short-lived process of a birth only: it waits, until the alarm that its owner has set.
class Tracee
{
public:
    /// Whether this processor's registers are known here.
    [[nodiscard]] static bool supported();

    /// Takes hold of a running process and stops it.
    [[nodiscard]] static Result<Tracee> seize(pid_t pid);
    /// Of a process that came out of a traced one and stops at its beginning.
    [[nodiscard]] static Result<Tracee> newborn(pid_t pid);

    Tracee(Tracee &&other) noexcept;
    Tracee &operator=(Tracee &&) = delete;
    ~Tracee();

    /// Lets it run until it forks plainly, and adds `flags` to that one fork. The pid of what was born, which is traced
    /// and stops at its beginning. What it does instead, but for a bounded number of other calls, is an Error.
    [[nodiscard]] Result<pid_t> forkWith(std::uint64_t flags);

    /// Makes it do one system call and come back to where it was; the call's result, negative for an errno.
    [[nodiscard]] Result<long> call(long number, std::uint64_t first = 0, std::uint64_t second = 0,
                                    std::uint64_t third = 0);
    /// Makes it drop all of its bounding set, which is one call for each capability: too many to stop at each.
    [[nodiscard]] Result<> dropBoundingSet();

    /// Puts at most 256 bytes into its memory, for a call that takes an address: where they lie.
    [[nodiscard]] Result<std::uint64_t> lend(const void *bytes, std::size_t size);
    [[nodiscard]] Result<> takeBack(); ///< Puts back what was there before lend().

    [[nodiscard]] pid_t pid() const { return m_pid; }
    void letGo(); ///< It runs on by itself.

private:
    static constexpr std::size_t loanSize = 256;

    explicit Tracee(pid_t pid)
        : m_pid(pid)
    {}
    [[nodiscard]] Result<int> wait() const; ///< For its next stop: the wait status.
    [[nodiscard]] Result<int> run(int request, int signal = 0) const;
    [[nodiscard]] Result<> copyIn(std::uint64_t from, std::uint64_t *words, std::size_t count) const;
    [[nodiscard]] Result<> copyOut(const void *from, std::uint64_t to, std::size_t size) const;

    pid_t m_pid = 0;
    std::uint64_t m_loan = 0; ///< Where; 0 for none.
    std::uint64_t m_before[loanSize / sizeof(std::uint64_t)] = {};
};

} // namespace kiln::launcher
