// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/model/outcome.h"
#include "core/sandbox/launcher/grants.h"
#include "core/sandbox/launcher/ground.h"
#include "core/sandbox/launcher/steps.h"
#include "core/sandbox/policy.h"

#include <cstdint>
#include <vector>

namespace kiln::launcher {

/// All that the first process of a sandbox needs to know; made by the launcher before the clone.
struct Plan
{
    std::uint64_t id = 0;
    Tier tier = Tier::Full;
    SandboxPolicy policy;
    UniqueFd channel;
    UniqueFd output;
    UniqueFd status;
    UniqueFd lease;  ///< Where what is the function's own comes from, later; none: the policy is whole.
    WorkerUser user; ///< As seen from the launcher's user namespace.
    std::vector<Grant> grants;
};

/// From the clone to execve, in the child: it is pid 1 of namespaces of its own, puts up the sandbox, forks the worker
/// and stays to reap. Never returns. Each function is one step of design order; a failing one ends the sandbox.
class Inside
{
public:
    Inside(Plan &plan, const Ground &ground)
        : m_plan(plan)
        , m_ground(ground)
        , m_steps(plan.status.get())
    {}

    [[noreturn]] void run();
    /// Tier C: no namespaces, no pid 1; the process is the worker.
    [[noreturn]] void runReduced();

private:
    // inside.cpp: pid 1
    void becomeOwner();
    void dieWithLauncher();
    void yieldMemory();
    void forbidNamespaces();
    void buildRoot();
    void mountTemporary();
    void mountProcesses();
    void switchRoot();
    void attachGrants();
    void sealRoot();
    void nameHost();
    void keepDescriptors();
    [[noreturn]] void superviseWorker(pid_t worker);

    // inside_parked.cpp: pid 1 of a sandbox that is made before its function is known
    void makePlaceOfCode();
    void waitForLease(pid_t worker);
    [[nodiscard]] bool takeLease();

    // inside_worker.cpp
    [[noreturn]] void becomeWorker();
    void startSession();
    void limitResources();
    void dropPrivileges();
    void arrangeDescriptors();
    void enterWorkingDirectory();
    void restrictFiles();
    void filterCalls();
    [[noreturn]] void execute();
    // reduced.cpp
    void takeUser();
    void restrictFilesToHostPaths();
    void filterCallsAlone();

    /// All that pid 1 keeps.
    static constexpr int exitsPlace = 3;
    static constexpr int leasePlace = 4; ///< Until the lease.

    Plan &m_plan;
    const Ground &m_ground;
    Steps m_steps;
};

} // namespace kiln::launcher
