// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/kernel_calls.h"

#include <climits>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

namespace kiln::launcher {
namespace {

/// struct landlock_ruleset_attr as of ABI 6; older kernels take a shorter one.
struct RulesetAttributes
{
    std::uint64_t files;
    std::uint64_t network;
    std::uint64_t scopes;
};

} // namespace

pid_t cloneProcess(clone_args &arguments) { return pid_t(::syscall(SYS_clone3, &arguments, sizeof arguments)); }

int openWithoutLinks(const char *path, int flags)
{
    open_how how{};
    how.flags = std::uint64_t(flags);
    how.resolve = RESOLVE_NO_SYMLINKS;
    return int(::syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

int cloneTree(const char *path)
{
    return int(::syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | AT_RECURSIVE | O_CLOEXEC));
}

int cloneTree(int fd)
{
    return int(::syscall(SYS_open_tree, fd, "", OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH | O_CLOEXEC));
}

int setMountAttributes(int tree, const MountAttributes &attributes)
{
    mount_attr set{};
    set.attr_set = MOUNT_ATTR_NOSUID;
    if (attributes.readOnly)
        set.attr_set |= MOUNT_ATTR_RDONLY;
    if (!attributes.executable)
        set.attr_set |= MOUNT_ATTR_NOEXEC;
    if (!attributes.devices)
        set.attr_set |= MOUNT_ATTR_NODEV;
    if (attributes.idMap >= 0) {
        set.attr_set |= MOUNT_ATTR_IDMAP;
        set.userns_fd = std::uint64_t(attributes.idMap);
    }
    return int(::syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &set, sizeof set));
}

int attachTree(int tree, const char *target)
{
    return int(::syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH));
}

int pivotRoot(const char *newRoot, const char *putOld) { return int(::syscall(SYS_pivot_root, newRoot, putOld)); }

int openPidFd(pid_t pid) { return int(::syscall(SYS_pidfd_open, pid, 0)); }

int signalPidFd(int pidFd, int signal) { return int(::syscall(SYS_pidfd_send_signal, pidFd, signal, nullptr, 0)); }

int closeRange(unsigned first, unsigned last) { return int(::syscall(SYS_close_range, first, last, 0)); }

int closeFrom(unsigned first) { return closeRange(first, UINT_MAX); }

int dropAllCapabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    return int(::syscall(SYS_capset, &header, none));
}

int landlockAbi()
{
    const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : int(abi);
}

int createLandlockRuleset(std::uint64_t files, std::uint64_t network, std::uint64_t scopes)
{
    const RulesetAttributes attributes{files, network, scopes};
    const std::size_t size = scopes != 0 ? 24 : network != 0 ? 16 : 8;
    return int(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
}

int addLandlockPath(int ruleset, int fd, std::uint64_t access)
{
    landlock_path_beneath_attr rule{};
    rule.allowed_access = access;
    rule.parent_fd = fd;
    return int(::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
}

int restrictByLandlock(int ruleset) { return int(::syscall(SYS_landlock_restrict_self, ruleset, 0)); }

} // namespace kiln::launcher
