// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/grant_use.h"
#include "core/model/invocation.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kiln {

/// An invocation's place in history: µs of Unix time at acceptance, shifted, with room for 2048 in one µs.
[[nodiscard]] std::int64_t historyKey(WallTime accepted);
[[nodiscard]] WallTime acceptedAt(std::int64_t key);

/// Writes invocations through prepared statements, inside a transaction that the caller holds.
///
/// It remembers numbers it has given out; after a rollback it must be thrown away. History writer thread only.
/// Everything throws SQLite::Exception.
class HistoryRows
{
public:
    explicit HistoryRows(SQLite::Database &database);

    void insert(const Invocation &invocation);
    void finish(); ///< Writes the tallies; last in the transaction.

    [[nodiscard]] std::uint64_t invocations() const { return std::uint64_t(m_invocations); }
    /// Rows were deleted in this transaction, and with them maybe payloads.
    void removed(std::int64_t count)
    {
        m_invocations -= count;
        m_payloads.clear();
    }

private:
    struct KnownPayload
    {
        std::int64_t key;
        std::int64_t used;
    };

    void insertRow(const Invocation &invocation);
    void insertLogs(const Invocation &invocation, std::int64_t key);
    void writeUses();
    void bindWord(int index, const std::string &text);
    void bindBytes(int index, const Payload &bytes, std::int64_t used);
    std::int64_t payloadKey(const std::string &bytes, std::int64_t used);
    std::int64_t payloadKeyOnce(const Invocation &invocation, std::int64_t used);
    std::optional<KnownPayload> findPayload(std::string_view hash);
    std::int64_t addPayload(std::string_view hash, std::int64_t used, const std::string &bytes);
    struct KnownRevision
    {
        RevisionPtr revision; ///< Held, so that no other can come to lie at its address.
        std::int64_t function;
        std::int64_t key;
    };
    const KnownRevision &known(const RevisionPtr &revision);
    std::int64_t functionKey(const std::string &name);
    std::int64_t revisionKey(const Revision &revision);

    SQLite::Database &m_database;
    SQLite::Statement m_insert;
    SQLite::Statement m_insertLog;
    SQLite::Statement m_findPayload;
    SQLite::Statement m_addPayload;
    SQLite::Statement m_touchPayload;
    std::unordered_map<const Revision *, KnownRevision> m_revisions;
    std::unordered_map<std::string, std::int64_t> m_words;
    std::unordered_map<std::string, KnownPayload> m_payloads; ///< By hash; emptied when it grows large.
    GrantTallies m_uses;                                      ///< Since the last `finish`.
    bool m_wordsFull = false;
    std::int64_t m_serial = 0; ///< Tells invocations of one µs apart.
    std::int64_t m_invocations = 0;
    std::int64_t m_nextLog = 1;
};

} // namespace kiln
