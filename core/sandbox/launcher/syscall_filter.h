// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <linux/filter.h>
#include <sys/types.h>
#include <vector>

namespace kiln::launcher {

/// What a worker may ask of the kernel: an allow-list; all else is EPERM, and what is newer than the list ENOSYS, so
/// that a C library falls back. Made into BPF once; each worker loads the finished program.
class SyscallFilter
{
public:
    enum class Purpose {
        Full,       ///< Tier A.
        Zygote,     ///< Full, and what a birth needs while the launcher traces it (birth.h); ENOSYS to all others.
        SoftMemory, ///< Tier B: no memory file (memfd), which RLIMIT_DATA does not count.
        Reduced,    ///< Tier C: no socket, no new process, no signal or setting for any process but the own.
    };

    SyscallFilter() = default; ///< Refuses to install.
    /// `self` is the worker's pid, for Reduced.
    [[nodiscard]] static Result<SyscallFilter> build(Purpose purpose, pid_t self = 0);

    /// For the calling process and what it becomes; no_new_privs must be set. 0, else errno is set.
    [[nodiscard]] int install() const;

private:
    std::vector<sock_filter> m_program;
};

} // namespace kiln::launcher
