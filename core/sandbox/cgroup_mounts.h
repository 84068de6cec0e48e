// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kiln {

/// Where the cgroup hierarchies are mounted; those that are not are empty.
struct CgroupMounts
{
    std::filesystem::path v2;
    std::filesystem::path memory, pids, cpu, cpuacct; ///< Of v1.
};

/// Reads the format of proc(5): "id parent maj:min root mountpoint options… - type source superoptions".
[[nodiscard]] CgroupMounts readCgroupMounts(const std::filesystem::path &mountInfo = "/proc/self/mountinfo");

/// The folder of a process in the hierarchy of `controller`, or, for an empty name, in the v2 hierarchy; `cgroupFile`
/// is its /proc/PID/cgroup and `mount` where the hierarchy is. Empty when it is in none.
[[nodiscard]] std::filesystem::path cgroupFolderOf(const std::filesystem::path &cgroupFile, std::string_view controller,
                                                   const std::filesystem::path &mount);

/// Whether `word` is one of those that `separator` parts.
[[nodiscard]] bool hasWord(const std::string &text, std::string_view word, char separator);

} // namespace kiln
