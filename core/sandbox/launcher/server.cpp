// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/server.h"

#include "core/sandbox/cgroup_meter.h"
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/reduced_paths.h"
#include "core/sandbox/launcher/steps.h"
#include "core/sandbox/policy_check.h"
#include "core/sandbox/process_tree.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace kiln::launcher {
namespace {

using namespace std::chrono_literals;

constexpr auto memoryPollPeriod = 50ms;
constexpr std::size_t maxSandboxes = 10'000;
constexpr std::size_t seatsAhead = 8;

Result<UniqueFd> watchChildren()
{
    struct sigaction action
    {};
    action.sa_handler = SIG_DFL;
    action.sa_flags = SA_NOCLDSTOP; // Workers are stopped while they are idle, which is no news here.
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    if (::sigaction(SIGCHLD, &action, nullptr) != 0 || ::sigprocmask(SIG_BLOCK, &child, nullptr) != 0)
        return failErrno(Error::Code::Sandbox, errno, "cannot block a signal");
    UniqueFd signals(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals)
        return failErrno(Error::Code::Sandbox, errno, "cannot watch children");
    return signals;
}

/// Each sandbox takes a few descriptors here; desktops start programs with 1,024.
void raiseFileLimit()
{
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)::setrlimit(RLIMIT_NOFILE, &files);
    }
}

} // namespace

Result<> Server::serve(Options options)
{
    raiseFileLimit();
    auto signals = watchChildren();
    if (!signals)
        return tl::make_unexpected(signals.error());
    CgroupHost host;
    host.root = ::geteuid() == 0;
    CgroupLayout cgroups = makeCgroupLayout(host, options.cgroupFolder);
    sweepStaleCgroups(host, cgroups);
    auto ground = Ground::prepare();
    if (!ground)
        return tl::make_unexpected(ground.error());
    return Server(std::move(options), std::move(*ground), std::move(*signals), std::move(cgroups)).run();
}

Server::Server(Options options, Ground ground, UniqueFd signals, CgroupLayout cgroups)
    : m_options(std::move(options))
    , m_ground(std::move(ground))
    , m_signals(std::move(signals))
    , m_cgroups(std::move(cgroups))
    , m_owners(m_options.instance)
    , m_mounts(::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC))
    , m_root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC))
{}

Result<> Server::run()
{
    tell(wire::Hello{m_cgroups, m_ground.namespaceProblem, m_ground.landlock});
    for (;;) {
        const bool polls = pollsMemory();
        std::vector<pollfd> fds = watched();
        const int ready = ::poll(fds.data(), fds.size(),
                                 wantsSeat() ? refillWait()
                                 : polls     ? int(memoryPollPeriod / 1ms)
                                             : -1);
        if (ready < 0 && errno != EINTR)
            return failErrno(Error::Code::Sandbox, errno, "cannot wait for requests");
        readReports();
        readAnswers(); // Before the dead are reaped: an answer tells whose they are.
        if (fds[1].revents != 0)
            reap();
        if ((fds[0].revents & POLLOUT) != 0)
            sendQueued();
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !readRequest())
            break;
        if (polls)
            limitMemoryByPolling();
        if (ready == 0 && wantsSeat())
            refillSeats();
    }
    endAll();
    removeCgroupLayout(m_cgroups);
    return {};
}

std::vector<pollfd> Server::watched() const
{
    const short control = short(POLLIN | (m_outgoing.empty() ? 0 : POLLOUT));
    std::vector<pollfd> fds{{m_options.control.get(), control, 0}, {m_signals.get(), POLLIN, 0}};
    for (const Sandbox &sandbox : m_seated)
        fds.push_back({sandbox.seat.socket(), POLLIN, 0});
    fds.push_back({m_ground.exits.readEnd(), POLLIN, 0});
    return fds;
}

/// One at a time: between two launches the dead are reaped.
bool Server::readRequest()
{
    auto datagram = wire::receive(m_options.control.get());
    if (!datagram)
        return true; // Cut: from no engine of ours; its descriptors are closed already.
    if (datagram->state == wire::Datagram::State::Closed)
        return false;
    if (datagram->state == wire::Datagram::State::None)
        return true;
    const auto message = wire::decode(datagram->bytes);
    if (message && std::holds_alternative<wire::Launch>(*message) && datagram->descriptors.size() == 3)
        launch(std::get<wire::Launch>(*message), datagram->bytes, std::move(datagram->descriptors));
    else if (message && std::holds_alternative<wire::Lease>(*message))
        lease(std::get<wire::Lease>(*message));
    else if (message && std::holds_alternative<wire::Retire>(*message))
        retire(std::get<wire::Retire>(*message));
    return true;
}

