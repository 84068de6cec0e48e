// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/launcher.h"
#include "tests/support/test_loop.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln::test {

/// One sandbox of a test: what became of it, and our ends of its descriptors.
struct SandboxRun
{
    Launcher::SandboxId id = 0;
    std::optional<Result<int>> executed;
    std::optional<SandboxExit> ended;
    std::string output; ///< Of 1 and 2; at most 4 MB are kept.
    UniqueFd channel;   ///< Our end.
    UniqueFd outputEnd;
    std::unique_ptr<Loop::Watch> watch;

    [[nodiscard]] int pid() const { return executed && *executed ? **executed : 0; }
    /// For QVERIFY2 and for reading a failure: all there is in one line.
    [[nodiscard]] std::string text() const;
};

/// A launcher process of its own with a loop to turn it: real sandboxes for tests.
class SandboxRunner
{
public:
    /// Waits for the self-test. KILN_LAUNCHER_PATH names the executable.
    /// How `start` makes sandboxes: at once; parked and then leased; or out of a zygote, parked and then leased. What
    /// cannot be parked (policies that let write, or with a network; another program than python()'s) is made at once.
    enum class Making { Whole, Leased, Born };

    explicit SandboxRunner(Tier highest = Tier::Full, std::string instance = "test", Making making = Making::Whole);

    [[nodiscard]] TestLoop &loop() { return m_loop; }
    [[nodiscard]] Launcher &launcher() { return *m_launcher; }
    [[nodiscard]] const TierReport &tier() const { return m_report; }
    [[nodiscard]] const std::string &problem() const { return m_problem; } ///< Why there is no launcher.
    void endLauncher() { m_launcher.reset(); }

    /// Starts it and does not wait.
    [[nodiscard]] std::unique_ptr<SandboxRun> start(const SandboxPolicy &policy);
    /// Makes all but the code and waits until it runs; then `lease` with the binds.
    [[nodiscard]] std::unique_ptr<SandboxRun> park(const SandboxPolicy &policy);
    [[nodiscard]] Result<> lease(SandboxRun &run, std::vector<SandboxPolicy::Bind> binds);
    /// A zygote of python()'s kind with the limits of this policy; `preparation` is run in it before it forks.
    [[nodiscard]] std::unique_ptr<SandboxRun> startZygote(const SandboxPolicy &policy,
                                                          const std::string &preparation = {});
    /// What comes out of it waits for the code of the policy, which `tell` sends; for the rest see Launcher::bear.
    [[nodiscard]] std::unique_ptr<SandboxRun> bear(const SandboxRun &zygote, Launcher::Code code,
                                                   const SandboxPolicy &policy);
    /// As bear with code that is there, without waiting.
    [[nodiscard]] std::unique_ptr<SandboxRun> bearLater(const SandboxRun &zygote, const SandboxPolicy &policy);
    void tell(const SandboxRun &run, const SandboxPolicy &policy);
    /// Starts it and waits for its end (or the failed start); the sandbox is killed at `bound`.
    [[nodiscard]] std::unique_ptr<SandboxRun> run(const SandboxPolicy &policy,
                                                  std::chrono::milliseconds bound = std::chrono::seconds(20));
    [[nodiscard]] bool waitExecuted(const SandboxRun &run);
    [[nodiscard]] bool waitEnded(const SandboxRun &run, std::chrono::milliseconds bound = std::chrono::seconds(20));
    /// Also for the launcher's word that it runs, which may come later than what it prints.
    [[nodiscard]] bool waitOutput(const SandboxRun &run, const std::string &text);

    /// A policy for `python3 -I -c CODE`, with an empty environment and small but sufficient limits.
    [[nodiscard]] static SandboxPolicy python(const std::string &code);
    [[nodiscard]] static bool hasPython();

private:
    [[nodiscard]] std::unique_ptr<SandboxRun> connect(Launcher::WorkerEnds &ends);
    [[nodiscard]] static Launcher::Events eventsOf(SandboxRun &run);

    TestLoop m_loop;
    const Making m_making;
    int m_parked = 0;
    std::vector<std::unique_ptr<SandboxRun>> m_zygotes;
    std::string m_problem;
    TierReport m_report;
    std::unique_ptr<Launcher> m_launcher;
};

} // namespace kiln::test
