// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/event_file.h"

#include "core/store/schema.h"

#include <algorithm>

namespace kiln {

using namespace std::chrono;

namespace {

constexpr int cacheSpill = 16 << 20;

std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }

/// Of a damaged file any number may come back: what is no time of ours becomes the nearest that is.
WallTime timeOf(const SQLite::Column &column)
{
    constexpr WallTime last = sys_days(year(9999) / December / 31);
    return std::clamp(WallTime(microseconds(column.getInt64())), WallTime(), last);
}

int attemptsOf(const SQLite::Column &column) { return std::clamp(column.getInt(), 0, 1'000'000); }

void bindKey(SQLite::Statement &statement, const EventKey &key)
{
    statement.bindNoCopy(":function", key.function);
    statement.bindNoCopy(":id", key.event);
}

void bindEvent(SQLite::Statement &statement, const QueuedEvent &queued)
{
    static const std::string none;
    const Event &event = queued.event;
    statement.bindNoCopy(":function", queued.function);
    statement.bindNoCopy(":id", event.id);
    statement.bindNoCopy(":trigger", queued.triggerKind);
    statement.bindNoCopy(":source", event.source);
    statement.bindNoCopy(":type", event.type);
    statement.bindNoCopy(":subject", event.subject);
    statement.bindNoCopy(":content", event.dataContentType);
    statement.bind(":time", micros(event.time));
    statement.bind(":accepted", micros(queued.accepted));
    const std::string &data = event.data ? *event.data : none;
    statement.bindNoCopy(":data", data.data(), int(data.size()));
}

QueuedEvent queuedOf(SQLite::Statement &row)
{
    QueuedEvent queued;
    queued.function = bytesOf(row.getColumn(0));
    queued.event.id = bytesOf(row.getColumn(1));
    queued.triggerKind = bytesOf(row.getColumn(2));
    queued.event.source = bytesOf(row.getColumn(3));
    queued.event.type = bytesOf(row.getColumn(4));
    queued.event.subject = bytesOf(row.getColumn(5));
    queued.event.dataContentType = bytesOf(row.getColumn(6));
    queued.event.time = timeOf(row.getColumn(7));
    queued.accepted = timeOf(row.getColumn(8));
    queued.event.data = payload(bytesOf(row.getColumn(9)));
    return queued;
}

/// Rare changes are prepared when they come.
void change(SQLite::Database &database, const char *sql, const EventKey &key, auto bindRest)
{
    SQLite::Statement statement(database, sql);
    bindKey(statement, key);
    bindRest(statement);
    statement.exec();
}

const std::string eventColumns = "function, id, trigger, source, type, subject, content_type, time, accepted, data, ";

} // namespace

const std::string EventFile::pendingColumns = eventColumns + "attempts, next_at, cause, key FROM event";
const std::string EventFile::deadColumns = eventColumns + "attempts, died, cause, outcome, key FROM dead_letter";

EventFile::EventFile(DatabasePtr database)
    : m_database(std::move(database))
    , m_accept(*m_database, "INSERT INTO event (function, id, trigger, source, type, subject, content_type, time,"
                            " accepted, data, attempts) VALUES (:function, :id, :trigger, :source, :type, :subject,"
                            " :content, :time, :accepted, :data, :attempts) ON CONFLICT (function, id) DO NOTHING")
    , m_begin(*m_database,
              "UPDATE event SET attempts = :attempt, next_at = NULL WHERE function = :function AND id = :id")
    , m_finish(*m_database, "DELETE FROM event WHERE function = :function AND id = :id")
{}

Result<std::unique_ptr<EventFile>> EventFile::open(const std::filesystem::path &path, const std::string &vfs,
                                                   Damage &damage)
{
    auto database = openForWriting(
        path, {.durability = DatabaseOptions::Durability::Full, .schema = eventsSchema(), .vfs = vfs}, damage);
    if (!database)
        return tl::make_unexpected(database.error());
    try {
        // What waits is little; a file that is large all the same is not kept waiting for.
        const std::int64_t pages = (*database)->execAndGet("PRAGMA page_count").getInt64();
        if (pages * 4096 <= std::int64_t(cacheSpill) * 4) {
            const std::string verdict = (*database)->execAndGet("PRAGMA quick_check(1)").getString();
            if (verdict != "ok") {
                damage = Damage::Damaged;
                return fail(Error::Code::Store, "The file of accepted events is damaged: " + verdict, path.string());
            }
        }
        return std::unique_ptr<EventFile>(new EventFile(std::move(*database)));
    } catch (const SQLite::Exception &exception) {
        damage = failureOf(exception) == Failure::Passing ? Damage::None : Damage::Damaged;
        return tl::make_unexpected(storeError(exception, path));
    }
}

void EventFile::accept(const QueuedEvent &queued, int attempts)
{
    m_accept.reset();
    bindEvent(m_accept, queued);
    m_accept.bind(":attempts", attempts);
    m_accept.exec();
    m_accept.reset();
}

void EventFile::attemptBegun(const EventKey &key, int attempt)
{
    m_begin.reset();
    bindKey(m_begin, key);
    m_begin.bind(":attempt", attempt);
    m_begin.exec();
    m_begin.reset();
}

