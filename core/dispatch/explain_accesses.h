// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/access.h"
#include "core/model/invocation.h"

#include <functional>
#include <vector>

namespace kiln {

/// What accesses came to.
struct Explanation
{
    std::vector<Refusal> denied;
    std::vector<GrantUsed> used;
};

/// Tells which of the things that a function reached for it may not have, and what would allow them; and which of its
/// permissions the others made use of. Answers once, later or from within the call; files may have to be looked at off
/// the engine thread.
using ExplainAccesses =
    std::function<void(RevisionPtr revision, std::vector<Access> accesses, std::function<void(Explanation)>)>;

} // namespace kiln
