// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_rows.h"

#include "core/base/digest.h"
#include "core/store/history_json.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace kiln {

using namespace std::chrono;

namespace {

constexpr int keyShift = 11;
constexpr std::int64_t keyMask = (std::int64_t(1) << keyShift) - 1;
constexpr std::size_t inlineBytes = 256;   ///< Above it a payload is worth its hash.
constexpr std::size_t wordBytes = 100;     ///< Longer texts hardly repeat.
constexpr std::int64_t wordBound = 10'000; ///< Events may carry any type and source: the table must not grow with them.
constexpr std::size_t cacheBound = 20'000;
constexpr std::size_t revisionBound = 1'000;
constexpr std::int64_t usedMargin = std::int64_t(10'000) << keyShift;    ///< 10 ms: over any step that `insert` takes.
constexpr std::int64_t usedSlack = std::int64_t(60'000'000) << keyShift; ///< A minute; see payloadKey.

constexpr std::string_view insertInvocation =
    "INSERT INTO invocation (key, id, function, outcome, start, worker, handler, queue, sandbox, runtime, init, "
    "respond,"
    " tier, attempt, trigger, revision, memory, cpu, log_bytes, log_cut, log_first, log_count, event_id, event_time,"
    " source, type, content_type, subject, error, denied, data, response)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,"
    " ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32) ON CONFLICT (id) DO NOTHING";

/// Beyond so many things that one permission was used for, further ones are not remembered.
constexpr std::string_view addUse =
    "INSERT INTO grant_use (function, permission, least, seen, used, last) SELECT ?1, ?2, ?3, ?4, ?5, ?6"
    " WHERE ?3 = '' OR (SELECT count(*) FROM grant_use WHERE function = ?1 AND permission = ?2) <= ?7"
    " OR EXISTS (SELECT 1 FROM grant_use WHERE function = ?1 AND permission = ?2 AND least = ?3)"
    " ON CONFLICT (function, permission, least) DO UPDATE SET seen = seen + excluded.seen,"
    " used = used + excluded.used, last = max(last, excluded.last)";

std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }

/// The digest's 32 bytes.
std::string sha256(std::string_view bytes)
{
    const std::string hex = sha256Hex(bytes);
    const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string digest(hex.size() / 2, '\0');
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = char(value(hex[2 * i]) << 4 | value(hex[2 * i + 1]));
    return digest;
}

void bindText(SQLite::Statement &statement, int index, const std::string &text) { statement.bindNoCopy(index, text); }

void bindBlob(SQLite::Statement &statement, int index, std::string_view bytes)
{
    // A null pointer would bind NULL, not the empty blob.
    statement.bindNoCopy(index, bytes.empty() ? "" : bytes.data(), int(bytes.size()));
}

} // namespace

std::int64_t historyKey(WallTime accepted)
{
    constexpr std::int64_t most = (std::int64_t(1) << (63 - keyShift)) - 1;
    return std::clamp(micros(accepted), std::int64_t(0), most) << keyShift;
}

WallTime acceptedAt(std::int64_t key) { return WallTime(microseconds(key >> keyShift)); }

HistoryRows::HistoryRows(SQLite::Database &database)
    : m_database(database)
    , m_insert(database, insertInvocation.data())
    , m_insertLog(database, "INSERT INTO log_line (key, invocation, time, level, text) VALUES (?1, ?2, ?3, ?4, ?5)")
    , m_findPayload(database, "SELECT key, used FROM payload WHERE hash = ?")
    , m_addPayload(database, "INSERT INTO payload (hash, used, bytes) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING")
    , m_touchPayload(database, "UPDATE payload SET used = ? WHERE key = ?")
{
    SQLite::Statement tally(database, "SELECT invocations, next_log FROM tally");
    if (tally.executeStep()) {
        m_invocations = tally.getColumn(0).getInt64();
        m_nextLog = tally.getColumn(1).getInt64();
    }
    m_wordsFull = database.execAndGet("SELECT count(*) FROM word").getInt64() >= wordBound;
}

void HistoryRows::insert(const Invocation &invocation)
{
    std::int64_t key = historyKey(invocation.accepted) | (m_serial++ & keyMask);
    insertRow(invocation);
    m_insert.bind(1, key);
    while (true) {
        const int code = m_insert.tryExecuteStep();
        if (code == SQLITE_DONE)
            break;
        const int extended = sqlite3_extended_errcode(m_database.getHandle());
        (void)m_insert.tryReset();
        if (extended != SQLITE_CONSTRAINT_PRIMARYKEY && extended != SQLITE_CONSTRAINT_ROWID)
            throw SQLite::Exception(m_database.getHandle(), code);
        // 2048 rows of one µs: the clock stands, as in a simulation. The next µs has room.
        key += keyMask + 1;
        m_insert.bind(1, key);
    }
    const bool added = m_database.getChanges() == 1;
    (void)m_insert.tryReset();
    if (!added)
        return; // known already: recorded by the process before this one
    ++m_invocations;
    insertLogs(invocation, key);
    addUses(m_uses, invocation);
}

