// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/sandbox/launcher.h"
#include "core/sandbox/wire.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace kiln {

/// Finds the tier by trying: from the highest that may be, a throwaway sandbox runs a probe that attempts what must be
/// refused; the first tier where everything is, is the machine's. Engine thread only; lives until `done` was called.
class SelfTest
{
public:
    /// What it needs of the launcher's client.
    struct Actions
    {
        std::function<Launcher::SandboxId(Tier, SandboxPolicy, Launcher::WorkerEnds, Launcher::Events)> launch;
        std::function<void(Launcher::SandboxId)> kill;
        /// How the memory limit of a running sandbox is enforced; an empty text when it is not.
        std::function<std::string(Launcher::SandboxId, ByteSize)> memoryEvidence;
        std::function<void(TierReport)> done; ///< May destroy the test.
    };

    SelfTest(Loop &loop, const Launcher::Options &options, const wire::Hello &hello, Actions actions);
    ~SelfTest();

    void start();

private:
    void tryNext();
    void tryTier(Tier tier);
    void readLines();
    void judge();
    void giveUp(const std::string &reason);
    void settle();
    [[nodiscard]] std::string missingText() const;
    [[nodiscard]] Result<> listen();

    Loop &m_loop;
    Launcher::Options m_options;
    Actions m_actions;
    int m_landlock;
    std::deque<Tier> m_candidates;
    std::vector<std::string> m_missing; ///< Why a higher tier is not given.
    Tier m_tier = Tier::None;
    std::vector<std::string> m_evidence;

    UniqueFd m_tcp, m_abstract; ///< Listeners that the probe must not reach.
    std::string m_port, m_abstractName;
    UniqueFd m_channel;
    std::unique_ptr<Loop::Watch> m_watch;
    std::string m_text;
    bool m_started = false; ///< The launcher told so, and with it what the sandbox is known by.
    Launcher::SandboxId m_sandbox = 0;
    TimerId m_timeout = 0;
    std::shared_ptr<char> m_alive = std::make_shared<char>();
};

} // namespace kiln
