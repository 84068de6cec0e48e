// SPDX-License-Identifier: GPL-3.0-or-later
// A parked sandbox: whole but for its function's code. Nothing hostile runs in it until the lease, so pid 1 keeps the
// right to mount until then, and attaches the code itself: the worker's own rules, which cover the place, forbid it to.
#include "core/sandbox/launcher/inside.h"
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/lease.h"
#include "core/sandbox/wire.h"
#include "core/sandbox/wire_socket.h"

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::launcher {

/// While the root can be written.
void Inside::makePlaceOfCode()
{
    m_steps.begin("make the place of the code");
    std::string folder = m_plan.policy.workingDirectory;
    for (std::size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
        const std::string part = folder.substr(0, slash);
        m_steps.require(::mkdir(part.c_str(), 0755) == 0 || errno == EEXIST, part);
        if (slash == std::string::npos)
            return;
    }
}

/// Returns when this sandbox has its function; ends it when the worker ends, or nobody wants it any more.
void Inside::waitForLease(pid_t worker)
{
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    sigset_t child; // Blocked since the launcher.
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    const UniqueFd signals(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals)
        ::_exit(EXIT_FAILURE);
    pollfd fds[] = {{leasePlace, POLLIN, 0}, {signals.get(), POLLIN, 0}};
    for (;;) {
        if (::poll(fds, 2, -1) < 0 && errno != EINTR)
            ::_exit(EXIT_FAILURE);
        int status = 0;
        if (fds[1].revents != 0 && ::waitpid(worker, &status, WNOHANG) == worker) {
            ExitPipe::report(exitsPlace, {m_plan.id, status});
            ::_exit(EXIT_SUCCESS);
        }
        if (fds[0].revents != 0 && takeLease())
            break;
    }
    ::close(leasePlace);
}

bool Inside::takeLease()
{
    const auto datagram = wire::receive(leasePlace);
    if (datagram && datagram->state == wire::Datagram::State::None)
        return false;
    if (!datagram || datagram->state == wire::Datagram::State::Closed)
        ::_exit(EXIT_SUCCESS);
    wire::Status status;
    const std::vector<std::string> targets = lease::targetsOf(datagram->bytes);
    for (std::size_t i = 0; i < targets.size() && i < datagram->descriptors.size(); ++i) {
        if (attachTree(datagram->descriptors[i].get(), targets[i].c_str()) == 0)
            continue;
        status = {wire::Status::Kind::Failed, errno, "attach what is granted", targets[i]};
        break;
    }
    // The right to mount goes before the answer does, and with it the worker's first line of foreign code.
    if (dropAllCapabilities() != 0)
        status = {wire::Status::Kind::Failed, errno, "drop the rights of pid 1", {}};
    const bool told = wire::send(leasePlace, wire::encodeStatus(status)) == wire::Sent::Whole;
    if (!told || status.kind == wire::Status::Kind::Failed)
        ::_exit(EXIT_FAILURE);
    return true;
}

} // namespace kiln::launcher
