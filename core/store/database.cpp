// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"

#include "core/base/unique_fd.h"
#include "core/base/wall_time.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace kiln {

namespace fs = std::filesystem;

namespace {

constexpr int busyMilliseconds = 1500;

int versionOf(SQLite::Database &database) { return database.execAndGet("PRAGMA user_version").getInt(); }

Error newerSchema(const fs::path &path, int version)
{
    return {Error::Code::Store, "The file was written by a newer Kiln (schema " + std::to_string(version) + ")",
            path.string(), "open this workspace with that version, or move the file away to begin a new one", 0};
}

Error fullDisk(const fs::path &path)
{
    return {Error::Code::Store, "The disk is full", path.string(), "free some space; recording goes on by itself",
            ENOSPC};
}

bool hasSpace(const fs::path &path)
{
    constexpr std::uint64_t least = 64 * 1024;
    std::error_code failed;
    const fs::space_info space = fs::space(path.parent_path(), failed);
    return failed || space.available >= least;
}

/// Makes .kiln or .kiln/data, should they be missing (also while running), but never the workspace around them.
void makeFolder(const fs::path &folder)
{
    if (::mkdir(folder.c_str(), 0700) == 0 || errno != ENOENT || folder.parent_path().filename() != ".kiln")
        return; // what is wrong shows when the file is opened
    if (::mkdir(folder.parent_path().c_str(), 0700) == 0)
        (void)::mkdir(folder.c_str(), 0700);
}

/// SQLite would make the file with the umask's mode; history holds payloads, which may hold secrets.
Result<> makePrivate(const fs::path &path)
{
    makeFolder(path.parent_path());
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd)
        return failErrno(Error::Code::Io, errno, "Cannot open the store", path.string(),
                         "make the folder writable for your user");
    // Refused for a file of another owner; then it was not ours to narrow.
    (void)::fchmod(fd.get(), 0600);
    return {};
}

void migrate(SQLite::Database &database, std::span<const std::string_view> steps)
{
    for (int version = versionOf(database); version < int(steps.size()); ++version) {
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        database.exec(std::string(steps[std::size_t(version)]));
        database.exec("PRAGMA user_version = " + std::to_string(version + 1));
        transaction.commit();
    }
}

} // namespace

Result<DatabasePtr> openForWriting(const fs::path &path, const DatabaseOptions &options, Damage &damage)
{
    damage = Damage::None;
    if (auto made = makePrivate(path); !made)
        return tl::make_unexpected(made.error());
    try {
        auto database = std::make_unique<SQLite::Database>(
            path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, busyMilliseconds,
            options.vfs);
        const int version = versionOf(*database);
        if (version > int(options.schema.size()))
            return tl::make_unexpected(newerSchema(path, version));
        // Only before the first table is made. Lets deleted rows give their pages back in small steps.
        if (version == 0)
            database->exec("PRAGMA auto_vacuum = INCREMENTAL");
        database->exec("PRAGMA journal_mode = WAL");
        database->exec(options.durability == DatabaseOptions::Durability::Full ? "PRAGMA synchronous = FULL"
                                                                               : "PRAGMA synchronous = NORMAL");
        // Debian builds SQLite to overwrite what it deletes; the file is private, and retention must be cheap.
        database->exec("PRAGMA secure_delete = OFF");
        database->exec("PRAGMA cache_size = -16000");
        database->exec("PRAGMA journal_size_limit = 67108864");
        migrate(*database, options.schema);
        return database;
    } catch (const SQLite::Exception &exception) {
        // A plain error here is a database with other tables than ours.
        if (failureOf(exception) != Failure::Passing || exception.getErrorCode() == SQLITE_ERROR)
            damage = Damage::Damaged;
        return tl::make_unexpected(storeError(exception, path));
    }
}