void Server::launch(const wire::Launch &request, std::string_view bytes, std::vector<UniqueFd> descriptors)
{
    // `descriptors` stay whole until the end: a failure is told over one of them.
    if (auto seated = seatSandbox(request, bytes, descriptors); !seated) {
        const Error &error = seated.error();
        tellFailure(descriptors[2].get(), error.message, error.sysErrno, error.place);
        tell(wire::Ended{request.id, {}});
    }
}

Result<> Server::seatSandbox(const wire::Launch &request, std::string_view bytes, std::vector<UniqueFd> &descriptors)
{
    if (auto sound = checkPolicy(request.policy); !sound)
        return sound;
    if (m_sandboxes.size() + m_seated.size() >= maxSandboxes)
        return fail(Error::Code::LimitExceeded, "there are 10,000 sandboxes already");
    WorkerUser user{m_ground.user, m_ground.group, m_ground.dropsUser};
    if (m_ground.dropsUser)
        user.user = user.group = m_owners.idOf(request.policy.owner);
    Sandbox sandbox;
    sandbox.id = request.id;
    sandbox.memory = request.policy.limits.memory;
    sandbox.user = user;
    sandbox.completeness = request.completeness;
    if (request.completeness == wire::Completeness::Parked) {
        if (request.tier == Tier::Reduced)
            return fail(Error::Code::Sandbox, "park a sandbox that has no mounts of its own");
        sandbox.ownUser = request.policy.owner;
    }
    if (request.zygote != 0) {
        auto borne = bear(request, sandbox, descriptors);
        if (borne)
            m_seated.push_back(std::move(sandbox));
        else if (!sandbox.ownUser.empty())
            m_owners.release(sandbox.ownUser);
        return borne;
    }
    Result<> done;
    if (request.completeness == wire::Completeness::Zygote)
        done = prepareMother(request, sandbox, descriptors);
    auto seat = done ? takeSeat(request.tier) : tl::make_unexpected(done.error());
    if (!seat)
        return tl::make_unexpected(seat.error());
    sandbox.seat = std::move(*seat);
    if (sandbox.seat.counting() == Seat::Counting::ByCgroup)
        done = limit(Cgroup(m_cgroups, sandbox.seat.number()), request);
    if (done && request.tier == Tier::Reduced)
        done = makeTemporaryFolder(user).map([&](const std::filesystem::path &path) { sandbox.temporary = path; });
    if (done && !sandbox.seat.assign({user, sandbox.temporary, bytes}, descriptors))
        done = fail(Error::Code::Sandbox, "hand over to a process made ahead");
    if (!done) {
        forget(sandbox);
        return done;
    }
    m_seated.push_back(std::move(sandbox));
    return {};
}

/// What is made ahead makes itself ready behind all others: the engine tells when it has (Launcher::endPreparation).
Result<> Server::limit(const Cgroup &cgroup, const wire::Launch &request)
{
    const bool ahead = request.completeness != wire::Completeness::Whole && !request.awaited;
    return cgroup.limit(request.policy.limits).and_then([&] {
        return ahead ? cgroup.weigh(Cgroup::Weight::Least) : Result<>();
    });
}

Result<Seat> Server::takeSeat(Tier tier)
{
    if (tier != m_lastTier) {
        for (const Seat &seat : m_seats)
            releaseSeat(seat);
        m_seats.clear();
        m_lastTier = tier;
    }
    m_seatFailed = false;
    if (m_seats.empty())
        return makeSeat(tier);
    Seat seat = std::move(m_seats.front()); // The oldest: it is the most ready.
    m_seats.erase(m_seats.begin());
    return seat;
}

Result<Seat> Server::makeSeat(Tier tier)
{
    const bool counted = tier == Tier::Full || (tier == Tier::Reduced && m_cgroups.works());
    if (counted && !m_cgroups.works())
        return fail(Error::Code::Sandbox, "make a cgroup", m_cgroups.note);
    return Seat::make(m_ground, m_cgroups, tier, counted ? Seat::Counting::ByCgroup : Seat::Counting::None,
                      ++m_lastSeat);
}

