// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/queued_event.h"
#include "core/store/database.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace kiln {

/// events.db, open for writing: each change as prepared statements, inside a transaction that the caller holds. After
/// a failure it must be thrown away and opened anew. One thread; what changes throws SQLite::Exception.
class EventFile
{
public:
    /// `damage` as of openForWriting; also set when the file opens but its pages do not fit together.
    [[nodiscard]] static Result<std::unique_ptr<EventFile>> open(const std::filesystem::path &path,
                                                                 const std::string &vfs, Damage &damage);

    [[nodiscard]] SQLite::Database &database() { return *m_database; }

    void accept(const QueuedEvent &queued, int attempts = 0); ///< Does nothing when it is there already.
    void attemptBegun(const EventKey &key, int attempt);
    void attemptFailed(const EventKey &key, int attempt, WallTime next, const std::string &cause);
    void finished(const EventKey &key);
    void bury(const EventKey &key, WallTime died, const std::string &cause, std::optional<Outcome> outcome);
    void revive(const EventKey &key, WallTime accepted); ///< A dead letter becomes an event again, with no attempts.
    void discard(const EventKey &key);
    void mark(const std::string &function, const std::string &expression, WallTime last);
    void addDeadLetter(const DeadLetter &letter);

    // Any connection to such a file.
    [[nodiscard]] static std::vector<PendingEvent> pending(SQLite::Database &database);
    [[nodiscard]] static std::vector<DeadLetter> deadLetters(SQLite::Database &database, int limit);
    static const std::string pendingColumns; ///< With FROM; the key last.
    static const std::string deadColumns;
    [[nodiscard]] static PendingEvent pendingOf(SQLite::Statement &row);
    [[nodiscard]] static DeadLetter deadLetterOf(SQLite::Statement &row);

private:
    explicit EventFile(DatabasePtr database);

    DatabasePtr m_database;
    SQLite::Statement m_accept;
    SQLite::Statement m_begin;
    SQLite::Statement m_finish;
};

} // namespace kiln
