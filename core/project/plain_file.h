// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

struct stat;

namespace kiln {

/// What tells one state of a file from another without reading it.
struct FileStamp
{
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modifiedNs = 0;
    std::int64_t changedNs = 0; ///< ctime: no program can set it back.
    bool operator==(const FileStamp &) const = default;

    [[nodiscard]] static FileStamp of(const struct stat &status);
};

struct FileBytes
{
    std::string bytes;
    FileStamp stamp;
    mode_t mode = 0;
};

/// Reads a whole regular file. Follows no link in the last component and never opens a FIFO or device.
[[nodiscard]] Result<FileBytes> readPlainFile(const std::filesystem::path &path, std::size_t maxBytes);

struct WriteOptions
{
    enum class Durability {
        Synced, ///< On the disk when the call returns.
        Cached, ///< For what can be made again: a power failure may leave it torn.
    };
    std::optional<FileStamp> unchangedSince = std::nullopt; ///< Else fails as Busy.
    mode_t newMode = 0644;                                  ///< An existing file keeps its own.
    Durability durability = Durability::Synced;
};

/// Replaces or makes a file, whole or not at all. Refuses a symbolic link.
[[nodiscard]] Result<> writePlainFile(const std::filesystem::path &path, std::string_view bytes,
                                      const WriteOptions &options = {});

/// Makes one folder if it is not there. Fails when something else has its name (a link to a folder too).
[[nodiscard]] Result<> makePlainFolder(const std::filesystem::path &path, mode_t mode);

/// Whether the path itself is a folder, and no link to one.
[[nodiscard]] bool isPlainFolder(const std::filesystem::path &path);

/// Whether anything has this name, a dangling link too.
[[nodiscard]] bool isTaken(const std::filesystem::path &path);

/// A name that may become one component of a path: no "/", not hidden, no control characters, at most 100 bytes.
[[nodiscard]] bool isFileName(std::string_view name);

} // namespace kiln
