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
    WorkerUser user; ///< As seen from the launcher's user namespace.
    std::vector<Grant> grants;
    enum class Code { There, ComesLater };
    Code code = Code::There;

    // Of a zygote: its process forks others into sandboxes of their own.
    UniqueFd births;                   ///< By which it is asked to; none: it is no zygote.
    UniqueFd supervisor;               ///< Of pid 1: closes when the zygote is not wanted any more.
    std::vector<UniqueFd> temporaries; ///< Each child's /tmp, for its rules.
    [[nodiscard]] bool isZygote() const { return bool(births); }
    [[nodiscard]] bool mapsOthers() const { return isZygote() && user.foreign; } ///< Users of the children.

    // Where the launcher's copy says that it has done what only a process outside can; none: there is nothing such.
    UniqueFd prepared;
    UniqueFd preparing; ///< The other end, to be closed inside.
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
    void awaitLauncher();
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
    void giveUpRights();
    [[noreturn]] void superviseWorker(pid_t worker);

    void makePlaceOfCode();

    // inside_zygote.cpp: pid 1 of a sandbox whose process forks
    [[noreturn]] void superviseZygote(pid_t zygote);

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
    static constexpr int supervisorPlace = 4; ///< Of a zygote.

    Plan &m_plan;
    const Ground &m_ground;
    Steps m_steps;
};

} // namespace kiln::launcher
