// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/event_salvage.h"

#include "core/store/schema.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

namespace kiln {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t mostProbes = 200'000; ///< Keys tried one by one between two torn places.
constexpr std::size_t pageSize = 4096;       ///< SQLite's default, with which openForWriting makes files.

struct Rows
{
    std::string columns; ///< "… FROM table"
    int key = 0;         ///< Which column holds it.
};

/// Walks a table in one direction until the end or the first torn page. Answers whether it came to the end.
template<typename Take>
bool walk(SQLite::Database &database, const Rows &rows, bool up, std::int64_t &last, std::int64_t stop, Take take)
{
    try {
        SQLite::Statement row(database, "SELECT " + rows.columns + (up ? " ORDER BY key" : " ORDER BY key DESC"));
        while (row.executeStep()) {
            const std::int64_t key = row.getColumn(rows.key).getInt64();
            if (!up && key <= stop)
                return true;
            take(row);
            last = key;
        }
        return true;
    } catch (const SQLite::Exception &) {
        return false;
    }
}

/// All rows that can be reached: from the front, from the back, then one key after the other in between.
template<typename Take> bool readAll(SQLite::Database &database, const Rows &rows, Take take)
{
    std::int64_t first = 0;
    if (walk(database, rows, true, first, 0, take))
        return true;
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    if (walk(database, rows, false, last, first, take))
        return false;
    if (last == std::numeric_limits<std::int64_t>::max())
        last = first + mostProbes;
    SQLite::Statement row(database, "SELECT " + rows.columns + " WHERE key = ?");
    for (std::int64_t key = first + 1; key < std::min(last, first + mostProbes); ++key) {
        try {
            row.bind(1, key);
            if (row.executeStep())
                take(row);
            row.reset();
        } catch (const SQLite::Exception &) {
            (void)row.tryReset(); // it repeats the error that was just told
        }
    }
    return false;
}

/// Reads one database file into the fresh one; nothing when SQLite does not take it for one.
std::optional<Salvage> readInto(const fs::path &copy, EventFile &fresh)
{
    try {
        SQLite::Database database(copy.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
        // Looked at as foreign: no index is trusted to agree with its table.
        database.exec("PRAGMA cell_size_check = ON");
        database.exec("SELECT count(*) FROM sqlite_schema");
        Salvage salvage;
        SQLite::Transaction transaction(fresh.database(), SQLite::TransactionBehavior::IMMEDIATE);
        salvage.complete &= readAll(database, {EventFile::pendingColumns, 13}, [&](SQLite::Statement &row) {
            const PendingEvent event = EventFile::pendingOf(row);
            fresh.accept(event.queued, event.attempts);
            if (event.nextAttempt)
                fresh.attemptFailed(event.queued.key(), event.attempts, *event.nextAttempt, event.cause);
            ++salvage.events;
        });
        salvage.complete &= readAll(database, {EventFile::deadColumns, 14}, [&](SQLite::Statement &row) {
            fresh.addDeadLetter(EventFile::deadLetterOf(row));
            ++salvage.deadLetters;
        });
        try {
            SQLite::Statement marks(database, "SELECT function, expression, last FROM schedule_mark");
            while (marks.executeStep()) {
                fresh.mark(bytesOf(marks.getColumn(0)), bytesOf(marks.getColumn(1)),
                           WallTime(std::chrono::microseconds(marks.getColumn(2).getInt64())));
            }
        } catch (const SQLite::Exception &) {
            salvage.complete = false;
        }
        transaction.commit();
        return salvage;
    } catch (const SQLite::Exception &) {
        return std::nullopt;
    }
}

/// Puts an empty database's first page into the copy: header and table of contents.
void replaceFirstPage(const fs::path &copy, const fs::path &scratch)
{
    Damage damage = Damage::None;
    { // closed again, so that all of it is in the file itself
        auto empty = openForWriting(scratch, {.schema = eventsSchema(), .vfs = {}}, damage);
        if (!empty)
            return;
    }
    std::array<char, pageSize> page{};
    std::ifstream(scratch, std::ios::binary).read(page.data(), page.size());
    const auto put = [&](std::size_t offset, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            page[offset + i] = char(std::uint8_t(value >> (24 - 8 * i)));
    };
    std::error_code ignored;
    put(28, std::uint32_t((fs::file_size(copy, ignored) + pageSize - 1) / pageSize)); // size in pages
    put(32, 0); // no free pages: what they were is not known
    put(36, 0);
    std::fstream file(copy, std::ios::binary | std::ios::in | std::ios::out);
    file.write(page.data(), page.size());
}

void removeDatabase(const fs::path &path)
{
    for (const char *suffix : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        fs::remove(path.string() + suffix, ignored);
    }
}

Result<> copyDatabase(const fs::path &from, const fs::path &to)
{
    removeDatabase(to);
    for (const char *suffix : {"", "-wal"}) {
        std::error_code error;
        if (!fs::exists(from.string() + suffix, error))
            continue;
        fs::copy_file(from.string() + suffix, to.string() + suffix, error);
        if (error)
            return failErrno(Error::Code::Io, error.value(), "Cannot copy the damaged file to read it", from.string(),
                             "free some space, then put the file back under its name");
        fs::permissions(to.string() + suffix, fs::perms::owner_read | fs::perms::owner_write, error);
    }
    return {};
}

} // namespace

Result<Salvage> salvageEvents(const fs::path &damaged, EventFile &fresh)
{
    const fs::path copy = damaged.string() + ".reading";
    const fs::path scratch = damaged.string() + ".empty";
    if (auto copied = copyDatabase(damaged, copy); !copied)
        return tl::make_unexpected(copied.error());
    auto salvage = readInto(copy, fresh);
    if (!salvage || (salvage->events == 0 && salvage->deadLetters == 0 && !salvage->complete)) {
        if (auto copied = copyDatabase(damaged, copy); !copied)
            return tl::make_unexpected(copied.error());
        replaceFirstPage(copy, scratch);
        salvage = readInto(copy, fresh);
        if (salvage)
            salvage->complete = false;
    }
    removeDatabase(copy);
    removeDatabase(scratch);
    return salvage.value_or(Salvage{.complete = false});
}

} // namespace kiln
