// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "app/control/control_client.h"
#include "core/api/invocation_json.h"
#include "core/api/json_text.h"
#include "core/base/wall_time.h"
#include "core/project/edit_apply.h"
#include "core/project/read.h"
#include "core/store/history_reader.h"
#include "core/trigger/schedule.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace kiln {

namespace json = boost::json;

namespace {

/// From the files and the history, when no engine has the workspace open.
Result<std::vector<GrantUse>> readUses(const std::filesystem::path &workspace, const std::string &name)
{
    const auto files = readWorkspace(workspace, validateSchedule);
    if (!files)
        return tl::make_unexpected(files.error());
    const auto found = std::find_if(files->functions.begin(), files->functions.end(),
                                    [&](const FunctionFiles &each) { return each.name == name; });
    if (found == files->functions.end())
        return fail(Error::Code::NotFound, "There is no such function", name);
    if (!found->settings)
        return fail(Error::Code::InvalidArgument, "The function has errors, so its permissions are not known",
                    found->problems.empty() ? name : found->problems.front().text(), "mend the file");
    GrantTallies tallies;
    Result<HistoryReader> reader = HistoryReader::open(workspace / ".kiln" / "history.db");
    if (!reader && reader.error().code != Error::Code::NotFound)
        return tl::make_unexpected(reader.error());
    if (reader) {
        auto known = reader->grantUses();
        if (!known)
            return tl::make_unexpected(known.error());
        tallies = std::move(*known);
    }
    return grantUses(*found->settings, tallies);
}

Result<std::vector<GrantUse>> usesOf(const std::filesystem::path &workspace, const std::string &name)
{
    std::optional<ControlClient> running = ControlClient::connect(workspace);
    if (!running)
        return readUses(workspace, name);
    return running->ask({{"do", "permissions"}, {"function", name}}).map([](const json::object &answer) {
        std::vector<GrantUse> uses;
        for (const json::value &row : answer.at("rows").get_array())
            uses.push_back(grantUseFromJson(row.as_object()));
        return uses;
    });
}

std::string said(const GrantUse &use)
{
    if (!use.visible)
        return "its use cannot be seen in this runtime";
    if (use.seen == 0)
        return "nothing has run with it yet";
    if (!use.lastUsed)
        return fmt::format("not seen in use in {} invocation{}", use.seen, use.seen == 1 ? "" : "s");
    std::string text = "last seen in use " + toIso8601(*use.lastUsed);
    if (std::find(use.least.begin(), use.least.end(), use.grant) == use.least.end())
        for (std::size_t i = 0; i < use.least.size(); ++i)
            text += (i == 0 ? ", for " : ", ") + use.least[i];
    return text;
}

void print(const std::vector<GrantUse> &uses, bool asJson)
{
    for (const GrantUse &use : uses) {
        if (asJson)
            std::cout << jsonText(toJson(use)) << "\n";
        else
            std::cout << fmt::format("{:<40}  {}\n", use.grant, said(use));
    }
}

std::vector<std::string> texts(const std::vector<Grant> &grants)
{
    std::vector<std::string> all;
    for (const Grant &grant : grants)
        all.push_back(toText(grant));
    return all;
}

Result<> narrow(const std::filesystem::path &workspace, const std::string &function, const Narrowing &narrowing)
{
    if (narrowing.empty())
        return {};
    if (std::optional<ControlClient> running = ControlClient::connect(workspace)) {
        const auto array = [](const std::vector<Grant> &grants) {
            const auto all = texts(grants);
            return json::array(all.begin(), all.end());
        };
        return running
            ->ask({{"do", "permit"},
                   {"function", function},
                   {"remove", array(narrowing.remove)},
                   {"grants", array(narrowing.add)}})
            .map([](const json::object &) {});
    }
    const EditContext context{.resources = {}, .schedule = validateSchedule, .now = SystemClock().wall()};
    return apply(workspace, Narrow{function, narrowing.remove, narrowing.add}, context);
}

/// What would change, one a line: "- files:…", "+ network:…".
void print(const Narrowing &narrowing, const CommonOptions &common, const PermissionsOptions &options)
{
    const auto less = texts(narrowing.remove), more = texts(narrowing.add);
    if (common.json) {
        std::cout << jsonText(json::object{{"remove", json::array(less.begin(), less.end())},
                                           {"add", json::array(more.begin(), more.end())},
                                           {"applied", options.apply}})
                  << "\n";
        return;
    }
    for (const std::string &grant : less)
        std::cout << "- " << grant << "\n";
    for (const std::string &grant : more)
        std::cout << "+ " << grant << "\n";
    if (narrowing.empty())
        std::cout << options.function << " has no more than was seen in use\n";
    else if (options.apply)
        std::cout << "functions/" << options.function << "/function.yaml is changed so\n";
}

} // namespace

Result<int> runPermissions(const CommonOptions &common, const PermissionsOptions &options)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    const Result<std::vector<GrantUse>> uses = usesOf(*workspace, options.function);
    if (!uses)
        return tl::make_unexpected(uses.error());
    if (!options.least && !options.apply) {
        print(*uses, common.json);
        return CommandLine::Done;
    }
    const Narrowing narrowing = leastFor(*uses);
    if (options.apply)
        if (const Result<> done = narrow(*workspace, options.function, narrowing); !done)
            return tl::make_unexpected(done.error());
    print(narrowing, common, options);
    return CommandLine::Done;
}

} // namespace kiln
