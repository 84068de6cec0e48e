// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/model/interpreter.h"
#include "core/runtime/usability.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace kiln {

/// Where and how interpreters are looked for.
struct SearchOptions
{
    enum class Shims {
        Ask,
        Skip, ///< Leaves out scripts: a first pass that takes milliseconds.
    };

    std::string path;              ///< Colon-separated folders, as PATH.
    std::filesystem::path home;    ///< For version managers' folders; empty: none of the usual places is searched.
    std::filesystem::path adapter; ///< What runs functions that are executables; empty: they cannot be run.
    std::filesystem::path cache;   ///< Folder for interpreters.json; empty: every interpreter is asked each time.
    std::chrono::milliseconds timeout{5'000}; ///< For one interpreter's answer.
    SandboxUser user = SandboxUser::Own;
    Shims shims = Shims::Ask;
    WallTime now; ///< What the cache holds of shims is believed for a day.

    /// From PATH, HOME, XDG_CACHE_HOME and the effective uid.
    [[nodiscard]] static SearchOptions ofThisProcess(WallTime now);
};

/// Every interpreter found, by language, newest first; those that cannot be used say why. One entry per real
/// executable. The adapter, which has no version, is among them. Each other is asked itself, since what lies in PATH is
/// often a shim. Blocking: some seconds the first time on a machine with many shims, then (from the cache)
/// milliseconds.
[[nodiscard]] std::vector<Interpreter> findInterpreters(const SearchOptions &options);

/// The newest usable one that the choice allows; for TypeScript the Node that runs it, if there is an esbuild too. The
/// error tells what was found and what to install.
[[nodiscard]] Result<Interpreter> choose(const RuntimeChoice &choice, const std::vector<Interpreter> &found);

/// What compiles a function of this runtime: esbuild for TypeScript; else what choose() finds. Fails as choose() does.
[[nodiscard]] Result<Interpreter> chooseCompiler(const RuntimeChoice &choice, const std::vector<Interpreter> &found);

} // namespace kiln
