// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/lease.h"
#include "core/sandbox/launcher/server.h"
#include "core/sandbox/policy_check.h"

#include <cerrno>
#include <sys/socket.h>

namespace kiln::launcher {

/// Pid 1's end goes with the other descriptors.
Result<> Server::prepareLease(const wire::Launch &request, Sandbox &sandbox, std::vector<UniqueFd> &descriptors)
{
    if (request.tier == Tier::Reduced)
        return fail(Error::Code::Sandbox, "park a sandbox that has no mounts of its own");
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return failErrno(Error::Code::Sandbox, errno, "make a channel to pid 1");
    sandbox.lease.reset(ends[0]);
    descriptors.emplace_back(ends[1]);
    sandbox.ownUser = request.policy.owner;
    return {};
}

void Server::lease(const wire::Lease &request)
{
    const auto parked = m_parked.find(request.id);
    const Result<> asked = parked == m_parked.end() ? fail(Error::Code::Sandbox, "find the parked sandbox")
                                                    : handOver(request, m_sandboxes.at(parked->second));
    if (!asked)
        tell(wire::Leased{request.id, asked.error().sysErrno, asked.error().message, asked.error().place});
}

Result<> Server::handOver(const wire::Lease &request, Sandbox &sandbox)
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
    std::vector<int> mounts;
    for (const Grant &grant : *grants)
        mounts.push_back(grant.mount.get());
    if (wire::send(sandbox.lease.get(), lease::encodeTargets(*grants), mounts) != wire::Sent::Whole)
        return fail(Error::Code::Sandbox, "hand over to pid 1");
    return {};
}

void Server::readLeases()
{
    for (auto parked = m_parked.begin(); parked != m_parked.end();) {
        Sandbox &sandbox = m_sandboxes.at(parked->second);
        const auto datagram = wire::receive(sandbox.lease.get());
        if (datagram && datagram->state == wire::Datagram::State::None) {
            ++parked;
            continue;
        }
        // Closed: pid 1 ended, of which the engine hears, too.
        const auto status = datagram ? wire::decodeStatus(datagram->bytes) : std::nullopt;
        if (!status)
            tell(wire::Leased{sandbox.id, 0, "ask pid 1, which ended", {}});
        else if (status->kind == wire::Status::Kind::Failed)
            tell(wire::Leased{sandbox.id, status->sysErrno, status->step, status->place});
        else
            tell(wire::Leased{sandbox.id, 0, {}, {}});
        sandbox.lease.reset();
        parked = m_parked.erase(parked);
    }
}

} // namespace kiln::launcher
