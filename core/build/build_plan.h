// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/function.h"
#include "core/model/interpreter.h"
#include "core/sandbox/policy.h"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln {

/// Whether a function of this language is compiled between save and its first worker.
[[nodiscard]] bool isCompiled(Language language);

/// How the code of a revision becomes what its workers run.
///
/// The compiler reads hostile source, so it runs in a sandbox as a function does: the code and the compiler read-only,
/// no network, nothing of the user's but the code, and no folder of the machine to write to. What it makes stays in the
/// sandbox's own /tmp and comes back over the channel: for each product its size in decimal, a line break, its bytes.
struct BuildPlan
{
    SandboxPolicy policy;
    Language language = Language::Cpp;
    std::string function;
    std::string handlerFile;           ///< Relative to the function's folder; blamed for what has no place of its own.
    std::vector<std::string> products; ///< Where they go in the code folder, in the order in which they come.
    std::string key;                   ///< Names code, compiler and options by content: equal keys, equal products.
};

/// `compiler` is what compilerFor chose, `interpreter` what runs the result (the same, where nothing else does). Fails
/// when the handler's file is not in the code, or when a product would replace a file of the user's. Blocking: reads
/// the files that Kiln adds.
[[nodiscard]] Result<BuildPlan> planBuild(const Revision &revision, const Interpreter &compiler,
                                          const Interpreter &interpreter, const std::filesystem::path &resources);

/// How the modules of a Python revision are compiled for its later workers, with the interpreter that runs them: one
/// product, the body of a Code frame (core/runtime/frames.h). Nothing waits for it, and what cannot be compiled is only
/// told, as warnings. The key is empty: nothing of it is kept on disk. Fails when the handler's file is not there.
[[nodiscard]] Result<BuildPlan> planCodeAhead(const Revision &revision, const Interpreter &interpreter,
                                              const std::filesystem::path &resources);

} // namespace kiln
