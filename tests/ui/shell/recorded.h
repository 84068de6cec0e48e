// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/engine.h"

#include <filesystem>
#include <mutex>
#include <vector>

namespace kiln::test {

/// A snapshot as a running engine of the workspace `shop` would give it; `folder` is where its files are.
[[nodiscard]] std::shared_ptr<Snapshot> recordedSnapshot(const std::filesystem::path &folder);
/// Writes the files that recordedSnapshot() speaks of.
void writeRecordedWorkspace(const std::filesystem::path &folder);

/// An engine that runs nothing: it notes what is wished of it and answers what it was told to. For tests of the window.
class RecordedEngine final : public Engine
{
public:
    explicit RecordedEngine(SnapshotPtr snapshot)
        : m_snapshot(std::move(snapshot))
    {}

    void subscribe(std::function<void(SnapshotPtr)> take) override { m_take = std::move(take); }
    SnapshotPtr snapshot() const override { return m_snapshot; }
    void fire(Fire fire, Answer<InvocationPtr> done) override;
    void fireTwice(Fire fire, Answer<FiredTwice> done) override;
    void runTrigger(std::string function, std::size_t trigger, Answer<InvocationPtr> done) override;
    void startLoad(LoadPlan plan, Answer<std::uint64_t> begun) override;
    void stopLoad(std::uint64_t run) override { stoppedLoads.push_back(run); }
    void loadReport(std::uint64_t run, Answer<LoadReportPtr> done) override;
    void trust(Answer<> done) override;
    void edit(WorkspaceEdit edit, Answer<> done) override;
    void setSecret(std::string name, std::optional<std::string> value, Answer<>) override
    {
        secrets.emplace_back(std::move(name), std::move(value));
    }
    void listSecrets(Answer<std::vector<std::string>>) override {}
    void queryGrants(std::string, Answer<std::vector<GrantUse>>) override {}
    void queryInvocations(InvocationQuery query, Answer<std::vector<InvocationPtr>> done) override;
    void queryLogs(LogQuery query, Answer<std::vector<LogEntry>> done) override;
    void loadInvocation(Uuid id, Answer<InvocationPtr> done) override;
    void queryMetrics(MetricsQuery query, Answer<MetricsSummary> done) override;
    void inspectWorker(std::uint64_t worker, Answer<WorkerInspection> done) override;
    void stopWorker(std::uint64_t worker) override { stopped.push_back(worker); }
    void retireIdle(std::string function) override { retired.push_back(std::move(function)); }
    bool isReadOnly() const override { return false; }
    void keepUntilEnd(std::shared_ptr<void>) override {}
    void whenReady(Answer<> done) override { done({}); }

    /// As the engine thread does it: from whichever thread calls.
    void publish(SnapshotPtr snapshot);

    std::vector<InvocationPtr> whole; ///< What loadInvocation finds before the snapshot's own.
    std::vector<Fire> fired;
    std::vector<Fire> twice;
    std::vector<std::uint64_t> inspected;
    std::vector<std::pair<std::string, std::optional<std::string>>> secrets; ///< Given, or forgotten.
    std::vector<WorkspaceEdit> edits;
    std::vector<std::uint64_t> stopped;
    std::vector<std::string> retired;
    std::vector<LoadPlan> loads;
    std::vector<std::uint64_t> stoppedLoads;
    Result<std::uint64_t> loadAnswer = 1;
    std::vector<std::string> ran; ///< "function#trigger"
    int trusted = 0;
    Result<> editAnswer;
    Result<InvocationPtr> fireAnswer = InvocationPtr();
    Result<FiredTwice> twiceAnswer = FiredTwice();
    Result<WorkerInspection> inspection = WorkerInspection();

private:
    SnapshotPtr m_snapshot;
    std::function<void(SnapshotPtr)> m_take;
};

} // namespace kiln::test
