// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/server.h"
#include "core/sandbox/policy_check.h"

#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

/// What a sandbox is given while it waits for its function: nothing hostile runs in it yet, so its paths are ours.
Result<> attachInside(int place, int own, int ownRoot, const std::vector<Grant> &grants)
{
    if (::setns(place, CLONE_NEWNS) != 0)
        return failErrno(Error::Code::Sandbox, errno, "enter the parked sandbox");
    Result<> done;
    for (const Grant &grant : grants)
        if (attachTree(grant.mount.get(), grant.target.c_str()) != 0) {
            done = failErrno(Error::Code::Sandbox, errno, "attach what is granted", grant.target);
            break;
        }
    // Without a way back nothing else can be done right: this process ends, and with it all that it made.
    if (::setns(own, CLONE_NEWNS) != 0 || ::fchdir(ownRoot) != 0 || ::chroot(".") != 0)
        ::_exit(EXIT_FAILURE);
    return done;
}

} // namespace

void Server::lease(const wire::Lease &request)
{
    const auto parked = m_parked.find(request.id);
    const Result<> done = parked == m_parked.end() ? fail(Error::Code::Sandbox, "find the parked sandbox")
                                                   : handOver(request, m_sandboxes.at(parked->second));
    m_parked.erase(request.id); // Whatever came of it: it is asked once.
    if (done)
        tell(wire::Leased{request.id, 0, {}, {}});
    else
        tell(wire::Leased{request.id, done.error().sysErrno, done.error().message, done.error().place});
}

Result<> Server::handOver(const wire::Lease &request, const Sandbox &sandbox)
{
    if (request.binds.size() > wire::maxDescriptors)
        return fail(Error::Code::Sandbox, "attach more than a parked sandbox can take");
    for (const SandboxPolicy::Bind &bind : request.binds)
        if (bind.mode != Permissions::Mode::ReadOnly) // Its Landlock rules were made before.
            return fail(Error::Code::Sandbox, "let a parked sandbox write", bind.target);
    if (auto sound = checkBinds(request.binds); !sound)
        return sound;
    const auto grants = openGrants(request.binds, sandbox.user);
    if (!grants)
        return tl::make_unexpected(grants.error());
    const int place = sandbox.mounts ? sandbox.mounts.get() : sandbox.pidFd.get();
    return attachInside(place, m_mounts.get(), m_root.get(), *grants);
}

} // namespace kiln::launcher
