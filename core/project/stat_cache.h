// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/plain_file.h"

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

namespace kiln {

/// Hashes of files by what stat says of them, so that only changed files are read again. Kept in one file; a lost or
/// damaged one costs time only. One thread at a time.
class StatCache
{
public:
    explicit StatCache(std::filesystem::path file);
    ~StatCache() { save(); }
    StatCache(const StatCache &) = delete;
    StatCache &operator=(const StatCache &) = delete;

    [[nodiscard]] std::optional<std::string> find(const FileStamp &stamp) const;

    /// `readAtNs`: the machine's time when the file was opened. A file changed right before is not remembered, as a
    /// further change could leave the same stamp.
    void remember(const FileStamp &stamp, const std::string &hash, std::int64_t readAtNs);

    void forget(const FileStamp &stamp);
    void save();              ///< Failing to costs time only, so it is not told.
    void saveIfMuchChanged(); ///< A save of one file must not wait for a list of thousands.

private:
    struct Entry
    {
        FileStamp stamp;
        std::string hash;
    };

    std::filesystem::path m_file;
    std::unordered_map<std::uint64_t, Entry> m_entries; ///< By device and inode.
    std::size_t m_changes = 0;                          ///< Not saved yet.
};

} // namespace kiln