void HistoryRows::insertRow(const Invocation &invocation)
{
    const Event &event = invocation.event;
    const Phases &phases = invocation.phases;
    const std::int64_t used = historyKey(invocation.accepted) + usedMargin;
    const KnownRevision &revision = known(invocation.revision);
    m_insert.clearBindings();
    bindBlob(m_insert, 2, {reinterpret_cast<const char *>(invocation.id.bytes.data()), invocation.id.bytes.size()});
    m_insert.bind(3, revision.function);
    m_insert.bind(4, int(invocation.outcome));
    m_insert.bind(5, int(invocation.start));
    m_insert.bind(6, std::int64_t(invocation.worker));
    const auto spans = {phases.handler, phases.queue, phases.sandbox, phases.runtime, phases.init, phases.respond};
    for (int index = 7; const Phases::Span span : spans)
        m_insert.bind(index++, std::int64_t(span.count()));
    m_insert.bind(13, int(invocation.tier));
    m_insert.bind(14, invocation.attempt);
    bindWord(15, invocation.triggerKind);
    if (revision.key != 0)
        m_insert.bind(16, revision.key);
    m_insert.bind(17, invocation.usage.maxMemory.count);
    m_insert.bind(18, std::int64_t(invocation.usage.cpu.count()));
    m_insert.bind(19, invocation.usage.log.count);
    m_insert.bind(20, invocation.logsCut ? 1 : 0);
    m_insert.bind(21, m_nextLog);
    m_insert.bind(22, std::int64_t(invocation.logs.size()));
    if (const auto uuid = Uuid::parse(event.id); uuid && event.id.find_first_of("ABCDEF") == std::string::npos)
        m_insert.bind(23, uuid->bytes.data(), int(uuid->bytes.size()));
    else
        bindText(m_insert, 23, event.id);
    m_insert.bind(24, micros(event.time) - micros(invocation.accepted));
    bindWord(25, event.source);
    bindWord(26, event.type);
    bindWord(27, event.dataContentType);
    bindText(m_insert, 28, event.subject);
    if (invocation.error)
        m_insert.bind(29, toJson(invocation.error));
    if (!invocation.denied.empty())
        m_insert.bind(30, toJson(invocation.denied));
    if (invocation.triggerKind == "http" && event.data && event.data->size() > inlineBytes)
        m_insert.bind(31, payloadKeyOnce(invocation, used));
    else
        bindBytes(31, event.data, used);
    bindBytes(32, invocation.response, used);
}

void HistoryRows::insertLogs(const Invocation &invocation, std::int64_t key)
{
    for (const LogLine &line : invocation.logs) {
        m_insertLog.bind(1, m_nextLog++);
        m_insertLog.bind(2, key);
        m_insertLog.bind(3, micros(line.time) - micros(acceptedAt(key)));
        m_insertLog.bind(4, int(line.level));
        bindText(m_insertLog, 5, line.text);
        m_insertLog.exec();
        m_insertLog.reset();
    }
}

void HistoryRows::finish()
{
    SQLite::Statement tally(m_database, "UPDATE tally SET invocations = ?, next_log = ?");
    tally.bind(1, m_invocations);
    tally.bind(2, m_nextLog);
    tally.exec();
    writeUses();
}

void HistoryRows::writeUses()
{
    if (m_uses.empty())
        return;
    SQLite::Statement add(m_database, addUse.data());
    for (const auto &[key, uses] : std::exchange(m_uses, {})) {
        add.bind(1, functionKey(key.function));
        bindText(add, 2, key.grant);
        bindText(add, 3, key.least);
        add.bind(4, std::int64_t(uses.seen));
        add.bind(5, std::int64_t(uses.used));
        add.bind(6, micros(uses.last));
        add.bind(7, int(mostLeastGrants));
        add.exec();
        add.reset();
    }
}

void HistoryRows::bindWord(int index, const std::string &text)
{
    if (const auto known = m_words.find(text); known != m_words.end())
        return m_insert.bind(index, known->second);
    if (text.size() > wordBytes)
        return bindText(m_insert, index, text);
    SQLite::Statement find(m_database, "SELECT key FROM word WHERE text = ?");
    find.bindNoCopy(1, text);
    std::int64_t key = 0;
    if (find.executeStep()) {
        key = find.getColumn(0).getInt64();
    } else {
        if (m_wordsFull)
            return bindText(m_insert, index, text);
        SQLite::Statement add(m_database, "INSERT INTO word (text) VALUES (?)");
        add.bindNoCopy(1, text);
        add.exec();
        key = m_database.getLastInsertRowid();
        m_wordsFull = key >= wordBound;
    }
    m_words.emplace(text, key);
    m_insert.bind(index, key);
}

