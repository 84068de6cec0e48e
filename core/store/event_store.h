// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/queued_event.h"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kiln {

class EventFile;

/// The promises of a workspace: events that were accepted and must be handled, dead letters, schedules' marks.
///
/// One writer thread owns the file (synchronous FULL). What is asked while a commit runs goes into the next one
/// together, so that many share one wait for the disk. All may be called from any thread; `done` comes on the writer
/// thread after the COMMIT returned, in the order asked.
///
/// When the disk refuses: accepting and beginning an attempt are answered with an Error, for nothing may rely on
/// them. What says that something was over is kept and tried again; should it be lost with the process, the event is
/// delivered once more, with a higher attempt.
class EventStore
{
public:
    struct Options
    {
        std::string vfs = {}; ///< SQLite's name of the file system; the seam for injected faults.
    };
    using Done = std::function<void(Result<>)>;

    /// Opens or makes the file (mode 0600). A damaged one is set aside, and what can be read of it is taken over: see
    /// `warning`. Fails for a file of a newer Kiln, a locked one, or where none can be made.
    [[nodiscard]] static Result<std::unique_ptr<EventStore>> open(std::filesystem::path path, Options options,
                                                                  const Clock &clock);
    ~EventStore(); ///< Commits what was asked, as far as the disk takes it within two seconds; answers all of it.

    [[nodiscard]] const std::string &warning() const { return m_warning; }

    /// Accepted is an event when `done` gets no Error: then it is on the disk. An event of the same id for the same
    /// function that has not finished is the same event; it is kept once.
    void accept(QueuedEvent event, Done done);
    /// Before an attempt begins: once `done`, a crash makes the next delivery attempt + 1.
    void attemptBegun(EventKey key, int attempt, Done done);
    void attemptFailed(EventKey key, int attempt, WallTime nextAttempt, std::string cause, Done done = {});
    void finished(EventKey key, Done done = {});
    /// Gives an event up: it is kept with its cause until sent again or discarded.
    void bury(EventKey key, std::string cause, std::optional<Outcome> outcome, Done done = {});
    /// Makes a dead letter an event again, without attempts; read it with `pending`.
    void revive(EventKey key, Done done);
    void discard(EventKey key, Done done);
    /// Remembers up to which tick a schedule's events have been accepted.
    void mark(std::string function, std::string expression, WallTime last, Done done = {});

    // These read the file while they are called: at the start, or off the engine thread.
    [[nodiscard]] Result<std::vector<PendingEvent>> pending() const;
    [[nodiscard]] Result<std::vector<DeadLetter>> deadLetters(int limit = 1000) const; ///< Newest first.
    /// The last mark of a schedule; nullopt when it never ran.
    [[nodiscard]] Result<std::optional<WallTime>> lastMark(const std::string &function,
                                                           const std::string &expression) const;

    /// Blocks until all asked so far is settled.
    [[nodiscard]] Result<> flush(std::chrono::milliseconds patience = std::chrono::seconds(10));
    [[nodiscard]] std::string problem() const; ///< Why the disk does not take it, then what was lost; else empty.
    void setProblemChanged(std::function<void()> changed); ///< Called on the writer thread. Set first.

private:
    struct Change
    {
        enum class OnFailure { Tell, Keep };
        std::function<void(EventFile &)> apply;
        Done done;
        OnFailure onFailure = OnFailure::Keep;
        bool counted = true; ///< Asked from outside: `flush` waits for it.
    };
    struct Trouble;

    EventStore(std::filesystem::path path, Options options, const Clock &clock);

    void ask(Change change);
    void run();
    void commit(std::vector<Change> changes);
    void settle(std::vector<Change> &changes, const Error *error);
    [[nodiscard]] Result<> ready();
    void takeOver(std::vector<Change> &changes);
    [[nodiscard]] Result<> replaceDamaged(std::string &told);
    void setProblem(std::string text);

    const std::filesystem::path m_path;
    const Options m_options;
    const Clock &m_clock;
    std::string m_warning;

    // Writer thread only, once it runs.
    std::unique_ptr<EventFile> m_file;
    std::uint64_t m_inode = 0;
    std::vector<Change> m_kept; ///< Not taken by the disk yet, in order.
    std::string m_loss;

    mutable std::mutex m_mutex; ///< Guards what follows.
    std::condition_variable m_wake;
    std::condition_variable m_settledChanged;
    std::vector<Change> m_asked;
    std::uint64_t m_askedCount = 0;
    std::uint64_t m_settledCount = 0;
    bool m_stopping = false;
    std::string m_problem;
    std::function<void()> m_problemChanged;
    std::thread m_thread;
};

} // namespace kiln
