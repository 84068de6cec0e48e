// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/cgroup.h"
#include "core/sandbox/cgroup_meter.h"
#include "core/sandbox/launcher.h"
#include "core/sandbox/launcher_process.h"
#include "core/sandbox/self_test.h"
#include "core/sandbox/wire.h"
#include "core/sandbox/wire_socket.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace kiln {

/// The launcher as the engine sees it: requests out, events in, and a new process when the old one died. Never waits.
class LauncherClient final : public Launcher
{
public:
    LauncherClient(Loop &loop, Options options, std::function<void(const TierReport &)> ready);
    ~LauncherClient() override;

    [[nodiscard]] Result<> startProcess();

    SandboxId launch(const SandboxPolicy &policy, WorkerEnds ends, Events events) override;
    SandboxId park(const SandboxPolicy &policy, WorkerEnds ends, Events events) override;
    SandboxId launchZygote(const SandboxPolicy &policy, WorkerEnds ends, Events events) override;
    SandboxId bear(SandboxId zygote, Code code, const SandboxPolicy &policy, WorkerEnds ends, Events events) override;
    void retire(SandboxId zygote) override;
    void lease(SandboxId id, std::vector<SandboxPolicy::Bind> binds, Events events,
               std::function<void(Result<>)> leased) override;
    [[nodiscard]] bool handOver(SandboxId id, Events events) override;
    void kill(SandboxId id) override;
    void abandon(SandboxId id) override;
    [[nodiscard]] std::optional<ResourceUse> use(SandboxId id) override;
    void endPreparation(SandboxId id) override;
    void endInitBoost(SandboxId id) override;
    void freeze(SandboxId id) override;
    void thaw(SandboxId id) override;
    [[nodiscard]] const std::optional<TierReport> &tier() const override { return m_tier; }

private:
    struct Sandbox
    {
        Tier tier = Tier::Full;
        Limits limits;
        Events events;
        std::function<void(Result<>)> leased; ///< Asked for and not answered.
        int pid = 0;
        std::uint64_t cgroup = 0; ///< Its number in `cgroups`.
        UniqueFd pidFd;           ///< Of its pid 1: to kill it without the launcher's help, and to see it gone.
        UniqueFd status;
        std::unique_ptr<Loop::Watch> watch; ///< Of status; of pidFd once the launcher is dead.
        std::string statusBytes;
        bool statusClosed = false;
        bool told = false; ///< `executed` was called.
        bool killed = false;
        std::shared_ptr<const CgroupLayout> cgroups; ///< Of the launcher that made it.
        std::optional<CgroupMeter> meter;            ///< From when it was first read.
    };
    struct Waiting ///< For the self-test to end.
    {
        SandboxId id;
        SandboxPolicy policy;
        WorkerEnds ends;
        Events events;
    };
    struct Outgoing
    {
        SandboxId id;
        std::string bytes;
        std::vector<UniqueFd> descriptors;
    };

    [[nodiscard]] SandboxId prepare(wire::Launch launch, WorkerEnds ends, Events events);
    void launchAs(const wire::Launch &launch, WorkerEnds ends, Events events);
    [[nodiscard]] Result<> request(const wire::Launch &launch, WorkerEnds ends, Events &events);
    void failLater(Events events, Error error); ///< By `executed`, from the loop.
    void sendQueued();

    void readControl();
    void take(const wire::Hello &hello);
    void take(const wire::Started &started, std::vector<UniqueFd> descriptors);
    void take(const wire::Leased &leased);
    void take(const wire::Ended &ended);
    enum class More {
        MayCome,
        NoneComes, ///< All writers are gone, even if the launcher's copy is only just being closed.
    };
    void readStatus(SandboxId id, More more);
    void tellExecuted(SandboxId id);
    void tellEnded(SandboxId id, const SandboxExit &exit);
    void launcherDied();
    bool sweepDeadLayouts(); ///< Whether none is left.
    void sweepDeadLayoutsLater();

    void beginSelfTest(const wire::Hello &hello);
    void endSelfTest(TierReport report);
    [[nodiscard]] std::string memoryEvidence(SandboxId id, ByteSize limit) const;
    [[nodiscard]] bool counts(const Sandbox &sandbox) const;
    [[nodiscard]] std::vector<int> processesOf(const Sandbox &sandbox) const;

    Loop &m_loop;
    Options m_options;
    std::function<void(const TierReport &)> m_ready;
    std::optional<TierReport> m_tier;
    std::unique_ptr<SelfTest> m_selfTest;
    std::unique_ptr<LauncherProcess> m_process;
    std::unique_ptr<Loop::Watch> m_readable;
    std::unique_ptr<Loop::Watch> m_writable; ///< Only while `m_outgoing` holds something.
    std::deque<Outgoing> m_outgoing;
    std::shared_ptr<const CgroupLayout> m_cgroups;                  ///< Null until the launcher said hello.
    std::vector<std::shared_ptr<const CgroupLayout>> m_deadLayouts; ///< Of launchers that died, until they are empty.
    TimerId m_sweep = 0;
    SandboxId m_lastId = 0;
    std::map<SandboxId, Sandbox> m_sandboxes;
    std::deque<Waiting> m_waiting;
    std::shared_ptr<char> m_alive = std::make_shared<char>(); ///< Guards what is posted, and callbacks that destroy us.
};

} // namespace kiln
