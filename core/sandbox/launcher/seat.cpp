// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/seat.h"

#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/reduced_paths.h"
#include "core/sandbox/launcher/spawn.h"
#include "core/sandbox/launcher/steps.h"
#include "core/sandbox/wire.h"
#include "core/sandbox/wire_socket.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <iterator>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

/// Before the encoded launch; both sides are one program.
struct TaskHead
{
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint32_t foreign = 0;
    std::uint32_t temporary = 0; ///< Length of the path that follows.
};

struct AnswerHead
{
    std::int32_t pid = 0;
    std::int32_t inner = 0;
    std::int32_t mounts = 0; ///< Whether the second descriptor is they.
    std::uint32_t doors = 0; ///< How many of the descriptors after the pidfd are doors.
};

void sendAnswer(int socket, const Seat::Answer &answer)
{
    const AnswerHead head{answer.pid, answer.inner, answer.mounts ? 1 : 0, std::uint32_t(answer.doors.size())};
    std::vector<int> descriptors;
    if (answer.pidFd)
        descriptors.push_back(answer.pidFd.get());
    if (answer.mounts)
        descriptors.push_back(answer.mounts.get());
    for (const UniqueFd &door : answer.doors)
        descriptors.push_back(door.get());
    for (const UniqueFd &temporary : answer.temporaries)
        descriptors.push_back(temporary.get());
    (void)wire::send(socket, {reinterpret_cast<const char *>(&head), sizeof head}, descriptors);
}

/// The copy of the launcher. Never returns to it.
class Sitter
{
public:
    Sitter(Ground &ground, Tier tier, int socket)
        : m_ground(ground)
        , m_tier(tier)
        , m_socket(socket)
    {}

    [[noreturn]] void sit(const std::vector<UniqueFd> &joins)
    {
        std::vector<int> kept{m_ground.exits.writeEnd(), m_ground.launcher.get(), m_socket};
        for (const UniqueFd &procs : joins)
            kept.push_back(procs.get());
        keepOnly(std::move(kept));
        if (!tieToLauncher())
            ::_exit(EXIT_FAILURE);
        // A failure here is told as a step of the sandbox that is put here.
        auto ready = join(joins).and_then([this] { return m_tier == Tier::Reduced ? Result<>() : makeNetwork(); });
        pollfd task{m_socket, POLLIN, 0};
        while (::poll(&task, 1, -1) < 0 && errno == EINTR) {
        }
        auto datagram = wire::receive(m_socket);
        if (!datagram || datagram->state != wire::Datagram::State::Some || datagram->descriptors.size() < 3)
            ::_exit(EXIT_SUCCESS); // Not wanted any more.
        const UniqueFd status(::fcntl(datagram->descriptors[2].get(), F_DUPFD_CLOEXEC, 3));
        auto spawned = ready.and_then([&] { return serve(std::move(*datagram)); });
        if (!spawned)
            tellFailure(status.get(), spawned.error().message, spawned.error().sysErrno, spawned.error().place);
        if (spawned)
            sendAnswer(m_socket, {spawned->pid, 0, std::move(spawned->pidFd), std::move(spawned->mounts),
                                  std::move(spawned->temporaries), std::move(spawned->doors)});
        else
            sendAnswer(m_socket, {});
        ::_exit(EXIT_SUCCESS);
    }

private:
    [[nodiscard]] bool tieToLauncher() const
    {
        pollfd launcher{m_ground.launcher.get(), POLLIN, 0};
        return ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && ::poll(&launcher, 1, 0) == 0;
    }

    [[nodiscard]] static Result<> join(const std::vector<UniqueFd> &joins)
    {
        for (const UniqueFd &procs : joins)
            if (::write(procs.get(), "0", 1) != 1)
                return failErrno(Error::Code::Sandbox, errno, "join the cgroup");
        return {};
    }

    /// It belongs to the launcher's user namespace: nothing in the sandbox has any right over it.
    [[nodiscard]] static Result<> makeNetwork()
    {
        if (::unshare(CLONE_NEWNET) != 0)
            return failErrno(Error::Code::Sandbox, errno, "make the network");
        return {};
    }

    /// The control socket above all: the engine has to see when the launcher is gone.
    static void keepOnly(std::vector<int> kept)
    {
        std::sort(kept.begin(), kept.end());
        unsigned next = 3;
        for (const int fd : kept) {
            if (unsigned(fd) > next)
                closeRange(next, unsigned(fd) - 1);
            next = unsigned(fd) + 1;
        }
        closeFrom(next);
    }

