// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/end_signals.h"
#include "app/cli/local_engine.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "app/control/control_server.h"
#include "core/project/trust.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

namespace kiln {

namespace {

void tellProblems(const Snapshot &snapshot)
{
    for (const Problem &problem : snapshot.workspace->problems)
        std::fprintf(stderr, "kiln: %s\n", problem.text().c_str());
    for (const FunctionView &function : snapshot.workspace->functions) {
        for (const Problem &problem : function.problems)
            std::fprintf(stderr, "kiln: %s\n", problem.text().c_str());
    }
}

/// Prints what a function asks for more than it has run with, once.
class AskedMore
{
public:
    void tell(const Snapshot &snapshot)
    {
        for (const FunctionView &function : snapshot.workspace->functions) {
            std::vector<std::string> &told = m_told[function.name];
            for (const std::string &grant : function.asksMore)
                if (std::find(told.begin(), told.end(), grant) == told.end())
                    std::fprintf(stderr, "kiln: %s asks for more than it has run with before: %s\n",
                                 function.name.c_str(), grant.c_str());
            told = function.asksMore;
        }
    }

private:
    std::map<std::string, std::vector<std::string>> m_told;
};

bool hasErrors(const std::vector<Problem> &problems)
{
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem &problem) { return problem.severity == Problem::Severity::Error; });
}

} // namespace

Result<int> runServe(const CommonOptions &common, const ServeOptions &options)
{
    const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
    if (!workspace)
        return tl::make_unexpected(workspace.error());
    TrustStore trust(TrustStore::defaultFile());
    if (options.trust) {
        if (const Result<> trusted = trust.trust(*workspace); !trusted)
            return tl::make_unexpected(trusted.error());
    } else if (!trust.isTrusted(*workspace)) {
        return fail(Error::Code::Untrusted, "This workspace comes from elsewhere, so its triggers are off",
                    workspace->string(), "look through its functions, then run \"kiln serve --trust\"");
    }

    const EndSignals ends;
    Result<std::unique_ptr<Engine>> engine =
        openEngine(*workspace, Engine::Triggers::On, Engine::usualParkedMemory, options.listen);
    if (!engine)
        return tl::make_unexpected(engine.error());
    const SnapshotPtr snapshot = (*engine)->snapshot();
    if (snapshot->workspace->readOnly)
        return fail(Error::Code::Busy, snapshot->workspace->readOnlyReason);
    if (!snapshot->engine.addressProblem.empty())
        return fail(Error::Code::Io, snapshot->engine.addressProblem);
    tellProblems(*snapshot);
    if (hasErrors(snapshot->workspace->problems))
        return fail(Error::Code::InvalidArgument, "kiln.yaml has errors", workspace->string(),
                    "mend it and start again");
    auto asked = std::make_shared<AskedMore>();
    asked->tell(*snapshot);
    (*engine)->subscribe([asked](const SnapshotPtr &next) { asked->tell(*next); });
    const Result<std::unique_ptr<ControlServer>> control = ControlServer::start(*workspace, **engine);
    if (!control)
        return tl::make_unexpected(control.error());

    const std::string &address = snapshot->engine.address;
    if (!address.starts_with("http://127.") && !address.starts_with("http://[::1]"))
        std::fprintf(stderr, "kiln: other machines can reach this address\n");
    std::printf("kiln: listening on %s\n", address.c_str());
    std::fflush(stdout);
    ends.wait();
    return CommandLine::Done;
}

} // namespace kiln
