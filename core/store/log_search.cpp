// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/log_search.h"

#include "core/store/database.h"
#include "core/store/history_rows.h"

#include <algorithm>

namespace kiln {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

constexpr int mostAnswered = 100'000;
constexpr std::size_t mostGrep = 1000;
constexpr auto clockSlack = 1min; ///< Lines may be stamped by a clock that was set meanwhile.

/// Part of a text as a pattern of SQL's LIKE, which folds ASCII case.
std::string likePattern(const std::string &part)
{
    std::string pattern = "%";
    for (const char c : part.substr(0, mostGrep)) {
        if (c == '%' || c == '_' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

/// The first log line whose invocation ended at `since` or later. Lines lie in the order of recording, which is that of
/// ending: halving finds it in some thirty looks.
std::int64_t firstLineOf(SQLite::Database &database, WallTime since)
{
    SQLite::Statement look(database,
                           "SELECT l.key, (i.key >> 11) + (i.queue + i.sandbox + i.runtime + i.init + i.handler +"
                           " i.respond) / 1000 FROM log_line l CROSS JOIN invocation i ON i.key = l.invocation"
                           " WHERE l.key >= ? ORDER BY l.key LIMIT 1");
    std::int64_t low = database.execAndGet("SELECT coalesce(min(key), 0) FROM log_line").getInt64();
    std::int64_t high = database.execAndGet("SELECT coalesce(max(key), 0) + 1 FROM log_line").getInt64();
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        look.bind(1, middle);
        const bool early = look.executeStep() && look.getColumn(1).getInt64() < since.time_since_epoch().count();
        look.reset();
        if (early)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

} // namespace

std::vector<LogEntry> searchLogs(SQLite::Database &database, InvocationRows &rows, const LogQuery &query)
{
    const auto function = query.function.empty() ? std::nullopt : rows.functionKey(query.function);
    if (!query.function.empty() && !function)
        return {};
    std::string where = query.invocation ? " AND i.id = :id" : "";
    where += function ? " AND i.function = :function" : "";
    where += query.grep.empty() ? "" : " AND l.text LIKE :grep ESCAPE '\\'";
    where += query.since ? " AND (i.key >> 11) + l.time >= :since AND l.key >= :first" : "";
    // CROSS JOIN fixes the order: by invocation where that narrows, else down the lines, which lie in the order of
    // recording, so that both come newest first without sorting.
    const bool byInvocation = query.invocation || (function && !query.since);
    const std::string from =
        byInvocation
            ? "invocation i CROSS JOIN log_line l ON l.key >= i.log_first AND l.key < i.log_first + i.log_count"
            : "log_line l CROSS JOIN invocation i ON i.key = l.invocation";
    SQLite::Statement lines(database, "SELECT i.key, i.function, i.id, l.time, l.level, l.text FROM " + from +
                                          " WHERE 1" + where +
                                          (byInvocation ? " ORDER BY i.key DESC, l.key DESC" : " ORDER BY l.key DESC"));
    if (query.invocation)
        lines.bind(":id", query.invocation->bytes.data(), int(query.invocation->bytes.size()));
    if (function)
        lines.bind(":function", *function);
    if (!query.grep.empty())
        lines.bind(":grep", likePattern(query.grep));
    if (query.since) {
        lines.bind(":since", std::int64_t(query.since->time_since_epoch().count()));
        lines.bind(":first", firstLineOf(database, *query.since - clockSlack));
    }

    std::vector<LogEntry> found;
    const auto most = std::size_t(std::clamp(query.limit, 0, mostAnswered));
    try {
        while (found.size() < most && lines.executeStep()) {
            const WallTime accepted = acceptedAt(lines.getColumn(0).getInt64());
            LogEntry entry;
            entry.line.time = accepted + microseconds(lines.getColumn(3).getInt64());
            entry.line.level = LogLevel(std::clamp(lines.getColumn(4).getInt(), 0, int(LogLevel::System)));
            entry.line.text = bytesOf(lines.getColumn(5));
            entry.function = rows.functionName(lines.getColumn(1).getInt64());
            const std::string id = bytesOf(lines.getColumn(2));
            std::copy_n(id.begin(), std::min(id.size(), entry.invocation.bytes.size()), entry.invocation.bytes.begin());
            found.push_back(std::move(entry));
        }
    } catch (const SQLite::Exception &exception) {
        if (found.empty() || failureOf(exception) != Failure::Damaged)
            throw;
    }
    // Lines of invocations that ran at once lie one invocation after the other.
    std::stable_sort(found.begin(), found.end(),
                     [](const LogEntry &a, const LogEntry &b) { return a.line.time > b.line.time; });
    return found;
}

} // namespace kiln
