// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_query.h"

#include "core/store/database.h"
#include "core/store/history_json.h"
#include "core/store/history_rows.h"

#include <algorithm>
#include <cstring>

namespace kiln {

using namespace std::chrono;

namespace {

enum Column {
    Key,
    Id,
    Function,
    OutcomeNumber,
    StartNumber,
    Worker,
    Handler,
    Queue,
    Sandbox,
    Runtime,
    Init,
    Respond,
    TierNumber,
    Attempt,
    TriggerWord,
    RevisionKey,
    Memory,
    Cpu,
    LogBytes,
    LogCut,
    LogFirst,
    LogCount,
    EventId,
    EventTime,
    Source,
    Type,
    ContentType,
    Subject,
    ErrorJson,
    Denied,
    Data,
    Response
};

constexpr std::size_t cacheBound = 20'000;

/// A number from the file as an enumerator: one that this Kiln does not know becomes its last.
template<typename Enum> Enum enumOf(const SQLite::Column &column, Enum last)
{
    const std::int64_t value = column.getInt64();
    return value >= 0 && value <= std::int64_t(last) ? Enum(value) : last;
}

nanoseconds span(const SQLite::Column &column) { return nanoseconds(column.getInt64()); }

Uuid uuidOf(const SQLite::Column &column)
{
    Uuid id;
    const std::string bytes = bytesOf(column);
    std::memcpy(id.bytes.data(), bytes.data(), std::min(bytes.size(), id.bytes.size()));
    return id;
}

/// Calls `take` with the only row of a lookup by number; does nothing when it is gone.
template<typename Take> void lookUp(SQLite::Database &database, const char *sql, std::int64_t key, Take take)
{
    SQLite::Statement find(database, sql);
    find.bind(1, key);
    if (find.executeStep())
        take(find);
}

} // namespace

const std::string InvocationRows::columns = "key, id, function, outcome, start, worker, handler, queue, sandbox, "
                                            "runtime, init, respond, tier, attempt, trigger,"
                                            " revision, memory, cpu, log_bytes, log_cut, log_first, log_count, "
                                            "event_id, event_time, source, type, content_type,"
                                            " subject, error, denied, data, response";

Invocation InvocationRows::read(SQLite::Statement &row, InvocationQuery::Payloads payloads)
{
    const auto at = [&](Column column) { return row.getColumn(int(column)); };
    Invocation invocation;
    invocation.id = uuidOf(at(Id));
    invocation.accepted = acceptedAt(at(Key).getInt64());
    invocation.outcome = enumOf(at(OutcomeNumber), Outcome::Cancelled);
    invocation.start = enumOf(at(StartNumber), Start::Warm);
    invocation.tier = enumOf(at(TierNumber), Tier::None);
    invocation.worker = std::uint64_t(at(Worker).getInt64());
    invocation.phases = {span(at(Queue)), span(at(Sandbox)), span(at(Runtime)),
                         span(at(Init)),  span(at(Handler)), span(at(Respond))};
    invocation.attempt = at(Attempt).getInt();
    invocation.triggerKind = word(at(TriggerWord));
    invocation.revision = revision(at(RevisionKey), at(Function).getInt64());
    invocation.usage = {ByteSize{at(Memory).getInt64()}, span(at(Cpu)), ByteSize{at(LogBytes).getInt64()}};
    invocation.logsCut = at(LogCut).getInt() != 0;
    invocation.event.id = at(EventId).isBlob() ? uuidOf(at(EventId)).text() : bytesOf(at(EventId));
    invocation.event.time = invocation.accepted + microseconds(at(EventTime).getInt64());
    invocation.event.source = word(at(Source));
    invocation.event.type = word(at(Type));
    invocation.event.dataContentType = word(at(ContentType));
    invocation.event.subject = bytesOf(at(Subject));
    if (!at(ErrorJson).isNull())
        invocation.error = functionErrorFromJson(bytesOf(at(ErrorJson)));
    if (!at(Denied).isNull())
        invocation.denied = refusalsFromJson(bytesOf(at(Denied)));
    invocation.event.data = bytes(at(Data), payloads);
    invocation.response = bytes(at(Response), payloads);
    return invocation;
}

void InvocationRows::readLogs(SQLite::Statement &row, Invocation &invocation)
{
    const std::int64_t first = row.getColumn(int(LogFirst)).getInt64();
    const std::int64_t count = row.getColumn(int(LogCount)).getInt64();
    SQLite::Statement lines(m_database,
                            "SELECT time, level, text FROM log_line WHERE key >= ? AND key < ? ORDER BY key");
    lines.bind(1, first);
    lines.bind(2, first + count);
    while (lines.executeStep()) {
        invocation.logs.push_back({invocation.accepted + microseconds(lines.getColumn(0).getInt64()),
                                   enumOf(lines.getColumn(1), LogLevel::System), bytesOf(lines.getColumn(2))});
    }
    if (std::int64_t(invocation.logs.size()) < count)
        invocation.logsCut = true; // marked partial, never silently
}

std::optional<std::int64_t> InvocationRows::functionKey(const std::string &name)
{
    SQLite::Statement find(m_database, "SELECT key FROM function WHERE name = ?");
    find.bindNoCopy(1, name);
    return find.executeStep() ? std::optional(find.getColumn(0).getInt64()) : std::nullopt;
}

std::string InvocationRows::functionName(std::int64_t key)
{
    if (const auto known = m_functions.find(key); known != m_functions.end())
        return known->second;
    std::string name;
    lookUp(m_database, "SELECT name FROM function WHERE key = ?", key,
           [&](SQLite::Statement &row) { name = bytesOf(row.getColumn(0)); });
    if (m_functions.size() >= cacheBound)
        m_functions.clear();
    return m_functions[key] = name;
}

std::string InvocationRows::word(const SQLite::Column &column)
{
    if (!column.isInteger())
        return bytesOf(column);
    const std::int64_t key = column.getInt64();
    if (const auto known = m_words.find(key); known != m_words.end())
        return known->second;
    std::string text;
    lookUp(m_database, "SELECT text FROM word WHERE key = ?", key,
           [&](SQLite::Statement &row) { text = bytesOf(row.getColumn(0)); });
    return m_words[key] = text;
}

Payload InvocationRows::bytes(const SQLite::Column &column, InvocationQuery::Payloads payloads)
{
    if (payloads == InvocationQuery::Payloads::Leave)
        return payload({});
    if (!column.isInteger())
        return payload(bytesOf(column));
    std::string found;
    lookUp(m_database, "SELECT bytes FROM payload WHERE key = ?", column.getInt64(),
           [&](SQLite::Statement &row) { found = bytesOf(row.getColumn(0)); });
    return payload(std::move(found));
}

RevisionPtr InvocationRows::revision(const SQLite::Column &column, std::int64_t function)
{
    // One without a revision (its function was never ready) still has the function's name.
    const std::int64_t key = column.isNull() ? -function : column.getInt64();
    if (const auto known = m_revisions.find(key); known != m_revisions.end())
        return known->second;
    Revision revision;
    revision.settings.name = functionName(function);
    if (!column.isNull()) {
        lookUp(m_database, "SELECT hash, settings, created FROM revision WHERE key = ?", key,
               [&](SQLite::Statement &row) {
                   revision.hash = bytesOf(row.getColumn(0));
                   readSettings(bytesOf(row.getColumn(1)), revision.settings);
                   revision.created = WallTime(microseconds(row.getColumn(2).getInt64()));
               });
    }
    if (m_revisions.size() >= cacheBound)
        m_revisions.clear();
    return m_revisions[key] = std::make_shared<const Revision>(std::move(revision));
}

InvocationFilter::InvocationFilter(const InvocationQuery &query, std::optional<std::int64_t> functionKey)
{
    const auto add = [this](const char *condition) {
        where += (where.empty() ? " WHERE " : " AND ") + std::string(condition);
    };
    const auto addValue = [&](const char *condition, std::int64_t value) {
        add(condition);
        values.push_back(value);
    };
    const bool rare = query.outcome && *query.outcome != Outcome::Ok && *query.outcome != Outcome::Cancelled;
    const bool failed = query.errorsOnly || rare;
    // The plus keeps SQLite from walking all of a function's invocations for its few failed ones.
    if (functionKey)
        addValue(failed ? "+function = ?" : "function = ?", *functionKey);
    if (query.outcome)
        addValue("outcome = ?", std::int64_t(*query.outcome));
    if (failed)
        add("outcome NOT IN (0, 8)");
    if (query.since)
        addValue("key >= ?", historyKey(*query.since));
    if (query.until)
        addValue("key < ?", historyKey(*query.until));
}

void InvocationFilter::bind(SQLite::Statement &statement) const
{
    for (int index = 1; const std::int64_t value : values)
        statement.bind(index++, value);
}

} // namespace kiln
