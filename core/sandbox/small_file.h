// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// The first 64 KB of a file of the kernel (cgroupfs, /proc); nullopt when it cannot be read, with errno kept.
[[nodiscard]] std::optional<std::string> readSmallFile(const std::filesystem::path &path);

/// Writes all of `text` in one call; 0, else the errno. A file that is missing is created where the file system allows
/// it: cgroupfs never does, a test's fake tree does.
[[nodiscard]] int writeSmallFile(const std::filesystem::path &path, std::string_view text);

/// A number alone in its file, or the value after `key` in a file of "key value" lines.
[[nodiscard]] std::optional<std::int64_t> readNumber(const std::filesystem::path &path, std::string_view key = {});

/// The same of what was read.
[[nodiscard]] std::optional<std::int64_t> numberIn(std::string_view text, std::string_view key = {});

/// Field 22 of /proc/PID/stat: with the pid it names a process for ever. nullopt when there is no such process.
[[nodiscard]] std::optional<std::uint64_t> startTimeOf(int pid, const std::filesystem::path &proc = "/proc");

} // namespace kiln