/// While there are seats left, the sandbox that took the last one has the CPU first.
int Server::refillWait() const { return m_seats.size() < seatsAhead / 2 ? 0 : 3; }

bool Server::wantsSeat() const { return m_lastTier != Tier::None && !m_seatFailed && m_seats.size() < seatsAhead; }

void Server::refillSeats()
{
    auto seat = makeSeat(m_lastTier);
    m_seatFailed = !seat; // Told where it matters: the next launch tries again.
    if (seat)
        m_seats.push_back(std::move(*seat));
}

/// Its process ends by itself once the socket closes, perhaps only after this: then the cgroup is removed when it died.
void Server::releaseSeat(const Seat &seat)
{
    if (seat.counting() == Seat::Counting::ByCgroup && !Cgroup(m_cgroups, seat.number()).remove())
        m_lingering.push_back(seat.number());
}

void Server::readAnswers()
{
    std::vector<Sandbox> waiting;
    for (Sandbox &sandbox : std::exchange(m_seated, {})) {
        if (auto answer = sandbox.seat.answer())
            begin(std::move(sandbox), std::move(*answer));
        else
            waiting.push_back(std::move(sandbox));
    }
    m_seated = std::move(waiting);
}

void Server::begin(Sandbox sandbox, Seat::Answer answer)
{
    sandbox.seat.leave();
    if (answer.pid == 0) {
        forget(sandbox);
        tell(wire::Ended{sandbox.id, {}});
        return;
    }
    sandbox.pidFd = std::move(answer.pidFd);
    sandbox.inner = answer.inner;
    sandbox.mounts = std::move(answer.mounts);
    if (sandbox.mother)
        sandbox.mother->temporaries = std::move(answer.temporaries);
    std::vector<UniqueFd> given = std::move(answer.doors);
    given.emplace(given.begin(), ::fcntl(sandbox.pidFd.get(), F_DUPFD_CLOEXEC, 3));
    tell(wire::Started{sandbox.id, answer.pid, sandbox.seat.number()}, std::move(given));
    auto &begun = m_sandboxes.emplace(answer.pid, std::move(sandbox)).first->second;
    if (begun.completeness == wire::Completeness::Parked)
        m_parked[begun.id] = answer.pid;
    if (begun.mother)
        m_mothers[begun.id] = answer.pid;
    if (const auto stillborn = m_stillborn.extract({begun.bornOf, begun.inner})) {
        finish(begun, {stillborn.mapped(), {}});
        m_sandboxes.erase(answer.pid);
        return;
    }
    if (const auto death = m_unclaimed.extract(answer.pid)) {
        finish(begun, death.mapped());
        m_sandboxes.erase(answer.pid);
    }
}

void Server::reap()
{
    signalfd_siginfo info[16];
    while (::read(m_signals.get(), info, sizeof info) > 0) {
    }
    Death death;
    for (pid_t pid = 0; (pid = ::wait4(-1, &death.waitStatus, WNOHANG, &death.usage)) > 0;) {
        readReports(); // What it wrote it wrote before its end.
        const auto found = m_sandboxes.find(pid);
        if (found != m_sandboxes.end()) {
            const std::uint64_t id = found->second.id;
            finish(found->second, death);
            m_sandboxes.erase(found);
            endChildrenOf(id);
        } else if (!m_seated.empty()) {
            m_unclaimed[pid] = death; // A seat's process, or a sandbox that was quicker than its seat's answer.
        }
    }
    if (m_seated.empty())
        m_unclaimed.clear();
    std::erase_if(m_lingering, [this](std::uint64_t number) { return Cgroup(m_cgroups, number).remove(); });
}

