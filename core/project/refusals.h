// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/access.h"
#include "core/model/function.h"
#include "core/model/grant.h"
#include "core/model/invocation.h"
#include "core/project/function_reader.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kiln {

/// Which of these accesses the function's permissions do not cover, each once, and which grant would allow it.
///
/// A file that the function could not reach is a refusal only if there is one on the machine: else it is just missing,
/// which is the function's own affair. What the worker told is not trusted: it decides nothing but what the user is
/// shown, and never learns the answer. Looks at files, so not for the engine thread; not at those on network file
/// systems, which could keep it waiting. `secrets` are the names that have a value in the workspace.
[[nodiscard]] std::vector<Refusal> refusalsOf(const std::vector<Access> &accesses, const FunctionSettings &settings,
                                              const FunctionPlace &place, const std::set<std::string> &secrets = {});

/// Whether refusalsOf would have to look at a file.
[[nodiscard]] bool looksAtFiles(const std::vector<Access> &accesses, const FunctionSettings &settings);

/// The permission of the function that this access made use of, or tried to; nullopt when none. Also a bootstrap's word
/// counts: what it can bring about is that the user is told less, or more, of what may be taken away.
[[nodiscard]] std::optional<GrantUsed> grantUsed(const Access &access, const FunctionSettings &settings);
/// Of all of them, each once.
[[nodiscard]] std::vector<GrantUsed> grantsUsed(const std::vector<Access> &accesses, const FunctionSettings &settings);

} // namespace kiln
