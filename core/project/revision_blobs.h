// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/project/code_files.h"
#include "core/project/stat_cache.h"

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

namespace kiln {

/// The files of all revisions, each content once. Part of RevisionStore.
class RevisionBlobs
{
public:
    RevisionBlobs(std::filesystem::path folder, std::filesystem::path cacheFile)
        : m_folder(std::move(folder))
        , m_cache(std::move(cacheFile))
    {}

    enum class Trust {
        Cache,   ///< What the cache says of unchanged files.
        Nothing, ///< Read every file.
    };
    /// Hash of a file's content, whose blob is there when this returns (with Trust::Cache: was there once).
    [[nodiscard]] Result<std::string> take(const std::filesystem::path &root, const CodeFile &file, Trust trust);

    /// Gives a blob a further name. Fails with NotFound when the blob is gone.
    [[nodiscard]] Result<> link(const std::string &hash, CodeFile::Kind kind, const std::filesystem::path &to);

    void removeUnlinked(); ///< Blobs that no tree has.

    /// Reads all blobs and removes those that are not what their name says, as after a power failure. Answers their
    /// inodes, which trees may still hold.
    [[nodiscard]] std::set<std::uint64_t> removeTorn();

    void saveCache() { m_cache.saveIfMuchChanged(); }

private:
    [[nodiscard]] std::filesystem::path blob(const std::string &hash, CodeFile::Kind kind) const;
    [[nodiscard]] Result<std::string> copy(const std::filesystem::path &source, const CodeFile &file);

    std::filesystem::path m_folder;
    StatCache m_cache;
    unsigned m_temporary = 0;
};

} // namespace kiln
