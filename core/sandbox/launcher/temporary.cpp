// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/temporary.h"

#include <cerrno>
#include <linux/mount.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

bool configure(int context, const char *key, const std::string &value)
{
    return ::syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
}

} // namespace

Result<UniqueFd> makeTemporary(const Limits &limits)
{
    const UniqueFd context(int(::syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
    const bool made = context && configure(context.get(), "size", std::to_string(limits.tmp.count)) &&
                      configure(context.get(), "nr_inodes", std::to_string(limits.tmpInodes)) &&
                      configure(context.get(), "mode", "0700") &&
                      ::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
    UniqueFd mount(
        made ? int(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)) : -1);
    if (!mount)
        return failErrno(Error::Code::Sandbox, errno, "make a file system for /tmp");
    return mount;
}

} // namespace kiln::launcher