void HistoryRows::bindBytes(int index, const Payload &bytes, std::int64_t used)
{
    if (!bytes || bytes->size() <= inlineBytes)
        bindBlob(m_insert, index, bytes ? std::string_view(*bytes) : std::string_view());
    else
        m_insert.bind(index, payloadKey(*bytes, used));
}

std::optional<HistoryRows::KnownPayload> HistoryRows::findPayload(std::string_view hash)
{
    std::optional<KnownPayload> found;
    bindBlob(m_findPayload, 1, hash);
    if (m_findPayload.executeStep())
        found = KnownPayload{m_findPayload.getColumn(0).getInt64(), m_findPayload.getColumn(1).getInt64()};
    m_findPayload.reset();
    return found;
}

std::int64_t HistoryRows::addPayload(std::string_view hash, std::int64_t used, const std::string &bytes)
{
    bindBlob(m_addPayload, 1, hash);
    m_addPayload.bind(2, used);
    bindBlob(m_addPayload, 3, bytes);
    const bool added = m_addPayload.exec() == 1;
    m_addPayload.reset();
    return added ? m_database.getLastInsertRowid() : findPayload(hash)->key;
}

/// Requests are told apart by an id and a time in them: none comes twice. Instead of a digest, which would lie anywhere
/// in its index, they get what is unique and ordered already.
std::int64_t HistoryRows::payloadKeyOnce(const Invocation &invocation, std::int64_t used)
{
    const auto &id = invocation.id.bytes;
    return addPayload({reinterpret_cast<const char *>(id.data()), id.size()}, used, *invocation.event.data);
}

std::int64_t HistoryRows::payloadKey(const std::string &bytes, std::int64_t used)
{
    std::string hash = sha256(bytes);
    auto known = m_payloads.find(hash);
    if (known == m_payloads.end()) {
        if (m_payloads.size() >= cacheBound)
            m_payloads.clear();
        if (const auto found = findPayload(hash))
            known = m_payloads.emplace(std::move(hash), *found).first;
    }
    // Once a payload is used again, `used` runs a minute ahead: one in steady use is touched once a minute and not for
    // each row.
    if (known == m_payloads.end()) {
        const KnownPayload added{addPayload(hash, used, bytes), used};
        known = m_payloads.emplace(std::move(hash), added).first;
    } else if (used > known->second.used) {
        m_touchPayload.bind(1, used + usedSlack);
        m_touchPayload.bind(2, known->second.key);
        m_touchPayload.exec();
        m_touchPayload.reset();
        known->second.used = used + usedSlack;
    }
    return known->second.key;
}

const HistoryRows::KnownRevision &HistoryRows::known(const RevisionPtr &revision)
{
    if (const auto found = m_revisions.find(revision.get()); found != m_revisions.end())
        return found->second;
    if (m_revisions.size() >= revisionBound)
        m_revisions.clear();
    static const Revision none;
    const Revision &one = revision ? *revision : none;
    const KnownRevision added{revision, functionKey(one.settings.name), one.hash.empty() ? 0 : revisionKey(one)};
    return m_revisions.emplace(revision.get(), added).first->second;
}

std::int64_t HistoryRows::functionKey(const std::string &name)
{
    SQLite::Statement add(m_database, "INSERT INTO function (name) VALUES (?) ON CONFLICT (name) DO NOTHING");
    add.bindNoCopy(1, name);
    add.exec();
    SQLite::Statement find(m_database, "SELECT key FROM function WHERE name = ?");
    find.bindNoCopy(1, name);
    find.executeStep();
    return find.getColumn(0).getInt64();
}

std::int64_t HistoryRows::revisionKey(const Revision &revision)
{
    SQLite::Statement add(m_database, "INSERT INTO revision (hash, function, settings, created) VALUES (?, ?, ?, ?)"
                                      " ON CONFLICT (hash) DO NOTHING");
    add.bindNoCopy(1, revision.hash);
    add.bindNoCopy(2, revision.settings.name);
    add.bind(3, toJson(revision.settings));
    add.bind(4, micros(revision.created));
    add.exec();
    SQLite::Statement find(m_database, "SELECT key FROM revision WHERE hash = ?");
    find.bindNoCopy(1, revision.hash);
    find.executeStep();
    return find.getColumn(0).getInt64();
}

} // namespace kiln
