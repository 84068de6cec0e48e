// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history_file.h"
#include "core/store/history_store.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace kiln {

/// The history writer thread: takes what was recorded and commits it in batches. See HistoryStore, whose half it is.
class HistoryWriter
{
public:
    HistoryWriter(std::filesystem::path path, HistoryStore::Options options, const Clock &clock,
                  std::unique_ptr<HistoryFile> file);
    ~HistoryWriter();

    void record(InvocationPtr invocation);
    [[nodiscard]] bool congested() const { return m_congested.load(std::memory_order_relaxed); }
    [[nodiscard]] Result<> flush(std::chrono::milliseconds patience);
    [[nodiscard]] Result<> enforceRetention();
    [[nodiscard]] std::string problem() const;
    [[nodiscard]] HistoryStore::Stats stats() const;
    void setProblemChanged(std::function<void()> changed);
    void setDrained(std::function<void()> drained);
    /// Counts the files this has written to: a reader opens anew when it changed.
    [[nodiscard]] std::uint64_t generation() const { return m_generation.load(std::memory_order_relaxed); }

private:
    using Lock = std::unique_lock<std::mutex>;
    struct Waiting
    {
        InvocationPtr invocation;
        std::int64_t weight = 0; ///< Bytes of memory, about.
    };
    enum class Step { Progress, Stuck };

    void run();
    void waitForWork(Lock &lock);
    Step writeBatch();
    Step reopen();
    Step writeSingly(std::size_t count);
    Step trim();
    void failed(const HistoryFile::Problem &problem);
    void wrote(std::size_t count);
    void setProblem(std::string text);
    void publishStats();

    const std::filesystem::path m_path;
    const HistoryStore::Options m_options;
    const Clock &m_clock;

    // Writer thread only.
    std::unique_ptr<HistoryFile> m_file; ///< Null between a failure and the next try.
    std::vector<Waiting> m_incoming;     ///< Swapped with m_pending, so that both keep their memory.
    std::deque<Waiting> m_taken;         ///< Not committed yet, oldest first.
    std::chrono::milliseconds m_backoff{};
    Instant m_nextTrim{};
    std::uint64_t m_skipped = 0;
    std::string m_loss; ///< Told until the end: rows or a file that could not be kept.
    bool m_oneByOne = false;

    mutable std::mutex m_mutex; ///< Guards what follows.
    std::condition_variable m_wake;
    std::condition_variable m_done;
    std::vector<Waiting> m_pending;
    std::int64_t m_pendingBytes = 0; ///< With m_taken.
    std::size_t m_pendingCount = 0;  ///< With m_taken.
    std::uint64_t m_recorded = 0;
    std::uint64_t m_committed = 0;
    std::uint64_t m_trimsAsked = 0;
    std::uint64_t m_trimsDone = 0;
    bool m_asleep = false; ///< The thread waits without end: `record` has to wake it.
    bool m_hurry = false;  ///< Somebody waits in flush.
    bool m_stopping = false;
    std::string m_problem;
    HistoryStore::Stats m_stats;
    std::function<void()> m_problemChanged;
    std::function<void()> m_drained;

    std::atomic<bool> m_congested = false;
    std::atomic<std::uint64_t> m_generation = 0;
    std::thread m_thread;
};

} // namespace kiln
