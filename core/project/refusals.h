// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/access.h"
#include "core/model/function.h"
#include "core/model/grant.h"
#include "core/model/invocation.h"
#include "core/project/function_reader.h"

#include <optional>
#include <vector>

namespace kiln {

/// Which of these accesses the function's permissions do not cover, each once, and which grant would allow it.
///
/// A file that the function could not reach is a refusal only if there is one on the machine: else it is just missing,
/// which is the function's own affair. What the worker told is not trusted: it decides nothing but what the user is
/// shown, and never learns the answer. Looks at files, so not for the engine thread; not at those on network file
/// systems, which could keep it waiting.
[[nodiscard]] std::vector<Refusal> refusalsOf(const std::vector<Access> &accesses, const FunctionSettings &settings,
                                              const FunctionPlace &place);

/// Whether refusalsOf would have to look at a file.
[[nodiscard]] bool looksAtFiles(const std::vector<Access> &accesses, const FunctionSettings &settings);

/// The grant of the function that this access made use of; nullopt when none did.
[[nodiscard]] std::optional<Grant> grantUsed(const Access &access, const FunctionSettings &settings);

} // namespace kiln
