// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace kiln {

/// Where one engine's sandboxes are counted and limited: its own folder in each hierarchy.
struct CgroupLayout
{
    enum class Version : std::uint8_t { None, V1, V2 };

    Version version = Version::None;
    std::filesystem::path memory; ///< For V2 all four are the same folder.
    std::filesystem::path pids;
    std::filesystem::path cpu;        ///< Empty when CPU shares cannot be limited here.
    std::filesystem::path accounting; ///< Of CPU time; empty when only /proc tells it.
    std::string note; ///< Why there is none, and what would help; or what is missing of a layout that works.

    [[nodiscard]] bool works() const { return version != Version::None; }
};

/// Where a machine keeps its cgroups; a test gives a fake tree.
struct CgroupHost
{
    std::filesystem::path mountInfo = "/proc/self/mountinfo";
    std::filesystem::path own = "/proc/self/cgroup";
    std::filesystem::path proc = "/proc"; ///< To tell which engines are alive.
    bool root = false; ///< Root may make folders at the top of a hierarchy; others only where systemd delegated.
};

/// The name of an engine's folder: tells whose it is, so that a later engine can sweep what a killed one left.
[[nodiscard]] std::string cgroupFolderName(const std::string &instance, int pid, std::uint64_t startTime);

/// Finds a hierarchy that can limit memory and processes and makes the folder `name` in it. Never fails: a machine
/// without has a layout of version None that says why.
[[nodiscard]] CgroupLayout makeCgroupLayout(const CgroupHost &host, const std::string &name);

/// Removes the folders of engines that are dead, beside those of `layout`; returns how many. One that still has a
/// process in it stays: cgroupfs refuses.
int sweepStaleCgroups(const CgroupHost &host, const CgroupLayout &layout);

/// Removes the layout's folders with all sandboxes in them. False while a process is in one of them.
bool removeCgroupLayout(const CgroupLayout &layout);

} // namespace kiln
