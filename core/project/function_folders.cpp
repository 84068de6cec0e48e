// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/language.h"
#include "core/model/setting_rules.h"
#include "core/project/edit_parts.h"
#include "core/project/function_reader.h"
#include "core/project/keys.h"
#include "core/project/lock.h"
#include "core/project/plain_file.h"
#include "core/project/templates.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace fs = std::filesystem;

namespace kiln {

namespace {

/// "20260301T120000.000"
std::string stampOf(WallTime time)
{
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));
    char text[40];
    std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02d.%03d", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), int(clock.hours().count()), int(clock.minutes().count()),
                  int(clock.seconds().count()), int(clock.subseconds().count()));
    return text;
}

Result<> moveTo(const fs::path &from, const fs::path &to)
{
    std::error_code error;
    fs::rename(from, to, error);
    if (error)
        return failErrno(Error::Code::Io, error.value(), "cannot be moved to " + to.string(), from.string());
    return {};
}

} // namespace

Result<fs::path> functionFolder(const fs::path &workspace, const std::string &name)
{
    const fs::path folder = workspace / "functions" / name;
    if (!isFunctionName(name) || !isPlainFolder(workspace / "functions") || !isPlainFolder(folder))
        return fail(Error::Code::NotFound, "there is no function of this name", "functions/" + name);
    return folder;
}

Result<> moveToTrash(const fs::path &workspace, const fs::path &what, const std::string &name,
                     const EditContext &context)
{
    const auto state = stateFolder(workspace);
    if (!state)
        return tl::make_unexpected(state.error());
    const fs::path trash = *state / "trash";
    if (auto made = makePlainFolder(trash, 0700); !made)
        return made;
    const fs::path first = trash / (name + "-" + stampOf(context.now));
    fs::path target = first;
    for (int i = 2; isTaken(target); ++i)
        target = first.string() + "-" + std::to_string(i);
    return moveTo(what, target);
}

Result<> newFunction(const fs::path &workspace, const NewFunction &edit, const EditContext &context)
{
    const std::string place = "functions/" + edit.name;
    if (!isFunctionName(edit.name))
        return fail(Error::Code::InvalidArgument,
                    "a function's name is a letter, then up to 63 letters, digits, _ and -", place);
    const fs::path folder = workspace / "functions" / edit.name;
    if (isTaken(folder))
        return fail(Error::Code::AlreadyExists, "there is a function of this name already", place,
                    "choose another name");

    const std::string language = edit.runtime.substr(0, edit.runtime.find('@'));
    if (isLanguageToCome(language))
        return fail(Error::Code::NotBuilt, notBuiltMessage(language), place);
    const fs::path source = context.resources / "templates" / language / edit.templateName;
    if (!isFileName(language) || !isFileName(edit.templateName) || !isPlainFolder(source)) {
        std::string known;
        for (const FunctionTemplate &each : listTemplates(context.resources))
            known += (known.empty() ? "" : ", ") + each.language + "/" + each.name;
        return fail(Error::Code::NotFound, "there is no template " + language + "/" + edit.templateName, place,
                    "there are " + known);
    }
    if (auto made = makePlainFolder(workspace / "functions", 0755); !made)
        return made;
    const auto state = stateFolder(workspace);
    if (!state)
        return tl::make_unexpected(state.error());

    // Made out of sight, so that a watcher sees the whole function or none.
    const fs::path draft = *state / ("new-" + edit.name + "-" + std::to_string(::getpid()));
    std::error_code ignored;
    fs::remove_all(draft, ignored);
    auto done = copyTemplate(source, draft, {{"name", edit.name}, {"runtime", edit.runtime}});
    if (!done)
        return done;
    const auto text = readPlainFile(draft / "function.yaml", yamlMaxBytes);
    const auto read = text ? readFunctionText(text->bytes, {workspace, edit.name}, context.schedule) : FunctionText{};
    const auto bad = std::find_if(read.problems.begin(), read.problems.end(),
                                  [](const Problem &problem) { return problem.severity == Problem::Severity::Error; });
    if (!text)
        done = tl::make_unexpected(text.error());
    else if (bad != read.problems.end())
        done = fail(Error::Code::InvalidArgument, bad->key + ": " + bad->message, place);
    else
        done = moveTo(draft, folder);
    if (!done)
        fs::remove_all(draft, ignored);
    return done;
}

Result<> deleteFunction(const fs::path &workspace, const DeleteFunction &edit, const EditContext &context)
{
    const auto folder = functionFolder(workspace, edit.name);
    if (!folder)
        return tl::make_unexpected(folder.error());
    return moveToTrash(workspace, *folder, edit.name, context);
}

} // namespace kiln
