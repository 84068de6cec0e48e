// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/api/worker_plans.h"
#include "core/base/loop.h"
#include "core/build/builder.h"
#include "core/dispatch/dispatcher.h"
#include "core/project/read.h"
#include "core/project/revision_store.h"
#include "core/project/watcher.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kiln {

/// Keeps what runs in step with what is on disk: reads the workspace, makes revisions, has them compiled where their
/// language asks for it, hands them to the dispatcher.
///
/// Engine thread only; reading and copying happen off it, compiling in a sandbox. A function whose files are in error
/// keeps its last good revision running.
class Deployment
{
public:
    struct Ports
    {
        Dispatcher &dispatcher;
        WorkerPlans &plans;
        std::function<void(const RevisionPtr &)> ready; ///< It is what the next invocation runs.
        std::function<void()> changed;   ///< What is shown changed; triggers may have.
        std::filesystem::path resources; ///< Holds runtimes/.
        std::function<bool()> mayBuild;  ///< False while the workspace is not trusted.
    };

    Deployment(Loop &loop, std::filesystem::path workspace, Ports ports);
    ~Deployment();

    void setInterpreters(std::vector<Interpreter> interpreters);
    /// Where revisions go. Without one nothing can be made ready, and functions say why.
    void setRevisions(Result<std::unique_ptr<RevisionStore>> revisions);

    /// Without one (null) what is compiled cannot be made ready, and functions say why. Outlives this.
    void setBuilder(Builder *builder) { m_builder = builder; }

    /// What was found out about the code of the revision in force; shown until the function is made ready anew.
    void tell(const RevisionPtr &revision, const std::vector<Problem> &problems);

    /// Makes ready what waited until it might be built.
    void buildWhatWaits();

    /// Reads what may have changed; begins once interpreters and revisions are set.
    void reload(const WorkspaceChange &change);

    /// Whether the workspace has been read and no function is being prepared. A compiler is not waited for: events of
    /// its function wait until it is done.
    [[nodiscard]] bool settled() const;

    /// Whether a function needs an interpreter that was not found.
    [[nodiscard]] bool lacksInterpreter() const;

    [[nodiscard]] const std::string &name() const { return m_files.kiln ? m_files.kiln->name : m_unnamed; }
    [[nodiscard]] std::string listenAddress() const;
    [[nodiscard]] WorkspaceScaling scaling() const; ///< Of the last good kiln.yaml, or the defaults.
    [[nodiscard]] const std::vector<Problem> &problems() const { return m_files.problems; }
    [[nodiscard]] const std::vector<Interpreter> &interpreters() const { return m_interpreters; }
    [[nodiscard]] std::vector<FunctionView> views() const;
    [[nodiscard]] const std::map<std::string, FunctionView> &functions() const { return m_views; }

private:
    void begin();
    void onRead(Result<WorkspaceFiles> files, const WorkspaceChange &change);
    void take(const FunctionFiles &files, bool remake);
    void make(const FunctionSettings &settings);
    /// A revision on its way to being ready, unless a later save takes over.
    struct Making
    {
        std::uint64_t number = 0;
        bool building = false;
    };
    struct BuildStart;

    void onMade(const std::string &function, std::uint64_t making, Result<RevisionPtr> revision);
    void planBuild(const RevisionPtr &revision, std::uint64_t making);
    void startBuild(const RevisionPtr &revision, std::uint64_t making, BuildStart start);
    void onBuilt(const RevisionPtr &revision, std::uint64_t making, const BuildPlan &plan,
                 Result<BuildOutcome> outcome);
    void publish(const RevisionPtr &revision, std::uint64_t making);
    /// The view of a function whose latest making this is; null when a later save has taken over.
    [[nodiscard]] FunctionView *current(const std::string &function, std::uint64_t making);
    void endMaking(const std::string &function);
    void refuse(FunctionView &view, Problem problem);
    /// At least one of them is an error.
    void refuse(FunctionView &view, std::vector<Problem> problems);
    /// A save, or its end, takes over from what is being made.
    void forgetMaking(const std::string &function);

    Loop &m_loop;
    const std::filesystem::path m_workspace;
    const Ports m_ports;
    const std::string m_unnamed;
    WorkspaceFiles m_files;
    std::map<std::string, FunctionView> m_views;
    std::vector<Interpreter> m_interpreters;
    bool m_interpretersKnown = false;
    std::shared_ptr<RevisionStore> m_revisions; ///< Also held by what is under way off this thread.
    std::optional<Error> m_noRevisions;
    WorkspaceChange m_wanted{.workspace = true, .functions = {}};
    bool m_reading = false;
    bool m_readOnce = false;
    Builder *m_builder = nullptr;
    std::map<std::string, Making> m_making; ///< By function: the latest revision asked for.
    std::uint64_t m_lastMaking = 0;
    std::map<std::string, std::vector<Problem>> m_said;      ///< By function: what the compiler said of its last build.
    std::shared_ptr<int> m_alive = std::make_shared<int>(0); ///< Lets late answers see that this is gone.
};

} // namespace kiln
