// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/build/builder.h"
#include "core/model/function.h"
#include "core/model/interpreter.h"
#include "core/model/problem.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kiln {

/// Has the code of Python revisions compiled for their later workers, once they run and nobody waits.
///
/// Engine thread only. A start then neither reads nor compiles the function's modules. Nothing depends on it: where it
/// is not done, or not yet, a worker does so for itself.
class CodeAhead
{
public:
    struct Ports
    {
        Builder &builder;
        std::filesystem::path resources;
        std::function<bool()> mayBuild; ///< False while the workspace is not trusted.
        std::function<Result<Interpreter>(const RuntimeChoice &)> interpreter;
        std::function<void(const RevisionPtr &, std::string)> compiled; ///< The body of a Code frame.
        std::function<void(const RevisionPtr &, std::vector<Problem>)> told;
    };

    CodeAhead(Loop &loop, Ports ports);

    /// Has it compiled, once, unless it was forgotten meanwhile; other languages are passed over.
    void want(const RevisionPtr &revision);
    /// What was compiled of it is not in use any more: its interpreter is another.
    void forget(const RevisionPtr &revision) { m_wanted.erase(revision->hash); }

private:
    void plan(const RevisionPtr &revision);
    void build(const RevisionPtr &revision, BuildPlan plan);

    Loop &m_loop;
    const Ports m_ports;
    std::set<std::string> m_wanted; ///< Hashes.
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
};

} // namespace kiln
