// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_file.h"

#include "core/store/schema.h"

#include <algorithm>
#include <cmath>
#include <sys/stat.h>

namespace kiln {

namespace fs = std::filesystem;

namespace {

constexpr int trimStep = 1000;       ///< Invocations deleted in one transaction: a few milliseconds.
constexpr int freePagesKept = 1024;  ///< Room that the next rows fill again; more is given back to the disk.
constexpr int pagesGivenBack = 2048; ///< In one transaction.

std::uint64_t inodeOf(const fs::path &path)
{
    struct ::stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

/// Runs what SQLite may throw out of.
template<typename T, typename Action> HistoryFile::Done<T> guarded(const fs::path &path, Action action)
{
    try {
        return action();
    } catch (const SQLite::Exception &exception) {
        return tl::make_unexpected(HistoryFile::Problem{storeError(exception, path), failureOf(exception)});
    }
}

} // namespace

HistoryFile::HistoryFile(fs::path path, DatabasePtr database)
    : m_path(std::move(path))
    , m_inode(inodeOf(m_path))
    , m_database(std::move(database))
    , m_rows(*m_database)
{
    // Fewer, larger checkpoints: at most 16 MB of log, a tenth of the writing of SQLite's default.
    m_database->exec("PRAGMA wal_autocheckpoint = 4000");
    measure();
}

HistoryFile::Done<std::unique_ptr<HistoryFile>> HistoryFile::open(const fs::path &path, const std::string &vfs)
{
    Damage damage = Damage::None;
    auto database = openForWriting(
        path, {.durability = DatabaseOptions::Durability::Normal, .schema = historySchema(), .vfs = vfs}, damage);
    if (!database) {
        return tl::make_unexpected(
            Problem{std::move(database.error()), damage == Damage::Damaged ? Failure::Damaged : Failure::Passing});
    }
    return guarded<std::unique_ptr<HistoryFile>>(path, [&] {
        // Touches the ends of the large tables, where a torn file shows first.
        for (const char *table : {"invocation", "log_line", "payload"})
            (*database)->exec(std::string("SELECT * FROM ") + table + " ORDER BY key DESC LIMIT 1");
        return std::unique_ptr<HistoryFile>(new HistoryFile(path, std::move(*database)));
    });
}

HistoryFile::Done<> HistoryFile::write(std::span<const InvocationPtr> batch)
{
    return guarded<void>(m_path, [&]() -> Done<> {
        SQLite::Transaction transaction(*m_database, SQLite::TransactionBehavior::IMMEDIATE);
        for (const InvocationPtr &invocation : batch)
            m_rows.insert(*invocation);
        m_rows.finish();
        transaction.commit();
        measure();
        return {};
    });
}

HistoryFile::Done<HistoryFile::Trimmed> HistoryFile::trim(const Retention &retention, WallTime now)
{
    return guarded<Trimmed>(m_path, [&] {
        const auto below = trimBelow(retention, now);
        if (!below && m_freePages <= freePagesKept)
            return Trimmed::Enough;
        SQLite::Transaction transaction(*m_database, SQLite::TransactionBehavior::IMMEDIATE);
        if (below) {
            removeBelow(*below);
            m_rows.finish();
        } else {
            // Each step of this pragma frees a page; it has to be run to its end.
            SQLite::Statement vacuum(
                *m_database, "PRAGMA incremental_vacuum(" +
                                 std::to_string(std::min<std::int64_t>(pagesGivenBack, m_freePages - freePagesKept)) +
                                 ")");
            while (vacuum.executeStep())
                ;
        }
        transaction.commit();
        measure();
        return Trimmed::MoreToDo;
    });
}

/// The key below which at most trimStep rows lie that are over a bound; nullopt when none is.
std::optional<std::int64_t> HistoryFile::trimBelow(const Retention &retention, WallTime now)
{
    const std::int64_t tooOld = historyKey(now - retention.maxAge);
    std::int64_t surplus = 0;
    if (retention.maxInvocations && m_rows.invocations() > *retention.maxInvocations)
        surplus = std::int64_t(m_rows.invocations() - *retention.maxInvocations);
    if (m_size > retention.maxBytes) {
        // As many as the part that is too much, going by the mean row: where rows are large, a whole step of them could
        // be all there is.
        const double tooMuch = double(m_size.count - retention.maxBytes.count) / double(m_size.count);
        const auto rows = std::int64_t(std::ceil(tooMuch * double(m_rows.invocations())));
        surplus = std::max(surplus, std::clamp<std::int64_t>(rows, 1, trimStep));
    }

    SQLite::Statement oldest(*m_database, "SELECT key FROM invocation ORDER BY key LIMIT ?");
    oldest.bind(1, trimStep);
    std::optional<std::int64_t> last;
    for (std::int64_t seen = 0; oldest.executeStep(); ++seen) {
        const std::int64_t key = oldest.getColumn(0).getInt64();
        if (key >= tooOld && seen >= surplus)
            break;
        last = key;
    }
    return last ? std::optional(*last + 1) : std::nullopt;
}

void HistoryFile::removeBelow(std::int64_t key)
{
    SQLite::Statement logs(*m_database, "SELECT log_first, log_count FROM invocation WHERE key < ? AND log_count > 0");
    SQLite::Statement dropLogs(*m_database, "DELETE FROM log_line WHERE key >= ? AND key < ?");
    logs.bind(1, key);
    while (logs.executeStep()) {
        const std::int64_t first = logs.getColumn(0).getInt64();
        dropLogs.bind(1, first);
        dropLogs.bind(2, first + logs.getColumn(1).getInt64());
        dropLogs.exec();
        dropLogs.reset();
    }
    logs.reset();
    SQLite::Statement drop(*m_database, "DELETE FROM invocation WHERE key < ?");
    drop.bind(1, key);
    const int removed = drop.exec();
    m_database->exec(
        "DELETE FROM payload WHERE used < (SELECT coalesce(min(key), 0x7fffffffffffffff) FROM invocation)");
    m_rows.removed(removed);
}

void HistoryFile::measure()
{
    const std::int64_t pages = m_database->execAndGet("PRAGMA page_count").getInt64();
    const std::int64_t pageSize = m_database->execAndGet("PRAGMA page_size").getInt64();
    m_freePages = m_database->execAndGet("PRAGMA freelist_count").getInt64();
    m_size = ByteSize{(pages - m_freePages) * pageSize};
}

bool HistoryFile::inPlace() const { return inodeOf(m_path) == m_inode; }

} // namespace kiln
