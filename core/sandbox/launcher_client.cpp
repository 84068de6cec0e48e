// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher_client.h"

#include "core/sandbox/policy_check.h"
#include "core/sandbox/process_tree.h"
#include "core/sandbox/small_file.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace kiln {
namespace {

constexpr std::size_t maxInstanceName = 64;

bool isInstanceName(const std::string &name)
{
    return !name.empty() && name.size() <= maxInstanceName && std::all_of(name.begin(), name.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    });
}

Error stepError(const wire::Status &status)
{
    Error error;
    error.code = Error::Code::Sandbox;
    error.message = "step: " + status.step;
    error.place = status.place;
    error.sysErrno = status.sysErrno;
    return error;
}

Error noTierError(const TierReport &report)
{
    return {Error::Code::Sandbox, "this machine offers no isolation that Kiln can use", report.missing,
            "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for "
            "kiln-launcher), or use a kernel with Landlock",
            0};
}

constexpr auto sweepPeriod = std::chrono::milliseconds(20);

} // namespace

Result<std::unique_ptr<Launcher>> Launcher::start(Loop &loop, Options options,
                                                  std::function<void(const TierReport &)> ready)
{
    if (!isInstanceName(options.instance))
        return fail(Error::Code::InvalidArgument, "an instance is named by letters, digits, - and _, at most 64",
                    options.instance);
    auto client = std::make_unique<LauncherClient>(loop, std::move(options), std::move(ready));
    if (auto started = client->startProcess(); !started)
        return tl::make_unexpected(started.error());
    return client;
}

LauncherClient::LauncherClient(Loop &loop, Options options, std::function<void(const TierReport &)> ready)
    : m_loop(loop)
    , m_options(std::move(options))
    , m_ready(std::move(ready))
{}

LauncherClient::~LauncherClient()
{
    m_alive.reset();
    m_selfTest.reset();
    m_readable.reset();
    m_writable.reset();
    m_process.reset();
    m_loop.timers().cancel(m_sweep);
    // Of a launcher that died: its processes do, too, just now. What is left after a second, a later start sweeps.
    for (int tries = 0; tries < 50 && !sweepDeadLayouts(); ++tries)
        std::this_thread::sleep_for(sweepPeriod);
}

bool LauncherClient::sweepDeadLayouts()
{
    std::erase_if(m_deadLayouts, [](const auto &layout) { return removeCgroupLayout(*layout); });
    return m_deadLayouts.empty();
}

void LauncherClient::sweepDeadLayoutsLater()
{
    if (!sweepDeadLayouts())
        m_sweep = m_loop.timers().after(sweepPeriod, [this] { sweepDeadLayoutsLater(); });
}

Result<> LauncherClient::startProcess()
{
    // One folder per launcher process: the one of a dead launcher is removed while the next is at work.
    static std::atomic<int> launchers = 0;
    const std::string folder = cgroupFolderName(m_options.instance + "." + std::to_string(++launchers), ::getpid(),
                                                startTimeOf(::getpid()).value_or(0));
    auto process = LauncherProcess::start(m_options.executable, m_options.instance, folder);
    if (!process)
        return tl::make_unexpected(process.error());
    m_process = std::make_unique<LauncherProcess>(std::move(*process));
    m_readable = m_loop.watch(m_process->control(), Loop::Readiness::Readable, [this] { readControl(); });
    return {};
}

Launcher::SandboxId LauncherClient::launch(const SandboxPolicy &policy, WorkerEnds ends, Events events)
{
    const SandboxId id = ++m_lastId;
    if (!m_tier)
        m_waiting.push_back({id, policy, std::move(ends), std::move(events)});
    else if (m_tier->tier == Tier::None)
        failLater(std::move(events), noTierError(*m_tier));
    else
        launchAs({.id = id, .tier = m_tier->tier, .policy = policy}, std::move(ends), std::move(events));
    return id;
}

Launcher::SandboxId LauncherClient::park(const SandboxPolicy &policy, WorkerEnds ends, Events events)
{
    return prepare({.completeness = wire::Completeness::Parked, .policy = policy}, std::move(ends), std::move(events));
}

Launcher::SandboxId LauncherClient::launchZygote(const SandboxPolicy &policy, WorkerEnds ends, Events events)
{
    return prepare({.completeness = wire::Completeness::Zygote, .policy = policy}, std::move(ends), std::move(events));
}

