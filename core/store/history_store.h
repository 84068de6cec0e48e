// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/grant_use.h"
#include "core/model/invocation.h"
#include "core/model/invocation_figures.h"
#include "core/store/cancel_token.h"
#include "core/store/query.h"
#include "core/store/retention.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kiln {

class HistoryWriter;
class QueryThread;

/// The past of a workspace: records finished invocations and searches them.
///
/// One writer thread owns the only writing connection to the file and commits within 100 ms; one reader thread
/// searches beside it. An invocation and its logs are there whole or not at all.
class HistoryStore
{
public:
    struct Options
    {
        Retention retention = {};
        std::size_t maxWaiting = 100'000; ///< Invocations not yet written; above it `congested`.
        ByteSize maxWaitingBytes = 256_MB;
        std::string vfs = {}; ///< SQLite's name of the file system; the seam for injected faults.
    };

    struct Stats
    {
        std::uint64_t invocations = 0;
        ByteSize size;
        bool operator==(const Stats &) const = default;
    };

    template<typename T> using Answer = std::function<void(Result<T>)>;

    /// Opens or makes the file (mode 0600) and starts both threads. A damaged file is set aside and a fresh one begun:
    /// see `warning`. Fails when it was written by a newer Kiln (then nothing is touched), when it is locked, or
    /// cannot be made. The clock must outlive the store.
    [[nodiscard]] static Result<std::unique_ptr<HistoryStore>> open(std::filesystem::path path, Options options,
                                                                    const Clock &clock);
    ~HistoryStore(); ///< Writes what is waiting, as far as the disk takes it within two seconds; answers what was
                     ///< asked.

    /// What `open` had to do with a damaged file; empty when nothing.
    [[nodiscard]] const std::string &warning() const { return m_warning; }

    /// What had been seen of the use of permissions when the store was opened. Takes it: empty from then on.
    [[nodiscard]] GrantTallies takeGrantUses() { return std::exchange(m_grantUses, {}); }

    /// Takes a finished invocation, never null. Engine thread; never blocks, makes no system call under load.
    void record(InvocationPtr invocation);
    /// True from when more waits to be written than the bounds say until half of it is: nothing is lost, but whoever
    /// starts invocations must wait. Any thread.
    [[nodiscard]] bool congested() const;
    /// Called (on the writer thread) when `congested` turns false. Set before the first `record`.
    void setDrained(std::function<void()> drained);

    /// Blocks until all recorded so far is committed; an Error when that did not come about in time. Not for the
    /// engine thread, except at its end.
    [[nodiscard]] Result<> flush(std::chrono::milliseconds patience = std::chrono::seconds(10));
    /// Blocks until nothing is over the bounds. Otherwise it happens by itself, between batches.
    [[nodiscard]] Result<> enforceRetention();

    /// Why recording is in trouble, then what was lost since the start; empty when nothing is and was. Recording goes
    /// on by itself, in order. Any thread.
    [[nodiscard]] std::string problem() const;
    /// Called (on the writer thread) when `problem` changed. Set before the first `record`.
    void setProblemChanged(std::function<void()> changed);
    [[nodiscard]] Stats stats() const; ///< As of the last commit. Cheap, any thread.

    // Each is answered exactly once, on the reader thread, newest first; a cancelled one, or one still waiting when the
    // store closes, with an Error of code Busy. Any thread.
    CancelToken invocations(InvocationQuery query, Answer<std::vector<InvocationPtr>> answer);
    CancelToken invocation(Uuid id, Answer<InvocationPtr> answer); ///< Whole; NotFound when there is none.
    CancelToken logs(LogQuery query, Answer<std::vector<LogEntry>> answer);
    CancelToken metrics(MetricsQuery query, Answer<MetricsSummary> answer);
    /// The figures of all accepted since then, at most `limit` (the newest), oldest first: what charts begin with.
    CancelToken figures(WallTime since, int limit, Answer<std::vector<InvocationFigures>> answer);

private:
    HistoryStore();

    std::string m_warning;
    GrantTallies m_grantUses;
    std::unique_ptr<HistoryWriter> m_writer;
    std::unique_ptr<QueryThread> m_reader;
};

} // namespace kiln