void EventFile::attemptFailed(const EventKey &key, int attempt, WallTime next, const std::string &cause)
{
    change(*m_database,
           "UPDATE event SET attempts = max(attempts, :attempt), next_at = :next, cause = :cause"
           " WHERE function = :function AND id = :id",
           key, [&](SQLite::Statement &statement) {
               statement.bind(":attempt", attempt);
               statement.bind(":next", micros(next));
               statement.bindNoCopy(":cause", cause);
           });
}

void EventFile::finished(const EventKey &key)
{
    m_finish.reset();
    bindKey(m_finish, key);
    m_finish.exec();
    m_finish.reset();
}

void EventFile::bury(const EventKey &key, WallTime died, const std::string &cause, std::optional<Outcome> outcome)
{
    change(*m_database,
           "INSERT INTO dead_letter (function, id, trigger, source, type, subject, content_type, time, accepted, data,"
           " attempts, died, cause, outcome) SELECT function, id, trigger, source, type, subject, content_type, time,"
           " accepted, data, attempts, :died, :cause, :outcome FROM event WHERE function = :function AND id = :id"
           " ON CONFLICT (function, id) DO UPDATE SET died = excluded.died, cause = excluded.cause,"
           " outcome = excluded.outcome, attempts = excluded.attempts",
           key, [&](SQLite::Statement &statement) {
               statement.bind(":died", micros(died));
               statement.bindNoCopy(":cause", cause);
               if (outcome)
                   statement.bind(":outcome", int(*outcome));
           });
    finished(key);
}

void EventFile::revive(const EventKey &key, WallTime accepted)
{
    change(*m_database,
           "INSERT INTO event (function, id, trigger, source, type, subject, content_type, time, accepted, data)"
           " SELECT function, id, trigger, source, type, subject, content_type, time, :accepted, data FROM dead_letter"
           " WHERE function = :function AND id = :id ON CONFLICT (function, id) DO NOTHING",
           key, [&](SQLite::Statement &statement) { statement.bind(":accepted", micros(accepted)); });
    discard(key);
}

void EventFile::discard(const EventKey &key)
{
    change(*m_database, "DELETE FROM dead_letter WHERE function = :function AND id = :id", key,
           [](SQLite::Statement &) {});
}

void EventFile::mark(const std::string &function, const std::string &expression, WallTime last)
{
    change(*m_database,
           "INSERT INTO schedule_mark (function, expression, last) VALUES (:function, :id, :last)"
           " ON CONFLICT (function, expression) DO UPDATE SET last = excluded.last",
           {function, expression}, [&](SQLite::Statement &statement) { statement.bind(":last", micros(last)); });
}

void EventFile::addDeadLetter(const DeadLetter &letter)
{
    SQLite::Statement add(*m_database, "INSERT INTO dead_letter (function, id, trigger, source, type, subject,"
                                       " content_type, time, accepted, data, attempts, died, cause, outcome) VALUES"
                                       " (:function, :id, :trigger, :source, :type, :subject, :content, :time,"
                                       " :accepted, :data, :attempts, :died, :cause, :outcome)"
                                       " ON CONFLICT (function, id) DO NOTHING");
    bindEvent(add, letter.queued);
    add.bind(":attempts", letter.attempts);
    add.bind(":died", micros(letter.died));
    add.bindNoCopy(":cause", letter.cause);
    if (letter.outcome)
        add.bind(":outcome", int(*letter.outcome));
    add.exec();
}

PendingEvent EventFile::pendingOf(SQLite::Statement &row)
{
    PendingEvent pending{queuedOf(row), attemptsOf(row.getColumn(10)), std::nullopt, bytesOf(row.getColumn(12))};
    if (!row.getColumn(11).isNull())
        pending.nextAttempt = timeOf(row.getColumn(11));
    return pending;
}

DeadLetter EventFile::deadLetterOf(SQLite::Statement &row)
{
    DeadLetter letter{queuedOf(row), attemptsOf(row.getColumn(10)), timeOf(row.getColumn(11)),
                      bytesOf(row.getColumn(12)), std::nullopt};
    if (!row.getColumn(13).isNull())
        letter.outcome = Outcome(std::clamp(row.getColumn(13).getInt(), 0, outcomeCount - 1));
    return letter;
}

std::vector<PendingEvent> EventFile::pending(SQLite::Database &database)
{
    std::vector<PendingEvent> events;
    SQLite::Statement rows(database, "SELECT " + pendingColumns + " ORDER BY key");
    while (rows.executeStep())
        events.push_back(pendingOf(rows));
    return events;
}

std::vector<DeadLetter> EventFile::deadLetters(SQLite::Database &database, int limit)
{
    std::vector<DeadLetter> letters;
    SQLite::Statement rows(database, "SELECT " + deadColumns + " ORDER BY key DESC LIMIT ?");
    rows.bind(1, std::max(limit, 0));
    while (rows.executeStep())
        letters.push_back(deadLetterOf(rows));
    return letters;
}

} // namespace kiln