Launcher::SandboxId LauncherClient::bear(SandboxId zygote, Code code, const SandboxPolicy &policy, WorkerEnds ends,
                                         Events events)
{
    const auto completeness = code == Code::There ? wire::Completeness::Whole : wire::Completeness::Parked;
    return prepare(
        {.completeness = completeness, .zygote = zygote, .awaited = code == Code::ComesNow, .policy = policy},
        std::move(ends), std::move(events));
}

Launcher::SandboxId LauncherClient::prepare(wire::Launch launch, WorkerEnds ends, Events events)
{
    const SandboxId id = launch.id = ++m_lastId;
    const bool forks = launch.zygote != 0 || launch.completeness == wire::Completeness::Zygote;
    if (!m_tier || (m_tier->tier != Tier::Full && (m_tier->tier != Tier::SoftMemory || forks))) {
        failLater(std::move(events), {Error::Code::Sandbox, "this isolation cannot be made ahead", {}, {}, 0});
        return id;
    }
    launch.tier = m_tier->tier;
    launchAs(launch, std::move(ends), std::move(events));
    return id;
}

void LauncherClient::retire(SandboxId zygote)
{
    const auto bytes = wire::encode(wire::Retire{zygote});
    if (!m_process || !bytes)
        return;
    m_outgoing.push_back({zygote, *bytes, {}});
    sendQueued();
}

void LauncherClient::lease(SandboxId id, std::vector<SandboxPolicy::Bind> binds, Events events,
                           std::function<void(Result<>)> leased)
{
    const auto found = m_sandboxes.find(id);
    auto bytes = wire::encode(wire::Lease{id, std::move(binds)});
    if (found == m_sandboxes.end() || !found->second.told || !m_process || !bytes) {
        Error error = bytes ? Error{Error::Code::Sandbox, "the parked sandbox is gone", {}, {}, 0} : bytes.error();
        m_loop.post([leased = std::move(leased), error = std::move(error), alive = std::weak_ptr(m_alive)] {
            if (!alive.expired())
                leased(tl::make_unexpected(error));
        });
        return;
    }
    found->second.events = std::move(events);
    found->second.leased = std::move(leased);
    m_outgoing.push_back({id, std::move(*bytes), {}});
    sendQueued();
}

bool LauncherClient::handOver(SandboxId id, Events events)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || !found->second.told)
        return false;
    found->second.events = std::move(events);
    return true;
}

void LauncherClient::take(const wire::Leased &leased)
{
    const auto found = m_sandboxes.find(leased.id);
    if (found == m_sandboxes.end() || !found->second.leased)
        return;
    const auto tell = std::exchange(found->second.leased, nullptr);
    if (leased.step.empty())
        tell({});
    else
        tell(tl::make_unexpected(stepError({wire::Status::Kind::Failed, leased.sysErrno, leased.step, leased.place})));
}

void LauncherClient::launchAs(const wire::Launch &launch, WorkerEnds ends, Events events)
{
    Result<> asked;
    if (!m_process)
        asked = startProcess();
    if (asked)
        asked = request(launch, std::move(ends), events);
    if (!asked)
        failLater(std::move(events), asked.error());
}

Result<> LauncherClient::request(const wire::Launch &launch, WorkerEnds ends, Events &events)
{
    const SandboxId id = launch.id;
    const SandboxPolicy &policy = launch.policy;
    if (launch.tier == Tier::Reduced && policy.network != Permissions::Network::None)
        return fail(Error::Code::Sandbox, "a network of its own cannot be given on this machine (tier C)", policy.owner,
                    "remove the network permission (runtime custom cannot do without), or allow user namespaces");
    auto bytes = checkPolicy(policy).and_then([&] { return wire::encode(launch); });
    if (!bytes)
        return tl::make_unexpected(bytes.error());
    int status[2];
    if (::pipe2(status, O_CLOEXEC | O_NONBLOCK) != 0)
        return failErrno(Error::Code::Sandbox, errno, "cannot make a pipe");
    Outgoing outgoing{id, std::move(*bytes), {}};
    outgoing.descriptors.push_back(std::move(ends.channel));
    outgoing.descriptors.push_back(std::move(ends.output));
    outgoing.descriptors.emplace_back(status[1]);
    Sandbox &sandbox = m_sandboxes[id];
    sandbox.tier = launch.tier;
    sandbox.limits = policy.limits;
    sandbox.events = std::move(events);
    sandbox.cgroups = m_cgroups;
    sandbox.status.reset(status[0]);
    sandbox.watch = m_loop.watch(status[0], Loop::Readiness::Readable, [this, id] { readStatus(id, More::MayCome); });
    m_outgoing.push_back(std::move(outgoing));
    sendQueued();
    return {};
}

