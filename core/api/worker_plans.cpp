// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/worker_plans.h"

#include "core/runtime/launch_line.h"
#include "core/runtime/runtimes.h"

#include <algorithm>

namespace kiln {

namespace {

constexpr const char *codeInside = "/var/task";

/// A grant's two ends: the host's folder, and where the same spelling leads from /var/task.
SandboxPolicy::Bind bindOf(const Permissions::FileGrant &grant, const std::filesystem::path &functionFolder)
{
    return {.source = (functionFolder / grant.path).lexically_normal(),
            .target = (std::filesystem::path(codeInside) / grant.path).lexically_normal().string(),
            .mode = grant.mode,
            .executable = false};
}

} // namespace

Result<> WorkerPlans::prepare(const RevisionPtr &revision, const std::vector<Interpreter> &interpreters)
{
    const FunctionSettings &settings = revision->settings;
    const Result<Interpreter> interpreter = choose(settings.runtime, interpreters);
    if (!interpreter)
        return tl::make_unexpected(interpreter.error());
    const auto bootstrap = m_bootstraps.find(interpreter->path);
    if (bootstrap == m_bootstraps.end())
        return fail(Error::Code::Busy, "The interpreter is still being prepared", interpreter->path.string());
    if (!bootstrap->second)
        return tl::make_unexpected(bootstrap->second.error());
    Result<LaunchLine> line = launchLine(*interpreter, *bootstrap->second, settings.limits);
    if (!line)
        return tl::make_unexpected(line.error());

    SandboxPolicy policy;
    policy.limits = settings.limits;
    policy.argv = std::move(line->argv);
    policy.environment = std::move(line->environment);
    for (const LaunchLine::Bind &bind : line->binds)
        policy.binds.push_back({.source = bind.source, .target = bind.target});
    auto parkable = parkableOf(policy, settings.permissions);
    policy.owner = settings.name;
    policy.binds.push_back({.source = revision->code, .target = codeInside});
    for (const Permissions::FileGrant &grant : settings.permissions.files)
        policy.binds.push_back(bindOf(grant, m_workspace / "functions" / settings.name));
    policy.network = settings.permissions.network;
    m_prepared[revision->hash] = {revision, std::move(policy), std::move(parkable)};
    return {};
}

std::shared_ptr<const SandboxPolicy> WorkerPlans::parkableOf(SandboxPolicy policy, const Permissions &permissions) const
{
    // What the engine keeps an eye on does not concern the process.
    const Limits usual;
    policy.limits.timeout = usual.timeout;
    policy.limits.initTimeout = usual.initTimeout;
    policy.limits.result = usual.result;
    policy.limits.log = usual.log;
    policy.environment.emplace("KILN_PARKED", "1"); // for the bootstrap, which takes it away again
    // Files and networks are the function's own, and its rules about them cannot be added to later.
    if (!permissions.files.empty() || permissions.network != Permissions::Network::None)
        return nullptr;
    for (const auto &[hash, prepared] : m_prepared)
        if (prepared.parkable && *prepared.parkable == policy)
            return prepared.parkable;
    return std::make_shared<const SandboxPolicy>(std::move(policy));
}

std::vector<std::shared_ptr<const SandboxPolicy>> WorkerPlans::parkable(const std::vector<RevisionPtr> &of) const
{
    std::vector<std::shared_ptr<const SandboxPolicy>> kinds;
    for (const RevisionPtr &revision : of) {
        const auto found = m_prepared.find(revision->hash);
        if (found == m_prepared.end() || !found->second.parkable)
            continue;
        if (std::find(kinds.begin(), kinds.end(), found->second.parkable) == kinds.end())
            kinds.push_back(found->second.parkable);
    }
    return kinds;
}

Worker::Plan WorkerPlans::planFor(const RevisionPtr &revision, WorkerId worker, WallTime now) const
{
    const Prepared &prepared = m_prepared.at(revision->hash);
    return {.revision = revision,
            .policy = prepared.policy,
            .initBody = initBody(revision->settings, {.code = codeInside, .logStream = logStreamName(now, worker)}),
            .parkable = prepared.parkable};
}

void WorkerPlans::forgetUnused()
{
    std::erase_if(m_prepared, [](const auto &entry) { return entry.second.revision.use_count() == 1; });
}

} // namespace kiln
