// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/asio_loop.h"
#include "core/api/code_ahead.h"
#include "core/api/deployment.h"
#include "core/api/durable_events.h"
#include "core/api/engine.h"
#include "core/api/load_control.h"
#include "core/api/snapshot_source.h"
#include "core/api/trigger_sources.h"
#include "core/api/worker_plans.h"
#include "core/build/builder.h"
#include "core/dispatch/dispatcher.h"
#include "core/egress/egress.h"
#include "core/metrics/recorder.h"
#include "core/pool/function_zygotes.h"
#include "core/pool/parked_pool.h"
#include "core/project/lock.h"
#include "core/project/trust.h"
#include "core/project/watcher.h"
#include "core/runtime/runtimes.h"
#include "core/sandbox/launcher.h"
#include "core/store/history_store.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

namespace kiln {

/// Puts the rooms of core together and runs them on one thread.
///
/// Members are the engine thread's, but for those that say otherwise. Everything slow at the start (reading, finding
/// interpreters, opening databases) is offloaded; the engine answers from the first moment.
class EngineImpl final : public Engine
{
public:
    EngineImpl(Options options, Result<WorkspaceLock> lock);
    ~EngineImpl() override;

    void subscribe(std::function<void(SnapshotPtr)> take) override;
    [[nodiscard]] SnapshotPtr snapshot() const override;
    void fire(Fire fire, Answer<InvocationPtr> done) override;
    void fireTwice(Fire fire, Answer<FiredTwice> done) override;
    void runTrigger(std::string function, std::size_t trigger, Answer<InvocationPtr> done) override;
    void startLoad(LoadPlan plan, Answer<std::uint64_t> begun) override;
    void stopLoad(std::uint64_t run) override;
    void loadReport(std::uint64_t run, Answer<LoadReportPtr> done) override;
    void trust(Answer<> done) override;
    void edit(WorkspaceEdit edit, Answer<> done) override;
    void setSecret(std::string name, std::optional<std::string> value, Answer<> done) override;
    void listSecrets(Answer<std::vector<std::string>> done) override;
    void queryInvocations(InvocationQuery query, Answer<std::vector<InvocationPtr>> done) override;
    void queryLogs(LogQuery query, Answer<std::vector<LogEntry>> done) override;
    void loadInvocation(Uuid id, Answer<InvocationPtr> done) override;
    void queryMetrics(MetricsQuery query, Answer<MetricsSummary> done) override;
    void inspectWorker(std::uint64_t worker, Answer<WorkerInspection> done) override;
    void queryGrants(std::string function, Answer<std::vector<GrantUse>> done) override;
    void stopWorker(std::uint64_t worker) override;
    void retireIdle(std::string function) override;
    [[nodiscard]] bool isReadOnly() const override { return !m_lock; }
    void keepUntilEnd(std::shared_ptr<void> user) override { m_users.push_back(std::move(user)); }
    void whenReady(Answer<> done) override;

private:
    // engine.cpp: starting and stopping
    void start();
    void startLauncher();
    void findInterpreters(SearchOptions::Shims shims);
    void askShims();
    void openStores();
    void takeHistory(Result<std::unique_ptr<HistoryStore>> opened);
    void takeEvents(Result<std::unique_ptr<EventStore>> opened);
    void onStoresOpen();
    void watch();
    void resumeEvents();
    void seedMetrics();
    void stopInside();
    void tearDownOnceIdle(Instant giveUp);
    void tearDown();

    void onChanged();
    void applyTriggers();
    /// Whether events may come by themselves: trusted, and there is something to run them with.
    [[nodiscard]] bool mayTrigger() const;
    /// Whether workers may be kept ready before any event: then code runs.
    [[nodiscard]] bool mayProvision() const;
    void tellWhetherReady();
    void expectStarts();
    void onRevisionReady(const RevisionPtr &revision);
    [[nodiscard]] bool isReady() const;
    void record(const InvocationPtr &invocation);
    void noteGrants(const FunctionSettings &settings);
    void noteGiven(const WorkspaceEdit &edit);
    void loadSecrets();
    void takeSecrets(Result<std::map<std::string, std::string>> read);
    void retireStale(const Invocation &invocation);
    [[nodiscard]] InvocationPtr masked(const InvocationPtr &invocation) const;
    void explain(const RevisionPtr &revision, std::vector<Access> accesses, std::function<void(Explanation)> told);
    [[nodiscard]] std::optional<WallTime> anchorOf(const std::string &function, const ScheduleTrigger &schedule);
    [[nodiscard]] std::unique_ptr<Worker> makeWorker(RevisionPtr revision, WorkerPool::Origin origin,
                                                     Worker::Events events);
    void onLoaded(const Worker &worker, std::chrono::nanoseconds init);
    void fillWorkspace(WorkspaceView &view) const;
    void fillEngine(EngineLive &live) const;

