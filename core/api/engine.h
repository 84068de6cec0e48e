// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/base/result.h"
#include "core/model/worker_inspection.h"
#include "core/project/edit.h"
#include "core/store/query.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace kiln {

/// The execution engine of one workspace, and the only door to it: commands in, snapshots out.
///
/// It owns its thread. Every command may be called from any thread and returns at once; its answer comes on the
/// engine thread (a caller with a thread of its own hands it over). After the destructor returned no callback runs
/// and no worker, cgroup or mount of it is left.
class Engine
{
public:
    enum class Triggers {
        On,  ///< Listen and run schedules, if the workspace is trusted.
        Off, ///< Only what is fired by hand (a single command).
    };

    /// A dozen waiting Python interpreters, or a handful of Node's.
    static constexpr ByteSize usualParkedMemory = 256_MB;

    struct Options
    {
        std::filesystem::path workspace;
        std::filesystem::path resources; ///< The folder that holds runtimes/, schema/ …
        std::filesystem::path launcher;  ///< The launcher's executable.
        std::filesystem::path adapter{}; ///< What runs functions that are executables.
        Triggers triggers = Triggers::On;
        std::optional<std::string> listen; ///< "HOST:PORT", over what kiln.yaml says; port 0 takes any free one.
        /// For interpreters that wait for a function, so that a start is quick; 0 for none (a single command).
        ByteSize parkedMemory{};
        std::shared_ptr<const Clock> clock; ///< The machine's when null.
    };

    template<typename T = void> using Answer = std::function<void(Result<T>)>;

    /// Starts the engine; the workspace is read and revisions are made behind. Fails when the folder is no
    /// workspace; a workspace that another Kiln has open is opened read-only.
    [[nodiscard]] static Result<std::unique_ptr<Engine>> open(Options options);

    virtual ~Engine() = default;

    /// `take` is called on the engine thread with a new snapshot at most every 33 ms, and only if something changed.
    virtual void subscribe(std::function<void(SnapshotPtr)> take) = 0;
    /// The latest snapshot. Any thread; never null.
    [[nodiscard]] virtual SnapshotPtr snapshot() const = 0;

    struct Fire
    {
        std::string function;
        std::string data; ///< The event's bytes, given to the handler as they are.
        std::string contentType = "application/json";
        bool cold = false; ///< Take a new worker, whatever is warm.
        std::string source = "kiln:manual";
    };
    /// Fires a test event along the way of a real one. Waits for the function's first revision if it is being made.
    virtual void fire(Fire fire, Answer<InvocationPtr> done) = 0;

    struct FiredTwice
    {
        InvocationPtr first;
        InvocationPtr second;
        /// What the worker of the first kept until the second came; absent when it had ended.
        std::optional<WorkerInspection> between;
        [[nodiscard]] bool sameWorker() const { return first->worker != 0 && first->worker == second->worker; }
    };
    /// Fires the event at a new worker and, once that has answered, again: to show what a second run finds of the
    /// first. Other events that come meanwhile may take the worker away; `sameWorker` tells.
    virtual void fireTwice(Fire fire, Answer<FiredTwice> done) = 0;

    /// Runs a trigger now: a schedule's tick with the event it would have had.
    virtual void runTrigger(std::string function, std::size_t trigger, Answer<InvocationPtr> done) = 0;

    /// Begins a load run and answers with its number; see LoadControl for what it refuses. Snapshots tell how it stands.
    virtual void startLoad(LoadPlan plan, Answer<std::uint64_t> begun) = 0;
    /// Ends the run's sending; called once more, its waiting for answers.
    virtual void stopLoad(std::uint64_t run) = 0;
    /// How a run stands, and that somebody wants to know (LoadPlan::abandonedAfter). NotFound once another has begun.
    virtual void loadReport(std::uint64_t run, Answer<LoadReportPtr> done) = 0;

    /// Remembers that the user trusts this workspace, and switches its triggers on.
    virtual void trust(Answer<> done) = 0;

    /// Changes files of the workspace: settings, triggers, test events, functions (see core/project/edit.h).
    virtual void edit(WorkspaceEdit edit, Answer<> done) = 0;

    /// Gives a secret its value, or takes it away when there is none. The workers that have the old one serve no more
    /// invocation after the one that they are serving.
    virtual void setSecret(std::string name, std::optional<std::string> value, Answer<> done) = 0;
    virtual void listSecrets(Answer<std::vector<std::string>> done) = 0; ///< Names, never values.

    /// Searches the past. Answers newest first.
    virtual void queryInvocations(InvocationQuery query, Answer<std::vector<InvocationPtr>> done) = 0;
    virtual void queryLogs(LogQuery query, Answer<std::vector<LogEntry>> done) = 0;
    /// One invocation whole, with payloads and logs.
    virtual void loadInvocation(Uuid id, Answer<InvocationPtr> done) = 0;
    virtual void queryMetrics(MetricsQuery query, Answer<MetricsSummary> done) = 0;

    /// Looks at a live worker from outside: its isolation layer by layer, and what it keeps for its next invocation.
    virtual void inspectWorker(std::uint64_t worker, Answer<WorkerInspection> done) = 0;

    /// What was seen of the use of each of a function's permissions. NotFound when there is no such function.
    virtual void queryGrants(std::string function, Answer<std::vector<GrantUse>> done) = 0;

    /// Ends a worker; a running invocation of it ends as Cancelled.
    virtual void stopWorker(std::uint64_t worker) = 0;
    /// Ends all idle workers of a function, so that its next start is cold.
    virtual void retireIdle(std::string function) = 0;

    /// Whether the workspace was opened read-only: nothing runs and nothing is recorded; snapshots say why.
    [[nodiscard]] virtual bool isReadOnly() const = 0;

    /// Keeps what uses this engine (the control socket) and lets go of it before anything of the engine ends. Call from
    /// one thread, before other threads can end the engine.
    virtual void keepUntilEnd(std::shared_ptr<void> user) = 0;

    /// Resolves once the workspace has been read, interpreters were found, the tier is known and every function that
    /// can be is Ready; with the address once listening. For commands, which have no window to watch.
    virtual void whenReady(Answer<> done) = 0;
};

} // namespace kiln
