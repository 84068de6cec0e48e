// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/edit_apply.h"

#include "core/project/edit_parts.h"
#include "core/project/function_reader.h"
#include "core/project/plain_file.h"
#include "core/project/trigger_text.h"
#include "core/project/yaml_tree.h"

#include <algorithm>
#include <system_error>

namespace fs = std::filesystem;

namespace kiln {

namespace {

using Change = std::function<Result<std::string>(const std::string &text, const FunctionText &old)>;

/// The first error that was not there before; an edit may mend one of two.
std::optional<Problem> newProblem(const std::vector<Problem> &before, const std::vector<Problem> &after)
{
    for (const Problem &problem : after) {
        const bool known = std::any_of(before.begin(), before.end(), [&](const Problem &old) {
            return old.key == problem.key && old.message == problem.message;
        });
        if (problem.severity == Problem::Severity::Error && !known)
            return problem;
    }
    return std::nullopt;
}

/// The problem that routes of other functions make for this one, if it is new.
std::optional<Problem> routeConflict(const FunctionPlace &place, const FunctionText &before, const FunctionText &after,
                                     const ScheduleCheck &schedule)
{
    const auto conflicts = [&](const FunctionText &text, std::vector<FunctionFiles> functions) {
        std::erase_if(functions, [&](const FunctionFiles &each) { return each.name == place.name; });
        FunctionFiles own;
        own.name = place.name;
        own.settings = text.settings;
        own.triggerLines = text.triggerLines;
        functions.push_back(std::move(own)); // last, so that the conflict is told of this one
        refuseSharedRoutes(functions);
        return functions.back().problems;
    };
    const bool routed = after.settings && std::any_of(after.settings->triggers.begin(), after.settings->triggers.end(),
                                                      [](const Trigger &trigger) {
                                                          return std::holds_alternative<HttpTrigger>(trigger);
                                                      });
    if (!routed || (before.settings && before.settings->triggers == after.settings->triggers))
        return std::nullopt;
    auto workspace = readWorkspace(place.workspace, schedule);
    if (!workspace)
        return std::nullopt;
    return newProblem(conflicts(before, workspace->functions), conflicts(after, workspace->functions));
}

Result<> changeFunction(const fs::path &workspace, const std::string &name, const EditContext &context,
                        const Change &change)
{
    const auto folder = functionFolder(workspace, name);
    if (!folder)
        return tl::make_unexpected(folder.error());
    const FunctionPlace place{workspace, name};
    const auto file = readPlainFile(*folder / "function.yaml", yamlMaxBytes);
    if (!file)
        return tl::make_unexpected(file.error());

    const FunctionText before = readFunctionText(file->bytes, place, context.schedule);
    const auto text = change(file->bytes, before);
    if (!text) {
        Error error = text.error();
        error.place = place.file();
        return tl::make_unexpected(std::move(error));
    }
    const FunctionText after = readFunctionText(*text, place, context.schedule);
    auto problem = newProblem(before.problems, after.problems);
    if (!problem)
        problem = routeConflict(place, before, after, context.schedule);
    if (problem)
        return fail(Error::Code::InvalidArgument, (problem->key.empty() ? "" : problem->key + ": ") + problem->message,
                    place.file());
    if (*text == file->bytes)
        return {};
    return writePlainFile(*folder / "function.yaml", *text, {.unchangedSince = file->stamp});
}

struct Applier
{
    const fs::path &workspace;
    const EditContext &context;

    Result<> operator()(const SetValue &edit) const
    {
        return changeFunction(workspace, edit.function, context, [&](const std::string &text, const FunctionText &) {
            return edit.yaml.empty() ? removeYaml(text, edit.key) : setYaml(text, edit.key, edit.yaml);
        });
    }
    Result<> operator()(const AddTrigger &edit) const
    {
        return changeFunction(workspace, edit.function, context, [&](const std::string &text, const FunctionText &) {
            return appendYaml(text, "triggers", triggerItem(edit.trigger));
        });
    }
    Result<> operator()(const ReplaceTrigger &edit) const
    {
        const auto change = [&](const std::string &text, const FunctionText &old) -> Result<std::string> {
            if (!old.settings) // its triggers are not known by kind
                return replaceYaml(text, "triggers", edit.index, triggerItem(edit.trigger));
            if (edit.index >= old.settings->triggers.size())
                return fail(Error::Code::NotFound, "there is no trigger " + std::to_string(edit.index));
            return rewriteTrigger(text, edit.index, old.settings->triggers[edit.index], edit.trigger);
        };
        return changeFunction(workspace, edit.function, context, change);
    }
    Result<> operator()(const RemoveTrigger &edit) const
    {
        const auto change = [&](const std::string &text, const FunctionText &old) -> Result<std::string> {
            if (old.settings && edit.index >= old.settings->triggers.size())
                return fail(Error::Code::NotFound, "there is no trigger " + std::to_string(edit.index));
            return removeYaml(text, {"triggers", std::to_string(edit.index)});
        };
        return changeFunction(workspace, edit.function, context, change);
    }
    Result<> operator()(const Permit &edit) const { return changeGrants(edit.function, {}, edit.grants); }
    Result<> operator()(const Revoke &edit) const { return changeGrants(edit.function, edit.grants, {}); }
    Result<> operator()(const Narrow &edit) const { return changeGrants(edit.function, edit.remove, edit.add); }
    Result<> operator()(const NewFunction &edit) const { return newFunction(workspace, edit, context); }
    Result<> operator()(const DeleteFunction &edit) const { return deleteFunction(workspace, edit, context); }
    Result<> operator()(const SaveTestEvent &edit) const { return saveTestEvent(workspace, edit); }
    Result<> operator()(const DeleteTestEvent &edit) const { return deleteTestEvent(workspace, edit, context); }

private:
    /// One after the other: each is put where the text is by then.
    Result<> changeGrants(const std::string &function, const std::vector<Grant> &less,
                          const std::vector<Grant> &more) const
    {
        const FunctionPlace place{workspace, function};
        return changeFunction(
            workspace, function, context, [&](const std::string &text, const FunctionText &old) -> Result<std::string> {
                std::string now = text;
                FunctionText known = old;
                const auto change = [&](const Grant &grant, decltype(addGrant) *changed) -> Result<> {
                    if (!known.settings)
                        return fail(Error::Code::InvalidArgument, "has errors, so its permissions are not known", {},
                                    "mend them first");
                    auto next = changed(now, *known.settings, grant);
                    if (!next)
                        return tl::make_unexpected(next.error());
                    now = *std::move(next);
                    known = readFunctionText(now, place, context.schedule);
                    if (const auto problem = newProblem(old.problems, known.problems))
                        return fail(Error::Code::InvalidArgument, toText(grant) + ": " + problem->message);
                    return {};
                };
                for (const Grant &grant : less)
                    if (auto done = change(grant, removeGrant); !done)
                        return tl::make_unexpected(done.error());
                for (const Grant &grant : more)
                    if (auto done = change(grant, addGrant); !done)
                        return tl::make_unexpected(done.error());
                return now;
            });
    }
};

} // namespace

Result<> apply(const fs::path &workspace, const WorkspaceEdit &edit, const EditContext &context)
{
    std::error_code error;
    const fs::path folder = fs::canonical(workspace, error);
    if (error)
        return failErrno(Error::Code::NotFound, error.value(), "cannot be opened as a workspace", workspace.string());
    return std::visit(Applier{folder, context}, edit);
}

} // namespace kiln