    [[nodiscard]] Result<Spawned> serve(wire::Datagram datagram)
    {
        TaskHead head;
        if (datagram.bytes.size() < sizeof head)
            return fail(Error::Code::Sandbox, "read the task");
        std::memcpy(&head, datagram.bytes.data(), sizeof head);
        const std::string_view rest = std::string_view(datagram.bytes).substr(sizeof head);
        auto message = wire::decode(rest.substr(std::min<std::size_t>(rest.size(), head.temporary)));
        if (!message || !std::holds_alternative<wire::Launch>(*message))
            return fail(Error::Code::Sandbox, "read the task");
        auto &launch = std::get<wire::Launch>(*message);
        Plan plan;
        plan.id = launch.id;
        plan.tier = launch.tier;
        plan.policy = std::move(launch.policy);
        plan.channel = std::move(datagram.descriptors[0]);
        plan.output = std::move(datagram.descriptors[1]);
        plan.status = std::move(datagram.descriptors[2]);
        if (launch.completeness != wire::Completeness::Whole)
            plan.code = Plan::Code::ComesLater;
        if (datagram.descriptors.size() > 4) {
            plan.births = std::move(datagram.descriptors[3]);
            plan.supervisor = std::move(datagram.descriptors[4]);
        }
        plan.user = {head.user, head.group, head.foreign != 0};
        if (plan.tier == Tier::Reduced) {
            useHostPaths(plan.policy, rest.substr(0, head.temporary));
        } else {
            auto grants = openGrants(plan.policy.binds, plan.user);
            if (!grants)
                return tl::make_unexpected(grants.error());
            plan.grants = std::move(*grants);
        }
        return spawn(plan, m_ground);
    }

    Ground &m_ground;
    Tier m_tier;
    int m_socket;
};

} // namespace

Result<Seat> Seat::make(Ground &ground, const CgroupLayout &cgroups, Tier tier, Counting counting, std::uint64_t number)
{
    const Cgroup cgroup(cgroups, number);
    std::vector<UniqueFd> joins;
    if (counting == Counting::ByCgroup) {
        auto made = cgroup.create().and_then([&] { return cgroup.openJoins(); });
        if (!made)
            return tl::make_unexpected(made.error());
        joins = std::move(*made);
    }
    int ends[2] = {-1, -1};
    const bool paired = ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
    Seat seat;
    seat.m_socket.reset(ends[0]);
    const UniqueFd theirs(ends[1]);
    seat.m_number = number;
    seat.m_tier = tier;
    seat.m_counting = counting;
    seat.m_pid = paired ? ::fork() : -1;
    if (seat.m_pid == 0)
        Sitter(ground, tier, theirs.get()).sit(joins);
    if (seat.m_pid < 0) {
        const int error = errno;
        (void)cgroup.remove();
        return failErrno(Error::Code::Sandbox, error, "make a process");
    }
    return seat;
}

Result<Seat> Seat::make(Birth birth, Counting counting, std::uint64_t number, int status)
{
    int ends[2] = {-1, -1};
    const bool paired = ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
    Seat seat;
    seat.m_socket.reset(ends[0]);
    const UniqueFd theirs(ends[1]);
    seat.m_number = number;
    seat.m_counting = counting;
    seat.m_pid = paired ? ::fork() : -1;
    if (seat.m_pid < 0)
        return failErrno(Error::Code::Sandbox, errno, "make a process");
    if (seat.m_pid > 0)
        return seat;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    auto born = birth.deliver();
    if (!born) {
        tellFailure(status, born.error().message, born.error().sysErrno, born.error().place);
        sendAnswer(theirs.get(), {});
    } else {
        tellExecuting(status);
        sendAnswer(theirs.get(), {born->pid, born->inner, std::move(born->pidFd), {}, {}});
    }
    ::_exit(EXIT_SUCCESS);
}

bool Seat::assign(const Task &task, const std::vector<UniqueFd> &descriptors) const
{
    const TaskHead head{task.user.user, task.user.group, task.user.foreign ? 1U : 0U,
                        std::uint32_t(task.temporary.size())};
    std::string bytes(reinterpret_cast<const char *>(&head), sizeof head);
    bytes += task.temporary;
    bytes += task.launch;
    std::vector<int> numbers;
    for (const UniqueFd &fd : descriptors)
        numbers.push_back(fd.get());
    return wire::send(m_socket.get(), bytes, numbers) == wire::Sent::Whole;
}

std::optional<Seat::Answer> Seat::answer() const
{
    auto datagram = wire::receive(m_socket.get());
    if (datagram && datagram->state == wire::Datagram::State::None)
        return std::nullopt;
    Answer answer;
    AnswerHead head;
    if (datagram && datagram->bytes.size() == sizeof head && !datagram->descriptors.empty()) {
        std::memcpy(&head, datagram->bytes.data(), sizeof head);
        answer.pid = head.pid;
        answer.inner = head.inner;
        answer.pidFd = std::move(datagram->descriptors.front());
        datagram->descriptors.erase(datagram->descriptors.begin());
        if (head.mounts != 0 && !datagram->descriptors.empty()) {
            answer.mounts = std::move(datagram->descriptors.front());
            datagram->descriptors.erase(datagram->descriptors.begin());
        }
        // The doors, then the temporaries.
        auto &rest = datagram->descriptors;
        const auto doorsEnd = rest.begin() + std::ptrdiff_t(std::min<std::size_t>(head.doors, rest.size()));
        std::move(rest.begin(), doorsEnd, std::back_inserter(answer.doors));
        std::move(doorsEnd, rest.end(), std::back_inserter(answer.temporaries));
    }
    return answer;
}

} // namespace kiln::launcher