void LauncherClient::failLater(Events events, Error error)
{
    m_loop.post([executed = std::move(events.executed), error = std::move(error), alive = std::weak_ptr(m_alive)] {
        if (!alive.expired() && executed)
            executed(tl::make_unexpected(error));
    });
}

void LauncherClient::sendQueued()
{
    while (m_process && !m_outgoing.empty()) {
        const Outgoing &next = m_outgoing.front();
        std::vector<int> descriptors;
        for (const UniqueFd &fd : next.descriptors)
            descriptors.push_back(fd.get());
        if (wire::send(m_process->control(), next.bytes, descriptors) == wire::Sent::Later) {
            if (!m_writable)
                m_writable = m_loop.watch(m_process->control(), Loop::Readiness::Writable, [this] { sendQueued(); });
            return;
        }
        // Sent; or the launcher is gone, which reading tells, and then each sandbox is told.
        m_outgoing.pop_front();
    }
    m_writable.reset();
}

void LauncherClient::kill(SandboxId id)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end()) {
        const auto waits = std::find_if(m_waiting.begin(), m_waiting.end(), [id](const auto &w) { return w.id == id; });
        if (waits != m_waiting.end()) {
            failLater(std::move(waits->events), {Error::Code::Sandbox, "ended before it was started", {}, {}, 0});
            m_waiting.erase(waits);
        }
        return;
    }
    found->second.killed = true;
    if (found->second.pidFd)
        (void)::syscall(SYS_pidfd_send_signal, found->second.pidFd.get(), SIGKILL, nullptr, 0);
}

void LauncherClient::abandon(SandboxId id)
{
    if (const auto found = m_sandboxes.find(id); found != m_sandboxes.end()) {
        found->second.events = {};
        found->second.leased = nullptr;
    }
    kill(id);
}

bool LauncherClient::counts(const Sandbox &sandbox) const
{
    return sandbox.tier != Tier::SoftMemory && sandbox.cgroups && sandbox.cgroups->works();
}

std::optional<ResourceUse> LauncherClient::use(SandboxId id)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || found->second.pid == 0)
        return std::nullopt;
    Sandbox &sandbox = found->second;
    if (!counts(sandbox))
        return processTreeUse(sandbox.pid);
    if (!sandbox.meter)
        sandbox.meter = CgroupMeter::open(*sandbox.cgroups, sandbox.cgroup);
    auto use = sandbox.meter ? sandbox.meter->read() : std::nullopt;
    if (use && use->cpu.count() == 0)
        if (const auto tree = processTreeUse(sandbox.pid))
            use->cpu = tree->cpu;
    return use;
}

void LauncherClient::endPreparation(SandboxId id)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || found->second.pid == 0 || !counts(found->second))
        return;
    // It may be ending just now.
    (void)Cgroup(*found->second.cgroups, found->second.cgroup).weigh(Cgroup::Weight::Usual);
}

void LauncherClient::endInitBoost(SandboxId id)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || found->second.pid == 0 || !counts(found->second) ||
        found->second.limits.cpu == Limits::Cpu::Unlimited) // It was no boost.
        return;
    // It may be ending just now; then the limit does not matter any more.
    (void)Cgroup(*found->second.cgroups, found->second.cgroup).limitCpu(found->second.limits, Cgroup::Cpu::Limited);
}

std::vector<int> LauncherClient::processesOf(const Sandbox &sandbox) const
{
    return counts(sandbox) ? Cgroup(*sandbox.cgroups, sandbox.cgroup).processes() : processTree(sandbox.pid);
}

void LauncherClient::freeze(SandboxId id)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || found->second.pid == 0)
        return;
    const Sandbox &sandbox = found->second;
    if (counts(sandbox) && Cgroup(*sandbox.cgroups, sandbox.cgroup).set(Cgroup::Motion::Frozen))
        return;
    // A process that is not stopped yet may make another; after a few rounds one that does so on purpose has won, and
    // runs within its limits.
    std::vector<int> stopped;
    for (int round = 0; round < 4; ++round) {
        std::vector<int> all = processesOf(sandbox);
        std::sort(all.begin(), all.end());
        if (all == stopped)
            return;
        for (const int pid : all)
            (void)::kill(pid, SIGSTOP);
        stopped = std::move(all);
    }
}

