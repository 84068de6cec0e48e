// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/frames.h"
#include "core/sandbox/launcher.h"

#include <QTest>

#include <sys/socket.h>

namespace kiln::test {

/// Starts nothing: the test holds the ends of the process asked for last, and speaks and dies in its place.
class HandLauncher final : public Launcher
{
public:
    SandboxId launch(const SandboxPolicy &, WorkerEnds given, Events told) override
    {
        ends = std::move(given);
        events = std::move(told);
        ++launched;
        return SandboxId(launched);
    }
    SandboxId park(const SandboxPolicy &policy, WorkerEnds given, Events told) override
    {
        return launch(policy, std::move(given), std::move(told));
    }
    SandboxId launchZygote(const SandboxPolicy &policy, WorkerEnds given, Events told) override
    {
        ++zygotes;
        return launch(policy, std::move(given), std::move(told));
    }
    SandboxId bear(SandboxId, Code, const SandboxPolicy &policy, WorkerEnds given, Events told) override
    {
        ++born;
        return launch(policy, std::move(given), std::move(told));
    }
    void retire(SandboxId) override { retired = true; }
    void lease(SandboxId, std::vector<SandboxPolicy::Bind> given, Events told,
               std::function<void(Result<>)> answer) override
    {
        binds = std::move(given);
        events = std::move(told);
        leased = std::move(answer);
    }
    bool handOver(SandboxId, Events told) override
    {
        events = std::move(told);
        return !gone;
    }
    void kill(SandboxId) override { killed = true; }
    void abandon(SandboxId) override { abandoned = true; }
    std::optional<ResourceUse> use(SandboxId) override { return resources; }
    void endPreparation(SandboxId) override { prepared = true; }
    void endInitBoost(SandboxId) override { boosted = false; }
    void freeze(SandboxId) override { frozen = true; }
    void thaw(SandboxId) override { frozen = false; }
    const std::optional<TierReport> &tier() const override { return m_tier; }

    /// What the worker's process sends.
    void say(FrameType type, std::uint64_t serial, std::string_view body = {}) const
    {
        std::string bytes;
        appendFrame(bytes, type, serial, body);
        QCOMPARE(::send(ends.channel.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
    }
    void exit(int code)
    {
        ends = {};
        events.ended({.code = code, .use = {}});
    }

    WorkerEnds ends;
    Events events;
    int launched = 0; ///< In whatever way.
    int zygotes = 0;  ///< Of these.
    int born = 0;     ///< Of these, out of a zygote.
    std::optional<ResourceUse> resources;
    std::vector<SandboxPolicy::Bind> binds;
    std::function<void(Result<>)> leased;
    bool killed = false;
    bool abandoned = false;
    bool retired = false;
    bool gone = false; ///< Before it could be handed over.
    bool frozen = false;
    bool prepared = false;
    bool boosted = true; ///< Its start has a whole CPU still.

private:
    std::optional<TierReport> m_tier;
};

} // namespace kiln::test
