// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "core/store/query.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>
#include <unordered_map>

namespace kiln {

/// Turns rows of `invocation` back into values. Of one connection; everything throws SQLite::Exception.
class InvocationRows
{
public:
    explicit InvocationRows(SQLite::Database &database)
        : m_database(database)
    {}

    /// What `read` expects after SELECT.
    static const std::string columns;

    [[nodiscard]] Invocation read(SQLite::Statement &row, InvocationQuery::Payloads payloads);
    void readLogs(SQLite::Statement &row, Invocation &invocation);
    /// nullopt when no function of that name was ever recorded.
    [[nodiscard]] std::optional<std::int64_t> functionKey(const std::string &name);
    [[nodiscard]] std::string functionName(std::int64_t key);

private:
    std::string word(const SQLite::Column &column);
    Payload bytes(const SQLite::Column &column, InvocationQuery::Payloads payloads);
    RevisionPtr revision(const SQLite::Column &column, std::int64_t function);

    SQLite::Database &m_database;
    std::unordered_map<std::int64_t, std::string> m_words;
    std::unordered_map<std::int64_t, std::string> m_functions;
    std::unordered_map<std::int64_t, RevisionPtr> m_revisions;
};

/// An invocation's filters as SQL: " WHERE …" with what is bound to it. In the words of the indexes' own conditions,
/// which is how SQLite knows that they apply.
struct InvocationFilter
{
    InvocationFilter(const InvocationQuery &query, std::optional<std::int64_t> functionKey);
    void bind(SQLite::Statement &statement) const;

    std::string where;
    std::vector<std::int64_t> values;
};

} // namespace kiln
