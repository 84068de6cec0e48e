// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace kiln {

/// One SQLite connection as Kiln opens it. Only core/store includes this: no header of its interface does.
struct DatabaseOptions
{
    enum class Durability {
        Normal, ///< A commit survives the process, not the machine.
        Full,   ///< A commit survives the machine too.
    };
    Durability durability = Durability::Normal;
    std::span<const std::string_view> schema = {}; ///< See core/store/schema.h.
    std::string vfs = {}; ///< SQLite's name of the file system to use; empty for its own. The seam for injected faults.
};

using DatabasePtr = std::unique_ptr<SQLite::Database>;

/// How a store's file was found unusable; decides whether it is set aside.
enum class Damage { None, Damaged };

/// Opens for writing, made with mode 0600 when absent, and brings the schema up to date. Code Store with `damage` set
/// when the file is no database or torn; Busy when another process keeps it locked.
[[nodiscard]] Result<DatabasePtr> openForWriting(const std::filesystem::path &path, const DatabaseOptions &options,
                                                 Damage &damage);

/// Opens for reading beside a writer in this or another process, or alone. NotFound when there is no file.
[[nodiscard]] Result<DatabasePtr> openForReading(const std::filesystem::path &path, const DatabaseOptions &options);

/// Renames a database and what belongs to it to NAME.damaged-TIME; answers the new path.
[[nodiscard]] Result<std::filesystem::path> setAside(const std::filesystem::path &path, WallTime now);

/// What SQLite said, as an Error about `path` with what the user can do.
[[nodiscard]] Error storeError(const SQLite::Exception &exception, const std::filesystem::path &path);

/// What a failed write means for what was to be written.
enum class Failure {
    Passing, ///< Space, I/O, a lock: the same write can succeed later.
    BadRow,  ///< The row is the reason; others can still be written.
    Damaged, ///< The file is torn; no retry on it can help.
};
[[nodiscard]] Failure failureOf(const SQLite::Exception &exception);

/// A column's bytes, whatever its type, NUL included.
[[nodiscard]] std::string bytesOf(const SQLite::Column &column);

} // namespace kiln
