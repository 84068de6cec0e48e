// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/server.h"
#include "core/sandbox/launcher/tracee.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace kiln::launcher {
namespace {

/// Who sent the first word of a zygote: told by the kernel, in this process's numbers; 0 while it has not.
pid_t senderOf(int socket)
{
    char word = 0;
    iovec part{&word, sizeof word};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    if (::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
        return 0;
    const cmsghdr *const sent = CMSG_FIRSTHDR(&header);
    ucred who{};
    if (sent == nullptr || sent->cmsg_type != SCM_CREDENTIALS)
        return 0;
    std::memcpy(&who, CMSG_DATA(sent), sizeof who);
    return who.pid;
}

} // namespace

/// The ends for inside go with the other descriptors.
Result<> Server::prepareMother(const wire::Launch &request, Sandbox &sandbox, std::vector<UniqueFd> &descriptors)
{
    if (request.tier != Tier::Full || !Tracee::supported())
        return fail(Error::Code::Sandbox, "make a zygote without a cgroup, or on this processor");
    auto mother = std::make_unique<Mother>();
    int births[2] = {-1, -1};
    int supervisor[2] = {-1, -1};
    const int yes = 1;
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, births) != 0)
        return failErrno(Error::Code::Sandbox, errno, "make a channel to a zygote");
    mother->socket.reset(births[0]);
    descriptors.emplace_back(births[1]);
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, supervisor) != 0 ||
        ::setsockopt(births[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0)
        return failErrno(Error::Code::Sandbox, errno, "make a channel to a zygote");
    mother->supervisor.reset(supervisor[0]);
    mother->turn.reset(::eventfd(1, EFD_CLOEXEC));
    descriptors.emplace_back(supervisor[1]);
    sandbox.mother = std::move(mother);
    return {};
}

Result<> Server::bear(const wire::Launch &request, Sandbox &sandbox, const std::vector<UniqueFd> &descriptors)
{
    const auto found = m_mothers.find(request.zygote);
    if (found == m_mothers.end())
        return fail(Error::Code::Sandbox, "find the zygote");
    const Sandbox &from = m_sandboxes.at(found->second);
    Mother &mother = *from.mother;
    if (mother.pid == 0) {
        mother.pid = senderOf(mother.socket.get());
        mother.pidFd.reset(mother.pid > 0 ? openPidFd(mother.pid) : -1);
    }
    if (!mother.pidFd)
        return fail(Error::Code::Sandbox, "find the zygote's process");
    if (mother.temporaries.empty())
        return fail(Error::Code::Sandbox, "let a zygote bear more than it may");
    const UniqueFd temporary = std::move(mother.temporaries.back());
    mother.temporaries.pop_back();

    const std::uint64_t number = ++m_lastSeat;
    const Cgroup cgroup(m_cgroups, number);
    auto joins = cgroup.create().and_then([&] { return cgroup.openJoins(); });
    if (!joins)
        return tl::make_unexpected(joins.error());
    Birth::Order order;
    order.mother = mother.pid;
    order.motherPidFd = mother.pidFd.get();
    order.motherUser = from.user.user;
    order.socket = mother.socket.get();
    order.turn = mother.turn.get();
    order.channel = descriptors[0].get();
    order.output = descriptors[1].get();
    order.temporary = temporary.get();
    order.awaited = request.awaited;
    order.user = sandbox.user;
    order.limits = request.policy.limits;
    for (const UniqueFd &procs : *joins)
        order.joins.push_back(procs.get());
    auto seat = limit(cgroup, request).and_then([&] {
        return Seat::make(Birth(std::move(order)), Seat::Counting::ByCgroup, number, descriptors[2].get());
    });
    if (!seat) {
        (void)cgroup.remove();
        return tl::make_unexpected(seat.error());
    }
    sandbox.seat = std::move(*seat);
    sandbox.bornOf = request.zygote;
    return {};
}

/// It bears no more; what it bore lives on.
void Server::retire(const wire::Retire &request)
{
    if (const auto found = m_mothers.extract(request.id))
        m_sandboxes.at(found.mapped()).mother.reset();
}

/// What pid 1 of each sandbox wrote. Of zygotes' children nothing else tells the end.
void Server::readReports()
{
    for (const ExitPipe::Report &report : m_ground.exits.drain()) {
        if (report.child == 0) {
            m_reports[report.sandbox] = report.waitStatus;
            continue;
        }
        const auto child = std::find_if(m_sandboxes.begin(), m_sandboxes.end(), [&](const auto &each) {
            return each.second.bornOf == report.sandbox && each.second.inner == report.child;
        });
        if (child == m_sandboxes.end()) {
            m_stillborn[{report.sandbox, report.child}] = report.waitStatus;
            continue;
        }
        finish(child->second, {report.waitStatus, {}});
        m_sandboxes.erase(child);
    }
}

/// Pid 1 of a zygote's sandbox is gone, and with it whatever was left of the children.
void Server::endChildrenOf(std::uint64_t zygote)
{
    readReports();
    for (auto each = m_sandboxes.begin(); each != m_sandboxes.end();) {
        if (each->second.bornOf != zygote) {
            ++each;
            continue;
        }
        finish(each->second, {SIGKILL, {}});
        each = m_sandboxes.erase(each);
    }
    std::erase_if(m_stillborn, [&](const auto &each) { return each.first.first == zygote; });
}

} // namespace kiln::launcher
