// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"
#include "core/model/grant_use.h"
#include "core/model/interpreter.h"
#include "core/model/invocation.h"
#include "core/model/load_report.h"
#include "core/model/metric_series.h"
#include "core/model/outcome.h"
#include "core/model/problem.h"
#include "core/model/scale_event.h"
#include "core/model/worker_view.h"
#include "core/model/zygote_view.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// A bounded, append-only feed, shared in immutable chunks: a reader keeps the sequence number it has read up to and
/// takes what is newer. What is older than the feed's bound is in history.
template<typename T> struct Feed
{
    struct Chunk
    {
        std::uint64_t first = 0; ///< Sequence number of items.front(); numbers have no gaps.
        std::vector<T> items;
    };
    std::vector<std::shared_ptr<const Chunk>> chunks; ///< Oldest first.

    [[nodiscard]] std::uint64_t end() const ///< One past the newest sequence number; 0 when empty.
    {
        return chunks.empty() ? 0 : chunks.back()->first + chunks.back()->items.size();
    }

    /// Calls `take(const T&)` for all items from sequence number `from` on, oldest first.
    template<typename Take> void since(std::uint64_t from, Take take) const
    {
        for (const auto &chunk : chunks) {
            const std::uint64_t last = chunk->first + chunk->items.size();
            for (std::uint64_t i = std::max(from, chunk->first); i < last; ++i)
                take(chunk->items[std::size_t(i - chunk->first)]);
        }
    }
};

/// How a function stands, apart from what it is doing just now.
struct FunctionView
{
    enum class State {
        Preparing, ///< A revision is being made from what is on disk.
        Building,  ///< Its code is being compiled.
        Ready,     ///< `revision` is what the next invocation runs.
        Invalid,   ///< The files have errors; `revision` is the last good one, or null when there never was one.
    };

    std::string name;
    std::filesystem::path folder;
    State state = State::Preparing;
    FunctionSettings settings; ///< Of the last good reading.
    RevisionPtr revision;
    std::vector<Problem> problems;
    /// Grants that the function had in no invocation before those of this revision, and that were not given here: what
    /// somebody's edit of function.yaml asks for more. Until the engine ends, or they are taken back.
    std::vector<std::string> asksMore;
    std::vector<std::string> files;         ///< Of the code, relative to the folder, sorted; the first thousand.
    std::vector<std::string> testEvents;    ///< File names in events/, sorted.
    std::optional<Interpreter> interpreter; ///< The one chosen; absent when none fits (then a problem says so).
};

/// A workspace as read from disk: replaced as a whole when anything in it changes.
struct WorkspaceView
{
    std::filesystem::path folder;
    std::string name;
    bool trusted = true;   ///< While false all triggers are off.
    bool readOnly = false; ///< Another Kiln has it open, or the folder cannot be written.
    std::string readOnlyReason;
    std::vector<Problem> problems;       ///< Of kiln.yaml; those of functions are with them.
    std::vector<FunctionView> functions; ///< By name.
    std::vector<Interpreter> interpreters;
    std::vector<std::string> secrets; ///< Names of those that have a value, sorted.
};

/// What one trigger is doing just now. In the order of FunctionSettings::triggers.
struct TriggerLive
{
    double rate = 0; ///< Events per second, over the last ten.
    std::optional<WallTime> nextRun;
    std::string problem; ///< "port 7070 is in use", empty when it works.
};

/// What one function is doing just now.
struct FunctionLive
{
    std::string name;
    int warm = 0; ///< Idle workers.
    int busy = 0;
    int starting = 0;
    int queued = 0;
    Feed<ScaleEvent> scaling;         ///< Why workers started and stopped, the last few hundred.
    double rate = 0;                  ///< Invocations per second, over the last ten.
    double p50 = 0, p95 = 0, p99 = 0; ///< Milliseconds, over the last minute; 0 when none.
    double coldShare = 0;             ///< 0 … 1, over the last minute.
    std::uint64_t errors = 0;         ///< Over the last minute.
    std::array<float, 30> spark{};    ///< Invocations per second, the last thirty seconds, oldest first.
    InvocationPtr last;               ///< The last finished one; null when none since start.
    InvocationPtr lastError;          ///< The last one whose outcome isError, until a later one succeeds.
    std::vector<TriggerLive> triggers;
    std::vector<GrantUse> grants; ///< What is known of the use of each of its permissions.
};

/// The engine as a whole.
struct EngineLive
{
    enum class State { Starting, Running, Stopping };
    State state = State::Starting;
    std::optional<Tier> tier;              ///< Absent until the self-test is done.
    std::vector<std::string> tierEvidence; ///< One line per layer: "seccomp: on (filter installed, ptrace refused)".
    std::string address;                   ///< "http://127.0.0.1:7070"; empty when not listening.
    std::string addressProblem;
    int workers = 0;
    int workerBudget = 0; ///< How many there may be in all: scaling.workers.
    ByteSize workerMemory;
    /// Processes that wait for a function.
    struct Parked
    {
        int count = 0;
        ByteSize memory; ///< Of all of them.
        ByteSize budget; ///< What they may take; none: no process is made ahead.
    };
    Parked parked;
    std::vector<ZygoteView> zygotes; ///< Of the functions that have one, or cannot have one.
    double rate = 0;                 ///< Invocations per second, over the last ten.
    std::uint64_t historyInvocations = 0;
    ByteSize historySize;
    std::string storeProblem; ///< Why recording is in trouble; empty when it is not.
};

/// All the window knows, at one moment. Built on the engine thread, read on the GUI thread, never changed.
struct Snapshot
{
    std::uint64_t number = 0;
    WallTime time;
    std::shared_ptr<const WorkspaceView> workspace; ///< Never null.
    EngineLive engine;
    std::vector<FunctionLive> functions; ///< In the order of workspace->functions.
    std::vector<WorkerView> workers;
    Feed<InvocationPtr> invocations; ///< The last ten thousand at most, by time of ending; large ones without payloads.
    Feed<LogEntry> logs;             ///< The last twenty thousand at most; long lines are cut.
    std::shared_ptr<const MetricsView> metrics; ///< Never null; replaced once a second.
    LoadReportPtr load; ///< Of the load run going on, else of the last one; null before the first.
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

} // namespace kiln
