// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/model/interpreter.h"
#include "core/pool/parked_pool.h"
#include "core/runtime/launch_line.h"
#include "core/worker/worker.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// How workers of each revision are made: interpreter, sandbox policy, first frame.
///
/// Engine thread only. A revision is prepared once, when it becomes ready; its workers then differ only in what is each
/// one's own.
class WorkerPlans
{
public:
    /// The bootstraps' folders, by interpreter (core/runtime/bootstrap.h).
    using Bootstraps = std::map<std::filesystem::path, Result<std::filesystem::path>>;

    explicit WorkerPlans(std::filesystem::path workspace)
        : m_workspace(std::move(workspace))
    {}

    void setBootstraps(Bootstraps bootstraps) { m_bootstraps = std::move(bootstraps); }

    /// Fails when no interpreter fits, or the bootstrap is missing.
    [[nodiscard]] Result<> prepare(const RevisionPtr &revision, const std::vector<Interpreter> &interpreters);

    /// The plan for one worker of a prepared revision.
    [[nodiscard]] Worker::Plan planFor(const RevisionPtr &revision, WorkerId worker, WallTime now,
                                       const std::map<std::string, std::string> &secrets) const;

    /// What may be made before a function is known, each kind once, for these revisions.
    [[nodiscard]] std::vector<ParkedPool::Kind> parkable(const std::vector<RevisionPtr> &of) const;

    /// How a zygote of this revision is made; nullopt where its workers cannot come out of one: only Python's can, with
    /// nothing to write to and no network.
    [[nodiscard]] std::optional<SandboxPolicy> zygoteOf(const RevisionPtr &revision) const;

    /// Of a prepared revision, for the processes that begin to load it from now on: the body of a Code frame.
    void setCode(const RevisionPtr &revision, std::string code);

    /// Drops revisions that nobody else holds any more.
    void forgetUnused();

private:
    struct Prepared
    {
        RevisionPtr revision;
        SandboxPolicy policy;
        std::shared_ptr<const InitTemplate> init; ///< Null when each worker's is another, as with secrets.
        std::shared_ptr<const std::string> code;  ///< Null until it is compiled ahead, or when it is not.
        ParkedPool::Kind kind; ///< Shared by all of it; its policy is null when a worker has to be made whole.
    };

    [[nodiscard]] ParkedPool::Kind kindOf(SandboxPolicy policy, const FunctionSettings &settings) const;

    const std::filesystem::path m_workspace;
    Bootstraps m_bootstraps;
    std::map<std::string, Prepared> m_prepared; ///< By hash.
};

} // namespace kiln
