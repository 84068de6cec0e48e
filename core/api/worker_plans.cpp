// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/worker_plans.h"

#include "core/api/egress_doors.h"
#include "core/runtime/launch_line.h"
#include "core/runtime/runtimes.h"

#include <algorithm>

namespace kiln {

namespace {

constexpr const char *codeInside = "/var/task";
/// Tells the bootstrap that others are to come out of it, and from where; it takes it away again.
constexpr const char *zygoteVariable = "KILN_ZYGOTE";

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
    policy.network =
        settings.permissions.network == Permissions::Network::None ? line->network : settings.permissions.network;
    ParkedPool::Kind kind = line->mayWait ? kindOf(policy, settings) : ParkedPool::Kind{};
    policy.owner = settings.name;
    policy.binds.push_back({.source = revision->code, .target = codeInside});
    for (const Permissions::FileGrant &grant : settings.permissions.files)
        policy.binds.push_back(bindOf(grant, m_workspace / "functions" / settings.name));
    policy.doors = doorsFor(settings.permissions);
    policy.environment.merge(egressVariables(settings.permissions));
    auto init = settings.secrets.empty() ? std::make_shared<const InitTemplate>(settings, codeInside) : nullptr;
    m_prepared[revision->hash] = {revision, std::move(policy), std::move(init), {}, std::move(kind)};
    return {};
}

ParkedPool::Kind WorkerPlans::kindOf(SandboxPolicy policy, const FunctionSettings &settings) const
{
    // What the engine keeps an eye on does not concern the process.
    const Limits usual;
    policy.limits.timeout = usual.timeout;
    policy.limits.initTimeout = usual.initTimeout;
    policy.limits.result = usual.result;
    policy.limits.log = usual.log;
    policy.environment.emplace("KILN_PARKED", "1"); // for the bootstrap, which takes it away again
    // Files and networks are the function's own, and its rules about them cannot be added to later.
    if (!settings.permissions.files.empty() || policy.network != Permissions::Network::None)
        return {};
    const bool forks = settings.runtime.language == Language::Python && settings.isolation == Isolation::Standard;
    for (const auto &[hash, prepared] : m_prepared)
        if (prepared.kind.policy && *prepared.kind.policy == policy && bool(prepared.kind.zygote) == forks)
            return prepared.kind;
    ParkedPool::Kind kind;
    if (forks) {
        SandboxPolicy zygote = policy;
        zygote.environment.emplace(zygoteVariable, "runtime");
        kind.zygote = std::make_shared<const SandboxPolicy>(std::move(zygote));
    }
    kind.policy = std::make_shared<const SandboxPolicy>(std::move(policy));
    return kind;
}

std::vector<ParkedPool::Kind> WorkerPlans::parkable(const std::vector<RevisionPtr> &of) const
{
    std::vector<ParkedPool::Kind> kinds;
    for (const RevisionPtr &revision : of) {
        const auto found = m_prepared.find(revision->hash);
        if (found == m_prepared.end() || !found->second.kind.policy)
            continue;
        const ParkedPool::Kind &kind = found->second.kind;
        if (std::none_of(kinds.begin(), kinds.end(), [&](const auto &each) { return each.policy == kind.policy; }))
            kinds.push_back(kind);
    }
    return kinds;
}

std::optional<SandboxPolicy> WorkerPlans::zygoteOf(const RevisionPtr &revision) const
{
    const auto found = m_prepared.find(revision->hash);
    // A loaded module may have kept a secret that changes later.
    if (found == m_prepared.end() || !found->second.kind.zygote || !revision->settings.secrets.empty())
        return std::nullopt;
    SandboxPolicy policy = found->second.policy;
    policy.environment.emplace(zygoteVariable, "function");
    return policy;
}

Worker::Plan WorkerPlans::planFor(const RevisionPtr &revision, WorkerId worker, WallTime now,
                                  const std::map<std::string, std::string> &secrets) const
{
    const Prepared &prepared = m_prepared.at(revision->hash);
    if (prepared.init) {
        return {.revision = revision,
                .policy = prepared.policy,
                .init = [init = prepared.init, stream = logStreamName(now, worker)] { return init->body(stream); },
                .code = prepared.code,
                .parkable = prepared.kind.policy};
    }
    InitFacts facts{.code = codeInside, .logStream = logStreamName(now, worker)};
    std::vector<std::string> values;
    for (const std::string &name : revision->settings.secrets) {
        if (const auto found = secrets.find(name); found != secrets.end()) {
            facts.secrets[name] = found->second;
            values.push_back(found->second);
        }
    }
    return {.revision = revision,
            .policy = prepared.policy,
            .init = [revision, facts = std::move(facts)] { return initBody(revision->settings, facts); },
            .code = prepared.code,
            .parkable = prepared.kind.policy,
            .mask = values.empty() ? nullptr : std::make_shared<const Mask>(values)};
}

void WorkerPlans::setCode(const RevisionPtr &revision, std::string code)
{
    if (const auto found = m_prepared.find(revision->hash); found != m_prepared.end())
        found->second.code = std::make_shared<const std::string>(std::move(code));
}

void WorkerPlans::forgetUnused()
{
    std::erase_if(m_prepared, [](const auto &entry) { return entry.second.revision.use_count() == 1; });
}

} // namespace kiln