void LauncherClient::thaw(SandboxId id)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || found->second.pid == 0)
        return;
    const Sandbox &sandbox = found->second;
    if (counts(sandbox) && Cgroup(*sandbox.cgroups, sandbox.cgroup).set(Cgroup::Motion::Running))
        return;
    for (const int pid : processesOf(sandbox))
        (void)::kill(pid, SIGCONT);
}

void LauncherClient::readControl()
{
    const std::weak_ptr alive = m_alive;
    while (!alive.expired() && m_process) {
        auto datagram = wire::receive(m_process->control());
        if (datagram && datagram->state == wire::Datagram::State::None)
            return;
        auto message = datagram && datagram->state == wire::Datagram::State::Some ? wire::decode(datagram->bytes)
                                                                                  : fail(Error::Code::Sandbox, "");
        if (!message)
            return launcherDied(); // Closed; or it says what no launcher of ours says.
        if (const auto *hello = std::get_if<wire::Hello>(&*message))
            take(*hello);
        else if (const auto *started = std::get_if<wire::Started>(&*message))
            take(*started, std::move(datagram->descriptors));
        else if (const auto *leased = std::get_if<wire::Leased>(&*message))
            take(*leased);
        else if (const auto *ended = std::get_if<wire::Ended>(&*message))
            take(*ended);
    }
}

void LauncherClient::take(const wire::Hello &hello)
{
    m_cgroups = std::make_shared<const CgroupLayout>(hello.cgroup);
    for (auto &[id, sandbox] : m_sandboxes) // Asked for before the launcher was up.
        if (!sandbox.cgroups)
            sandbox.cgroups = m_cgroups;
    if (!m_tier && !m_selfTest)
        beginSelfTest(hello);
}

void LauncherClient::take(const wire::Started &started, std::vector<UniqueFd> descriptors)
{
    const auto found = m_sandboxes.find(started.id);
    if (found == m_sandboxes.end() || descriptors.empty())
        return;
    found->second.pid = started.pid;
    found->second.cgroup = started.cgroup;
    found->second.pidFd = std::move(descriptors.front());
    descriptors.erase(descriptors.begin());
    if (found->second.killed)
        kill(started.id);
    if (const auto doors = found->second.events.doors; doors && !descriptors.empty())
        doors(std::move(descriptors));
    tellExecuted(started.id);
}

void LauncherClient::readStatus(SandboxId id, More more)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || found->second.statusClosed)
        return;
    Sandbox &sandbox = found->second;
    char bytes[wire::maxStatus];
    for (;;) {
        const ssize_t count = ::read(sandbox.status.get(), bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN && more == More::MayCome)
            return;
        if (count <= 0)
            break;
        if (sandbox.statusBytes.size() < 2 * wire::maxStatus)
            sandbox.statusBytes.append(bytes, std::size_t(count));
    }
    sandbox.statusClosed = true;
    sandbox.watch.reset();
    sandbox.status.reset();
    tellExecuted(id);
}

/// Once the status pipe closed: what it said. A success also needs the pid, which comes by the other way.
void LauncherClient::tellExecuted(SandboxId id)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end() || found->second.told || !found->second.statusClosed)
        return;
    Sandbox &sandbox = found->second;
    const auto status = wire::decodeStatus(sandbox.statusBytes);
    if (!status)
        return; // Died at no step of its own; `Ended` follows.
    if (status->kind == wire::Status::Kind::Failed) {
        const auto executed = std::move(sandbox.events.executed);
        m_sandboxes.erase(found);
        if (executed)
            executed(tl::make_unexpected(stepError(*status)));
        return;
    }
    if (sandbox.pid == 0)
        return;
    sandbox.told = true;
    if (const auto executed = sandbox.events.executed) // A copy: it may end the sandbox.
        executed(sandbox.pid);
}

void LauncherClient::take(const wire::Ended &ended)
{
    const std::weak_ptr alive = m_alive;
    readStatus(ended.id, More::NoneComes);
    if (!alive.expired())
        tellEnded(ended.id, ended.exit);
}

