// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/read.h"

#include "core/base/utf8.h"
#include "core/model/setting_rules.h"
#include "core/project/code_files.h"
#include "core/project/function_reader.h"
#include "core/project/plain_file.h"

#include <algorithm>
#include <system_error>

namespace fs = std::filesystem;

namespace kiln {

namespace {

constexpr std::size_t maxFunctions = 2'000;
constexpr std::size_t maxShownFiles = 1'000;

Problem wholeFile(std::string file, std::string message)
{
    return {Problem::Severity::Error, std::move(file), 0, 0, {}, std::move(message)};
}

/// "larger than 1024 KB", "cannot be read (Permission denied)": the place is the Problem's.
std::string messageOf(Error error)
{
    error.place.clear();
    return error.text();
}

/// Names of plain entries, sorted; hidden ones are left out.
std::vector<std::string> entriesOf(const fs::path &folder, std::size_t most)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end && names.size() < most;
         it.increment(error)) {
        std::string name = it->path().filename().string();
        if (!name.starts_with('.') && !isNoCode(name))
            names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> testEventsOf(const fs::path &folder)
{
    if (!isPlainFolder(folder))
        return {};
    auto names = entriesOf(folder, maxShownFiles);
    std::erase_if(names, [&](const std::string &name) {
        std::error_code ignored;
        return fs::symlink_status(folder / name, ignored).type() != fs::file_type::regular;
    });
    return names;
}

/// What is reserved for functions beyond the workspace's budget cannot be kept ready.
void warnOfReserves(WorkspaceFiles &workspace)
{
    std::int64_t reserved = 0;
    for (const FunctionFiles &function : workspace.functions)
        reserved += function.settings ? function.settings->concurrency.min : 0;
    if (const int workers = workspace.kiln.value_or(KilnSettings{}).scaling.workers; reserved > workers)
        workspace.problems.push_back({.severity = Problem::Severity::Warning,
                                      .file = "kiln.yaml",
                                      .key = "scaling.workers",
                                      .message = "the functions' concurrency.min reserve " + std::to_string(reserved) +
                                                 " workers, more than the " + std::to_string(workers) +
                                                 " there may be: some are not kept ready"});
}

} // namespace

FunctionFiles readFunction(const fs::path &workspace, const std::string &name, const ScheduleCheck &schedule)
{
    const FunctionPlace place{workspace, name};
    FunctionFiles function;
    function.name = toUtf8(name);
    function.folder = place.folder();
    const auto refuse = [&](const std::string &file, std::string message) {
        function.problems.push_back(wholeFile(file, std::move(message)));
        return function;
    };
    if (!isFunctionName(name))
        return refuse("functions/" + function.name,
                      "a function's name is a letter, then up to 63 letters, digits, _ and -");
    if (!isPlainFolder(function.folder))
        return refuse("functions/" + function.name,
                      "this is a symbolic link, and Kiln follows none out of the workspace");

    function.files = listCodePaths(function.folder, maxShownFiles);
    function.testEvents = testEventsOf(function.folder / "events");
    const auto file = readPlainFile(function.folder / "function.yaml", yamlMaxBytes);
    if (!file)
        return refuse(place.file(), file.error().code == Error::Code::NotFound
                                        ? "missing: a function needs this file with at least runtime and handler"
                                        : messageOf(file.error()));
    FunctionText text = readFunctionText(file->bytes, place, schedule);
    function.settings = std::move(text.settings);
    function.problems = std::move(text.problems);
    function.triggerLines = std::move(text.triggerLines);
    return function;
}

Result<WorkspaceFiles> readWorkspace(const fs::path &folder, const ScheduleCheck &schedule)
{
    std::error_code error;
    WorkspaceFiles workspace;
    workspace.folder = fs::canonical(folder, error);
    if (error)
        return failErrno(Error::Code::NotFound, error.value(), "cannot be opened as a workspace", folder.string());

    const auto kiln = readPlainFile(workspace.folder / "kiln.yaml", yamlMaxBytes);
    if (!kiln && kiln.error().code == Error::Code::NotFound)
        return fail(Error::Code::NotFound, "there is no kiln.yaml, so this is no workspace", workspace.folder.string(),
                    "make one with: kiln init DIR");
    if (kiln) {
        KilnText text = readKilnText(kiln->bytes, workspace.folder);
        workspace.kiln = std::move(text.settings);
        workspace.problems = std::move(text.problems);
    } else {
        workspace.problems.push_back(wholeFile("kiln.yaml", messageOf(kiln.error())));
    }

    const fs::path functions = workspace.folder / "functions";
    if (!isPlainFolder(functions)) {
        if (fs::symlink_status(functions, error).type() != fs::file_type::not_found)
            workspace.problems.push_back(wholeFile("functions", "this is no folder; Kiln follows no link here"));
        return workspace;
    }
    std::vector<std::string> names = entriesOf(functions, maxFunctions + 1);
    if (names.size() > maxFunctions) {
        workspace.problems.push_back(wholeFile("functions", "more than 2000 functions; the rest is not opened"));
        names.pop_back();
    }
    for (const std::string &name : names) {
        const auto type = fs::symlink_status(functions / name, error).type();
        if (type == fs::file_type::directory || type == fs::file_type::symlink)
            workspace.functions.push_back(readFunction(workspace.folder, name, schedule));
    }
    refuseSharedRoutes(workspace.functions);
    warnOfReserves(workspace);
    return workspace;
}

std::optional<fs::path> findWorkspace(const fs::path &from)
{
    std::error_code error;
    for (fs::path folder = fs::canonical(from, error); !error; folder = folder.parent_path()) {
        if (fs::is_regular_file(folder / "kiln.yaml", error))
            return folder;
        error.clear();
        if (folder == folder.parent_path())
            break;
    }
    return std::nullopt;
}

} // namespace kiln
