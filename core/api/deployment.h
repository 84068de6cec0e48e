// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/api/worker_plans.h"
#include "core/base/loop.h"
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

/// Keeps what runs in step with what is on disk: reads the workspace, makes revisions, hands them to the dispatcher.
///
/// Engine thread only; reading and copying happen off it. A function whose files are in error keeps its last good
/// revision running.
class Deployment
{
public:
    struct Ports
    {
        Dispatcher &dispatcher;
        WorkerPlans &plans;
        std::function<void()> changed; ///< What is shown changed; triggers may have.
    };

    Deployment(Loop &loop, std::filesystem::path workspace, Ports ports);
    ~Deployment();

    void setInterpreters(std::vector<Interpreter> interpreters);
    /// Where revisions go. Without one nothing can be made ready, and functions say why.
    void setRevisions(Result<std::unique_ptr<RevisionStore>> revisions);

    /// Reads what may have changed; begins once interpreters and revisions are set.
    void reload(const WorkspaceChange &change);

    /// Whether the workspace has been read and no function is being prepared.
    [[nodiscard]] bool settled() const;

    /// Whether a function needs an interpreter that was not found.
    [[nodiscard]] bool lacksInterpreter() const;

    [[nodiscard]] const std::string &name() const { return m_files.kiln ? m_files.kiln->name : m_unnamed; }
    [[nodiscard]] std::string listenAddress() const;
    [[nodiscard]] const std::vector<Problem> &problems() const { return m_files.problems; }
    [[nodiscard]] const std::vector<Interpreter> &interpreters() const { return m_interpreters; }
    [[nodiscard]] std::vector<FunctionView> views() const;
    [[nodiscard]] const std::map<std::string, FunctionView> &functions() const { return m_views; }

private:
    void begin();
    void onRead(Result<WorkspaceFiles> files, const WorkspaceChange &change);
    void take(const FunctionFiles &files, bool remake);
    void make(const FunctionSettings &settings);
    void onMade(const std::string &function, std::uint64_t making, Result<RevisionPtr> revision);
    void refuse(FunctionView &view, Problem problem);

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
    std::map<std::string, std::uint64_t> m_making; ///< By function: the latest revision asked for.
    std::uint64_t m_lastMaking = 0;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0); ///< Lets late answers see that this is gone.
};

} // namespace kiln