void LauncherClient::tellEnded(SandboxId id, const SandboxExit &exit)
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end())
        return;
    const Sandbox sandbox = std::move(found->second);
    m_sandboxes.erase(found);
    if (sandbox.told && sandbox.events.ended)
        sandbox.events.ended(exit);
    if (!sandbox.told && sandbox.events.executed)
        sandbox.events.executed(fail(Error::Code::Sandbox, sandbox.killed ? "ended before it was executed"
                                                                          : "the sandbox died while it was put up"));
}

/// Its sandboxes die with it by the kernel's doing; each is told once it is really gone.
void LauncherClient::launcherDied()
{
    m_readable.reset();
    m_writable.reset();
    m_outgoing.clear();
    m_process.reset();
    if (const auto cgroups = std::exchange(m_cgroups, nullptr); cgroups && cgroups->works())
        m_deadLayouts.push_back(cgroups);
    m_loop.timers().cancel(m_sweep);
    sweepDeadLayoutsLater();
    std::vector<SandboxId> ids;
    for (const auto &[id, sandbox] : m_sandboxes)
        ids.push_back(id);
    const std::weak_ptr alive = m_alive;
    const auto gone = [this](SandboxId id) {
        const std::weak_ptr stillAlive = m_alive;
        readStatus(id, More::NoneComes);
        if (stillAlive.expired())
            return;
        tellEnded(id, SandboxExit{0, SIGKILL, false, {}});
    };
    for (const SandboxId id : ids) {
        Sandbox &sandbox = m_sandboxes.at(id);
        if (sandbox.pidFd)
            sandbox.watch = m_loop.watch(sandbox.pidFd.get(), Loop::Readiness::Readable, [gone, id] { gone(id); });
        else
            m_loop.post([gone, id, alive] {
                if (!alive.expired())
                    gone(id);
            });
    }
    if (!m_tier && !m_selfTest)
        endSelfTest({Tier::None, {}, "the launcher ended at its start; run it by hand to see why"});
}

void LauncherClient::beginSelfTest(const wire::Hello &hello)
{
    SelfTest::Actions actions;
    actions.launch = [this](Tier tier, SandboxPolicy policy, WorkerEnds ends, Events events) {
        const SandboxId id = ++m_lastId;
        launchAs({.id = id, .tier = tier, .policy = std::move(policy)}, std::move(ends), std::move(events));
        return id;
    };
    actions.kill = [this](SandboxId id) { kill(id); };
    actions.memoryEvidence = [this](SandboxId id, ByteSize limit) { return memoryEvidence(id, limit); };
    actions.done = [this](TierReport report) {
        // From within the test: it is destroyed later.
        m_loop.post([this, report = std::move(report), alive = std::weak_ptr(m_alive)]() mutable {
            if (!alive.expired())
                endSelfTest(std::move(report));
        });
    };
    m_selfTest = std::make_unique<SelfTest>(m_loop, m_options, hello, std::move(actions));
    m_selfTest->start();
}

void LauncherClient::endSelfTest(TierReport report)
{
    m_selfTest.reset();
    m_tier = std::move(report);
    const std::weak_ptr alive = m_alive;
    if (m_ready)
        m_ready(*m_tier);
    while (!alive.expired() && !m_waiting.empty()) {
        Waiting next = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (m_tier->tier == Tier::None)
            failLater(std::move(next.events), noTierError(*m_tier));
        else
            launchAs({.id = next.id, .tier = m_tier->tier, .policy = std::move(next.policy)}, std::move(next.ends),
                     std::move(next.events));
    }
}

std::string LauncherClient::memoryEvidence(SandboxId id, ByteSize limit) const
{
    const auto found = m_sandboxes.find(id);
    if (found == m_sandboxes.end())
        return {};
    if (!counts(found->second))
        return "soft, by rlimit and by looking every 50 ms";
    const auto read = Cgroup(*found->second.cgroups, found->second.cgroup).memoryLimit();
    if (read != limit)
        return {};
    const bool v2 = found->second.cgroups->version == CgroupLayout::Version::V2;
    const std::string &note = found->second.cgroups->note;
    return std::string("cgroup ") + (v2 ? "v2" : "v1") + ", written and read back" + (note.empty() ? "" : "; " + note);
}

} // namespace kiln
