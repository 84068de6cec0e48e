// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <sys/types.h>

/// System calls that this C library has no functions for. Same results as the kernel's: negative and errno on failure.
namespace kiln::launcher {

/// fork with the flags and targets of clone3; 0 in the child. Only from a single-threaded process.
[[nodiscard]] pid_t cloneProcess(clone_args &arguments);

[[nodiscard]] int openWithoutLinks(const char *path, int flags); ///< openat2, RESOLVE_NO_SYMLINKS.

/// A detached copy of the mount tree at `path` (or of what `fd` refers to), seen by nobody until attached.
[[nodiscard]] int cloneTree(const char *path);
[[nodiscard]] int cloneTree(int fd);

struct MountAttributes
{
    bool readOnly = true;
    bool executable = true;
    bool devices = false;
    int idMap = -1; ///< A user namespace whose map the mount takes.
};
[[nodiscard]] int setMountAttributes(int tree, const MountAttributes &attributes); ///< With all mounts below.
[[nodiscard]] int attachTree(int tree, const char *target);

[[nodiscard]] int pivotRoot(const char *newRoot, const char *putOld);
[[nodiscard]] int openPidFd(pid_t pid);
[[nodiscard]] int signalPidFd(int pidFd, int signal);
int closeRange(unsigned first, unsigned last); ///< Both included.
int closeFrom(unsigned first);                 ///< All descriptors from `first` on.
[[nodiscard]] int dropAllCapabilities();       ///< Permitted, effective, inheritable; not the bounding set.

[[nodiscard]] int landlockAbi(); ///< 0 when the kernel has none.
[[nodiscard]] int createLandlockRuleset(std::uint64_t files, std::uint64_t network, std::uint64_t scopes);
[[nodiscard]] int addLandlockPath(int ruleset, int fd, std::uint64_t access);
[[nodiscard]] int restrictByLandlock(int ruleset);

} // namespace kiln::launcher
