// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/worker_plans.h"

#include "core/runtime/launch_line.h"
#include "core/runtime/runtimes.h"

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
    policy.owner = settings.name;
    for (const LaunchLine::Bind &bind : line->binds)
        policy.binds.push_back({.source = bind.source, .target = bind.target});
    policy.binds.push_back({.source = revision->code, .target = codeInside});
    for (const Permissions::FileGrant &grant : settings.permissions.files)
        policy.binds.push_back(bindOf(grant, m_workspace / "functions" / settings.name));
    policy.network = settings.permissions.network;
    policy.limits = settings.limits;
    policy.argv = std::move(line->argv);
    policy.environment = std::move(line->environment);
    m_prepared[revision->hash] = {revision, std::move(policy)};
    return {};
}

Worker::Plan WorkerPlans::planFor(const RevisionPtr &revision, WorkerId worker, WallTime now) const
{
    const Prepared &prepared = m_prepared.at(revision->hash);
    return {.revision = revision,
            .policy = prepared.policy,
            .initBody = initBody(revision->settings, {.code = codeInside, .logStream = logStreamName(now, worker)})};
}

void WorkerPlans::forgetUnused()
{
    std::erase_if(m_prepared, [](const auto &entry) { return entry.second.revision.use_count() == 1; });
}

} // namespace kiln
