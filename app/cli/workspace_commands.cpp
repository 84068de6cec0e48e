// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "app/control/control_client.h"
#include "core/project/edit_apply.h"
#include "core/project/init.h"
#include "core/project/trust.h"
#include "core/trigger/schedule.h"

#include <boost/json.hpp>

#include <cstdio>

namespace kiln {

namespace {

void tell(const CommonOptions &common, const std::string &text)
{
    if (!common.json)
        std::printf("%s\n", text.c_str());
}

} // namespace

Result<int> runInit(const CommonOptions &common, const InitOptions &options)
{
    const Result<Places> places = Places::find();
    if (!places)
        return tl::make_unexpected(places.error());
    TrustStore trust(TrustStore::defaultFile());
    if (const Result<> made = initWorkspace(options.folder, options.sample, places->resources, trust); !made)
        return tl::make_unexpected(made.error());
    tell(common, "Made a workspace in " + options.folder.string());
    return CommandLine::Done;
}

Result<int> runNew(const CommonOptions &common, const NewOptions &options)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    const Result<Places> places = Places::find();
    if (!places)
        return tl::make_unexpected(places.error());
    const NewFunction edit{.name = options.name, .runtime = options.runtime, .templateName = options.templateName};
    const EditContext context{
        .resources = places->resources, .schedule = validateSchedule, .now = SystemClock().wall()};
    if (const Result<> made = apply(*workspace, edit, context); !made)
        return tl::make_unexpected(made.error());
    tell(common, "Made functions/" + options.name);
    return CommandLine::Done;
}

Result<int> runPermit(const CommonOptions &common, const PermitOptions &options)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    Permit edit{.function = options.function, .grants = {}};
    for (const std::string &text : options.grants) {
        Result<Grant> grant = parseGrant(text);
        if (!grant)
            return tl::make_unexpected(grant.error());
        edit.grants.push_back(*std::move(grant));
    }
    if (std::optional<ControlClient> running = ControlClient::connect(*workspace)) {
        // By the engine that has it open: once it answers, the next invocation has the permission.
        const Result<boost::json::object> done =
            running->ask({{"do", "permit"},
                          {"function", options.function},
                          {"grants", boost::json::array(options.grants.begin(), options.grants.end())}});
        if (!done)
            return tl::make_unexpected(done.error());
    } else {
        const EditContext context{.resources = {}, .schedule = validateSchedule, .now = SystemClock().wall()};
        if (const Result<> made = apply(*workspace, edit, context); !made)
            return tl::make_unexpected(made.error());
    }
    for (const std::string &grant : options.grants)
        tell(common, options.function + " has " + grant);
    return CommandLine::Done;
}

} // namespace kiln