Result<DatabasePtr> openForReading(const fs::path &path, const DatabaseOptions &options)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        return fail(Error::Code::NotFound, "Nothing has been recorded here yet", path.string());
    const auto attempt = [&](const std::string &name, int flags) -> Result<DatabasePtr> {
        auto database = std::make_unique<SQLite::Database>(name, flags | SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX,
                                                           busyMilliseconds, options.vfs);
        const int version = versionOf(*database);
        if (version > int(options.schema.size()))
            return tl::make_unexpected(newerSchema(path, version));
        if (version < int(options.schema.size()))
            return fail(Error::Code::Store, "The file was written by an older Kiln", path.string(),
                        "open the workspace once with this version");
        // No memory mapping: a failing disk would then be a signal instead of an Error.
        database->exec("PRAGMA cache_size = -16000");
        return database;
    };
    try {
        return attempt(path.string(), 0);
    } catch (const SQLite::Exception &exception) {
        // A folder that cannot be written has no place for the shared index of the WAL. Without a WAL the file is
        // whole by itself.
        const fs::path wal = path.string() + "-wal";
        const bool whole = !fs::exists(wal, ignored) || fs::file_size(wal, ignored) == 0;
        if (exception.getErrorCode() != SQLITE_CANTOPEN || !whole)
            return tl::make_unexpected(storeError(exception, path));
    }
    try {
        std::string uri = "file:";
        for (const char c : path.string()) {
            static constexpr std::string_view special = "?#%";
            static constexpr char digits[] = "0123456789ABCDEF";
            if (special.find(c) == std::string_view::npos)
                uri += c;
            else
                uri.append({'%', digits[(c >> 4) & 15], digits[c & 15]});
        }
        return attempt(uri + "?immutable=1", SQLite::OPEN_URI);
    } catch (const SQLite::Exception &exception) {
        return tl::make_unexpected(storeError(exception, path));
    }
}

Result<fs::path> setAside(const fs::path &path, WallTime now)
{
    std::string stamp = toIso8601(now).substr(0, 19);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    fs::path aside = path.string() + ".damaged-" + stamp;
    for (int i = 2; fs::exists(aside); ++i)
        aside = path.string() + ".damaged-" + stamp + "-" + std::to_string(i);
    // The log goes along: what it holds is part of the database, and must not be taken for the new one's.
    for (const char *suffix : {"-wal", "-shm", ""}) {
        const fs::path from = path.string() + suffix;
        std::error_code error;
        if (!fs::exists(from, error))
            continue;
        fs::rename(from, aside.string() + suffix, error);
        if (error)
            return failErrno(Error::Code::Io, error.value(), "Cannot set the damaged file aside", from.string(),
                             "move it away by hand");
    }
    return aside;
}

Error storeError(const SQLite::Exception &exception, const fs::path &path)
{
    Error error{Error::Code::Store, std::string("The store failed: ") + exception.what(), path.string(), {}, 0};
    switch (exception.getErrorCode()) {
    case SQLITE_FULL: return fullDisk(path);
    case SQLITE_IOERR:
        // What SQLite says when it is the shared index of a WAL that finds no space.
        if (!hasSpace(path))
            return fullDisk(path);
        error.remedy = "look at the disk and its cable or mount; recording goes on by itself once it answers";
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error.code = Error::Code::Busy;
        error.message = "Another program keeps the store locked";
        error.remedy = "close the program that has the file open";
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: error.remedy = "make the file and its folder writable for your user"; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: error.remedy = "move the file away; Kiln does so itself when it opens the workspace"; break;
    default: break;
    }
    return error;
}

Failure failureOf(const SQLite::Exception &exception)
{
    switch (exception.getErrorCode()) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Failure::Damaged;
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return Failure::BadRow;
    default: return Failure::Passing;
    }
}

std::string bytesOf(const SQLite::Column &column)
{
    // The blob first: asking for the size may convert, which would move what the pointer points to.
    const void *bytes = column.getBlob();
    const int size = column.getBytes();
    return bytes ? std::string(static_cast<const char *>(bytes), std::size_t(size)) : std::string();
}

} // namespace kiln