    // engine_commands.cpp
    /// Runs `query` on the history with everything recorded so far in it, and brings its answer to the engine thread.
    template<typename T, typename Query> void queryHistory(Answer<T> done, Query query);
    /// Waits until what is fired by hand may run; an Error says why it never will.
    void whenMayRun(Answer<> done);
    void request(EventSink::Target target, Event event, WorkerPool::Freshness freshness, Answer<InvocationPtr> done);
    void inspect(std::uint64_t worker, Answer<WorkerInspection> done);
    /// Why nothing may run or be written here; nullopt when it may.
    [[nodiscard]] std::optional<Error> readOnly() const;

    const Options m_options;
    const std::shared_ptr<const Clock> m_clock;
    const Result<WorkspaceLock> m_lock; ///< An Error says why the workspace is read-only.
    TrustStore m_trustStore{TrustStore::defaultFile()};
    bool m_trusted = false;

    AsioLoop m_loop;
    HandOff m_handOff{m_loop};
    Egress m_egress;
    GrantTallies m_grantUses;                                   ///< Of all that was ever recorded.
    std::map<std::string, std::set<std::string>> m_givenHere;   ///< Grants by function, through an edit of ours.
    std::set<std::string> m_setHere;                            ///< Functions whose lists of grants were set here.
    std::map<std::string, std::vector<std::string>> m_asksMore; ///< See FunctionView; by function.
    SnapshotSource m_snapshots; ///< `latest` and `subscribe` from any thread.
    DurableEvents m_events;
    WorkerPlans m_plans;
    Recorder m_recorder;
    std::unique_ptr<Launcher> m_launcher;
    std::unique_ptr<Builder> m_builder;         ///< Null without a launcher.
    std::unique_ptr<CodeAhead> m_codeAhead;     ///< As m_builder.
    std::unique_ptr<ParkedPool> m_parked;       ///< Null: none is wanted, or cannot be made here.
    std::unique_ptr<FunctionZygotes> m_zygotes; ///< As m_parked.
    std::optional<Error> m_launcherProblem;
    std::shared_ptr<HistoryStore> m_history; ///< Also held by a search that waits off this thread for it.
    std::optional<Error> m_storeProblem;     ///< Why one of the stores is not open.
    bool m_revisionsOpen = false;
    bool m_storesOpen = false; ///< Or found not to open.
    std::unique_ptr<Dispatcher> m_dispatcher;
    std::unique_ptr<Deployment> m_deployment;
    std::unique_ptr<TriggerSources> m_triggers;
    std::unique_ptr<LoadControl> m_load;
    std::unique_ptr<WorkspaceWatcher> m_watcher;
    std::optional<Error> m_watchProblem;
    WorkerId m_lastWorker = 0;
    std::map<std::string, std::string> m_secrets; ///< Values by name.
    std::optional<Error> m_secretsProblem;
    bool m_secretsRead = false;
    std::map<std::string, MaskPtr> m_masks;         ///< By function, of those that have secrets.
    std::map<std::string, WorkerId> m_lastStale;    ///< By function: workers up to this have old secrets.
    std::vector<std::function<void()>> m_whenReady; ///< What waits until ready.
    bool m_shimsAsked = false;
    bool m_shimsAwaited = false;
    bool m_wasReady = false; ///< Once.
    bool m_resumed = false; ///< Events of an earlier life are on their way.
    bool m_stopping = false;
    std::vector<std::shared_ptr<void>> m_users; ///< Of the thread that owns the engine.
    std::thread m_thread;
};

} // namespace kiln
