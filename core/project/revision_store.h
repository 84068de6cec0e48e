// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/function.h"
#include "core/project/build_store.h"

#include <filesystem>
#include <memory>
#include <set>
#include <string>

namespace kiln {

/// Revisions on disk: private copies of functions' code, by content.
///
///   blobs/HASH, blobs/HASH.x   one per different file, 0444 or (executable) 0555
///   trees/HASH/                one per different code: folders 0755, files hard-linked to blobs
///   builds/KEY/                one per different code and compiler, of languages that are compiled (BuildStore)
///   REVISION                   one per revision: the name of its tree
///   REVISION.build             the name of its build, where it has one
///
/// A revision that differs from another in its settings only shares its tree. Everything is made under a temporary
/// name and renamed when whole. Modes let any user read; that only the engine's sandboxes get there is up to the
/// folder above (.kiln, 0700). Blocks; one thread at a time (Loop::offload), one process at a time (WorkspaceLock).
class RevisionStore
{
public:
    /// Normally on .kiln/revisions; made if not there. Removes what a killed process left half-made.
    [[nodiscard]] static Result<std::unique_ptr<RevisionStore>> open(std::filesystem::path folder);
    ~RevisionStore();

    /// Copies the code and names the revision. Files that did not change since the last time are not read. Fails on
    /// what no revision can hold (see listCode) and on a file that changes faster than it can be read.
    [[nodiscard]] Result<RevisionPtr> make(const FunctionSettings &settings,
                                           const std::filesystem::path &functionFolder, WallTime now);

    /// The code of a revision made earlier; fails when it was pruned.
    [[nodiscard]] Result<std::filesystem::path> codeOf(const std::string &revision) const;

    /// The code with what was built of it, made earlier.
    [[nodiscard]] std::optional<std::filesystem::path> built(const Revision &revision, const std::string &key) const;
    /// Keeps what was built of a revision's code beside it.
    [[nodiscard]] Result<std::filesystem::path> addBuilt(const Revision &revision, const std::string &key,
                                                         const std::vector<BuiltFile> &files);

    /// Removes all revisions but these, with the trees, builds and blobs that only they had.
    [[nodiscard]] Result<> prune(const std::set<std::string> &keep);

private:
    class Implementation;
    explicit RevisionStore(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> m_implementation;
};

} // namespace kiln