void Server::finish(Sandbox &sandbox, const Death &death)
{
    // What pid 1 wrote it wrote before it ended. One that did not was killed, or failed at a step, which the engine
    // knows from the status pipe.
    int status = death.waitStatus;
    if (const auto report = m_reports.extract(sandbox.id))
        status = report.mapped();
    SandboxExit exit;
    exit.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const rusage &usage = death.usage;
    if (sandbox.seat.counting() == Seat::Counting::ByCgroup) {
        const Cgroup cgroup(m_cgroups, sandbox.seat.number());
        const auto meter = CgroupMeter::open(m_cgroups, sandbox.seat.number());
        exit.use = meter ? meter->read().value_or(ResourceUse{}) : ResourceUse{};
        exit.outOfMemory = exit.signal == SIGKILL && cgroup.oomKills() > 0;
    } else {
        const ByteSize largest{std::int64_t(usage.ru_maxrss) * 1024};
        exit.use.peakMemory = std::max(sandbox.peak, largest);
        // Where RLIMIT_DATA was faster than the poll, the worker ended itself for want of memory.
        exit.outOfMemory = sandbox.overMemory || (status != 0 && largest.count >= sandbox.memory.count / 10 * 9);
    }
    if (exit.use.cpu.count() == 0)
        exit.use.cpu = std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    forget(sandbox);
    tell(wire::Ended{sandbox.id, exit});
}

/// Takes away what a sandbox had on the machine.
void Server::forget(const Sandbox &sandbox)
{
    releaseSeat(sandbox.seat);
    m_parked.erase(sandbox.id);
    m_mothers.erase(sandbox.id);
    if (!sandbox.ownUser.empty())
        m_owners.release(sandbox.ownUser);
    std::error_code ignored;
    if (!sandbox.temporary.empty())
        std::filesystem::remove_all(sandbox.temporary, ignored); // Follows no link.
}

bool Server::pollsMemory() const
{
    return std::any_of(m_sandboxes.begin(), m_sandboxes.end(),
                       [](const auto &each) { return each.second.seat.counting() == Seat::Counting::None; });
}

/// Without a cgroup nobody else adds up what all processes of a sandbox take.
void Server::limitMemoryByPolling()
{
    const auto now = std::chrono::steady_clock::now();
    if (now - m_lastPoll < memoryPollPeriod / 2) // Busy with other things; once in a while is enough.
        return;
    m_lastPoll = now;
    for (auto &[pid, sandbox] : m_sandboxes) {
        if (sandbox.seat.counting() == Seat::Counting::ByCgroup)
            continue;
        const auto use = processTreeUse(pid);
        if (!use)
            continue;
        sandbox.peak = std::max(sandbox.peak, use->memory);
        if (use->memory > sandbox.memory) {
            sandbox.overMemory = true;
            (void)signalPidFd(sandbox.pidFd.get(), SIGKILL);
        }
    }
}

/// All children: sandboxes, seats, and sandboxes whose seats have just not told.
void Server::endAll()
{
    m_seats.clear();
    while (!m_seated.empty()) { // Each answers, or is gone, within milliseconds.
        std::vector<pollfd> fds = watched();
        fds.erase(fds.begin(), fds.begin() + 2);
        fds.pop_back();
        ::poll(fds.data(), fds.size(), 100);
        readAnswers();
    }
    for (auto &[pid, sandbox] : m_sandboxes)
        (void)signalPidFd(sandbox.pidFd.get(), SIGKILL);
    Death death;
    for (pid_t pid = 0; (pid = ::wait4(-1, &death.waitStatus, 0, &death.usage)) > 0 || errno == EINTR;) {
        const auto found = m_sandboxes.find(pid);
        if (found != m_sandboxes.end())
            forget(found->second);
    }
    for (const auto &[pid, sandbox] : m_sandboxes)
        if (sandbox.bornOf != 0) // Gone with their zygote, whose children they were.
            forget(sandbox);
}

namespace {

wire::Sent sendWith(int control, std::string_view bytes, const std::vector<UniqueFd> &descriptors)
{
    std::vector<int> numbers;
    for (const UniqueFd &fd : descriptors)
        numbers.push_back(fd.get());
    return wire::send(control, bytes, numbers);
}

} // namespace

void Server::tell(const wire::Message &message, std::vector<UniqueFd> descriptors)
{
    auto bytes = wire::encode(message);
    if (!bytes)
        return; // Only a Hello of absurdly long paths.
    if (m_outgoing.empty() && sendWith(m_options.control.get(), *bytes, descriptors) != wire::Sent::Later)
        return; // Sent, or the engine is gone, which the next read tells.
    m_outgoing.emplace_back(std::move(*bytes), std::move(descriptors));
}

void Server::sendQueued()
{
    while (!m_outgoing.empty()) {
        const auto &[bytes, descriptors] = m_outgoing.front();
        if (sendWith(m_options.control.get(), bytes, descriptors) == wire::Sent::Later)
            return;
        m_outgoing.pop_front();
    }
}

} // namespace kiln::launcher
