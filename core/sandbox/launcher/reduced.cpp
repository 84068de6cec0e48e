// SPDX-License-Identifier: GPL-3.0-or-later
// Tier C: a machine without user namespaces. The worker sees the machine's own paths, of which Landlock lets it have a
// few; it is alone (no child can outlive it), without sockets, and can name no other process.
#include "core/sandbox/launcher/file_rules.h"
#include "core/sandbox/launcher/inside.h"
#include "core/sandbox/launcher/kernel_calls.h"

#include <cerrno>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

constexpr const char *readable[] = {"/usr",
                                    "/lib",
                                    "/lib32",
                                    "/lib64",
                                    "/libx32",
                                    "/bin",
                                    "/sbin",
                                    "/etc/ld.so.cache",
                                    "/etc/alternatives",
                                    "/etc/ssl/certs",
                                    "/etc/ssl/openssl.cnf",
                                    "/etc/pki/tls/certs",
                                    "/etc/pki/ca-trust",
                                    "/etc/nsswitch.conf",
                                    "/etc/localtime"};
constexpr const char *devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

} // namespace

void Inside::runReduced()
{
    yieldMemory(); // While its files in /proc are still its own.
    takeUser();
    dieWithLauncher();
    startSession();
    limitResources();
    dropPrivileges();
    arrangeDescriptors();
    enterWorkingDirectory();
    restrictFilesToHostPaths();
    filterCallsAlone();
    execute();
}

void Inside::takeUser()
{
    m_steps.begin("become the user");
    if (!m_plan.user.foreign)
        return;
    m_steps.require(::setresgid(m_plan.user.group, m_plan.user.group, m_plan.user.group) == 0);
    m_steps.require(::setresuid(m_plan.user.user, m_plan.user.user, m_plan.user.user) == 0);
}

void Inside::restrictFilesToHostPaths()
{
    m_steps.begin("restrict files");
    errno = ENOSYS;
    m_steps.require(m_ground.landlock > 0, "Landlock");
    FileRules rules(m_ground.landlock);
    for (const char *path : readable)
        if (::access(path, F_OK) == 0)
            rules.add(path, FileRules::Access::Read);
    for (const char *device : devices)
        rules.add(device, FileRules::Access::Device);
    rules.add("/proc/self", FileRules::Access::ReadNoExec); // Of this process: the link is followed now.
    for (const SandboxPolicy::Bind &bind : m_plan.policy.binds) {
        const bool writable = bind.mode == Permissions::Mode::ReadWrite;
        if (bind.executable)
            rules.add(bind.source, writable ? FileRules::Access::WriteExec : FileRules::Access::Read);
        else
            rules.add(bind.source, writable ? FileRules::Access::Write : FileRules::Access::ReadNoExec);
    }
    std::string failed;
    m_steps.require(rules.restrict(Permissions::Network::None, failed) == 0, failed);
}

void Inside::filterCallsAlone()
{
    m_steps.begin("filter system calls");
    const auto filter = SyscallFilter::build(SyscallFilter::Purpose::Reduced, ::getpid());
    m_steps.require(filter && filter->install() == 0);
}

} // namespace kiln::launcher
