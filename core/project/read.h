// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/function.h"
#include "core/model/problem.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// Why a schedule cannot be kept ("expected five fields, found 4"), or nullopt. core/trigger knows; this room does not.
using ScheduleCheck = std::function<std::optional<std::string>(const ScheduleTrigger &)>;

/// kiln.yaml
struct KilnSettings
{
    std::string name;                      ///< The folder's name when the file gives none.
    std::string listen = "127.0.0.1:7070"; ///< "HOST:PORT"
    WorkspaceScaling scaling{};
    bool operator==(const KilnSettings &) const = default;
};

/// One function's folder as it is on disk.
struct FunctionFiles
{
    std::string name;
    std::filesystem::path folder;
    std::optional<FunctionSettings> settings; ///< Absent when a problem is an Error.
    std::vector<int> triggerLines;            ///< Where settings->triggers are, 1-based, for problems found later.
    std::vector<Problem> problems;
    std::vector<std::string> files;      ///< Of the code, relative to the folder, sorted; the first thousand.
    std::vector<std::string> testEvents; ///< File names in events/, sorted.
};

struct WorkspaceFiles
{
    std::filesystem::path folder;         ///< Absolute, without links.
    std::optional<KilnSettings> kiln;     ///< Absent when kiln.yaml has errors.
    std::vector<Problem> problems;        ///< Of kiln.yaml and of functions/ itself.
    std::vector<FunctionFiles> functions; ///< By name.
};

/// Reads a workspace. Whatever is wrong in its files becomes a Problem of that file, and keeps only that one from
/// being used; fails only when the folder is no workspace (no kiln.yaml) or cannot be entered. Blocks; any thread.
[[nodiscard]] Result<WorkspaceFiles> readWorkspace(const std::filesystem::path &folder,
                                                   const ScheduleCheck &schedule = {});

/// Reads one function of a workspace (WorkspaceFiles::folder). Conflicts with other functions' routes are not looked
/// for.
[[nodiscard]] FunctionFiles readFunction(const std::filesystem::path &workspace, const std::string &name,
                                         const ScheduleCheck &schedule = {});

/// Adds a problem to each function that has a route of an earlier one (same method and shape), and takes its
/// settings away. Part of readWorkspace.
void refuseSharedRoutes(std::vector<FunctionFiles> &functions);

/// The folder holding kiln.yaml: `from` or the nearest above it.
[[nodiscard]] std::optional<std::filesystem::path> findWorkspace(const std::filesystem::path &from);

} // namespace kiln
