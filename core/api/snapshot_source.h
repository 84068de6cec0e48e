// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/deployment.h"
#include "core/api/feed_builder.h"
#include "core/api/snapshot.h"
#include "core/api/trigger_sources.h"
#include "core/dispatch/dispatcher.h"
#include "core/metrics/recorder.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace kiln {

/// Makes snapshots: at most one every 33 ms, and only when something changed.
///
/// Engine thread only, but for `latest` and `subscribe`.
class SnapshotSource
{
public:
    struct Sources
    {
        Dispatcher &dispatcher;
        Deployment &deployment;
        TriggerSources &triggers;
        Recorder &recorder;
        const GrantTallies &grantUses;
        std::function<void(WorkspaceView &)> fillWorkspace; ///< What the engine itself knows: trust, locks.
        std::function<void(EngineLive &)> fillEngine;       ///< Tier, history, problems.
        std::function<LoadReportPtr()> load;
    };

    SnapshotSource(Loop &loop, std::filesystem::path workspace);

    /// Begins; before this the snapshot is empty.
    void start(Sources sources);

    void take(const InvocationPtr &invocation); ///< One has ended.
    void take(const std::string &function, ScaleEvent event);
    void markChanged();          ///< Numbers, workers or queues.
    void markWorkspaceChanged(); ///< What does not change by itself: functions, settings, problems.
    /// Makes one now, out of turn.
    void publishNow();
    void stop();

    [[nodiscard]] SnapshotPtr latest() const;                    ///< Any thread.
    void subscribe(std::function<void(SnapshotPtr)> subscriber); ///< Any thread; called on the engine thread.

private:
    struct LastOf
    {
        InvocationPtr last;
        InvocationPtr lastError;
    };

    void schedule();
    void tick();
    void publish();
    void feedLogs();
    void refreshWorkspace();
    void sampleWorkers();
    [[nodiscard]] FunctionLive liveOf(const FunctionView &view);
    [[nodiscard]] EngineLive engineLive();

    Loop &m_loop;
    std::unique_ptr<Sources> m_sources;
    static constexpr std::size_t mostInvocations = 10'000;
    static constexpr std::size_t mostLines = 20'000;
    static constexpr std::size_t mostUnfed = 1'000; ///< Each keeps its payloads.
    static constexpr std::size_t mostScaling = 500; ///< Of one function.

    FeedBuilder<InvocationPtr> m_invocations{mostInvocations};
    FeedBuilder<LogEntry> m_logs{mostLines};
    std::vector<InvocationPtr> m_unfed; ///< Whose lines wait for the next snapshot: who is next need not wait for them.
    std::unordered_map<std::string, LastOf> m_last;
    std::unordered_map<std::string, FeedBuilder<ScaleEvent>> m_scaling; ///< By function.
    std::shared_ptr<const WorkspaceView> m_workspace;
    std::vector<WorkerView> m_workers;
    bool m_workspaceChanged = true;
    bool m_refreshMemory = false;
    TimerId m_timer = 0;
    TimerId m_ticker = 0;
    Instant m_published{};
    Instant m_active{}; ///< When something last happened.
    bool m_changed = false; ///< Since the last snapshot.
    std::uint64_t m_number = 0;

    mutable std::mutex m_mutex; ///< Guards what other threads reach.
    SnapshotPtr m_latest;
    std::vector<std::function<void(SnapshotPtr)>> m_subscribers;
};

} // namespace kiln
