// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "core/store/database.h"
#include "core/store/history_rows.h"
#include "core/store/retention.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

namespace kiln {

/// history.db, open for writing. After any failure it must be thrown away and opened anew: what SQLite and this
/// remember may then differ from the disk. One thread.
class HistoryFile
{
public:
    struct Problem
    {
        Error error;
        Failure failure = Failure::Passing;
    };
    template<typename T = void> using Done = tl::expected<T, Problem>;

    [[nodiscard]] static Done<std::unique_ptr<HistoryFile>> open(const std::filesystem::path &path,
                                                                 const std::string &vfs);

    /// All of it or nothing, in one transaction.
    [[nodiscard]] Done<> write(std::span<const InvocationPtr> batch);

    enum class Trimmed { Enough, MoreToDo };
    /// Removes a small part of what is over the bounds, in one short transaction.
    [[nodiscard]] Done<Trimmed> trim(const Retention &retention, WallTime now);

    [[nodiscard]] std::uint64_t invocations() const { return m_rows.invocations(); }
    [[nodiscard]] ByteSize size() const { return m_size; } ///< As of the last write; free pages not counted.
    /// Whether the path still leads to the file that is open: it may have been deleted or replaced meanwhile.
    [[nodiscard]] bool inPlace() const;

private:
    HistoryFile(std::filesystem::path path, DatabasePtr database);

    std::optional<std::int64_t> trimBelow(const Retention &retention, WallTime now);
    void removeBelow(std::int64_t key);
    void measure();

    std::filesystem::path m_path;
    std::uint64_t m_inode = 0;
    DatabasePtr m_database;
    HistoryRows m_rows;
    ByteSize m_size;
    std::int64_t m_freePages = 0;
};

} // namespace kiln
