// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "app/control/control_client.h"
#include "core/api/invocation_json.h"
#include "core/api/json_text.h"
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
Result<json::array> readUses(const std::filesystem::path &workspace, const std::string &name)
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
    json::array rows;
    for (const GrantUse &use : grantUses(*found->settings, tallies))
        rows.push_back(toJson(use));
    return rows;
}

Result<json::array> usesOf(const std::filesystem::path &workspace, const std::string &name)
{
    std::optional<ControlClient> running = ControlClient::connect(workspace);
    if (!running)
        return readUses(workspace, name);
    return running->ask({{"do", "permissions"}, {"function", name}}).map([](const json::object &answer) {
        return answer.at("rows").get_array();
    });
}

std::string said(const json::object &use)
{
    const auto count = use.at("invocations").to_number<std::uint64_t>();
    if (!use.at("visible").get_bool())
        return "its use cannot be seen in this runtime";
    if (count == 0)
        return "nothing has run with it yet";
    if (use.at("last_used").is_null())
        return fmt::format("not seen in use in {} invocation{}", count, count == 1 ? "" : "s");
    std::string text = "last seen in use " + std::string(use.at("last_used").get_string());
    const json::array &least = use.at("least").get_array();
    if (std::find(least.begin(), least.end(), use.at("grant")) == least.end())
        for (const json::value &each : least)
            text += fmt::format("{}{}", &each == &least.front() ? ", for " : ", ", std::string(each.get_string()));
    return text;
}

} // namespace

Result<int> runPermissions(const CommonOptions &common, const PermissionsOptions &options)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    const Result<json::array> uses = usesOf(*workspace, options.function);
    if (!uses)
        return tl::make_unexpected(uses.error());
    for (const json::value &use : *uses) {
        if (common.json)
            std::cout << jsonText(use) << "\n";
        else
            std::cout << fmt::format("{:<40}  {}\n", std::string(use.at("grant").get_string()), said(use.get_object()));
    }
    return CommandLine::Done;
}

} // namespace kiln
