// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/grant.h"
#include "core/model/invocation.h"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// What was seen of one permission of a function, over all invocations that history has added up.
struct GrantUse
{
    std::string grant; ///< As `kiln permit` takes it, or "environment:NAME".
    /// Whether its use can be seen at all in the function's language: where not, `used` says nothing.
    bool visible = true;
    std::uint64_t seen = 0;             ///< Invocations that ran while it was granted.
    std::uint64_t used = 0;             ///< How many of them were seen using it.
    std::optional<WallTime> lastUsed{}; ///< Absent when never.
    std::vector<std::string> least{};   ///< What would have done for all that was seen, sorted.

    /// Nothing was seen of it in at least one invocation, where something would have been.
    [[nodiscard]] bool isIdle() const { return visible && seen > 0 && used == 0; }
    bool operator==(const GrantUse &) const = default;
};

/// All that a function has been granted, in file order, as text: grantsOf(), then its environment.
[[nodiscard]] std::vector<std::string> grantTexts(const FunctionSettings &settings);

/// Whether the use of a permission can be told in this language. Hosts are seen by the engine, in any; the rest by the
/// bootstraps of Python and Node.js.
[[nodiscard]] bool isUseVisible(Language language, const std::string &grant);

/// Under what uses are added up. An empty `least` is the permission as a whole, an empty `grant` the function.
struct GrantKey
{
    std::string function;
    std::string grant;
    std::string least{};
    auto operator<=>(const GrantKey &) const = default;
};

struct GrantTally
{
    std::uint64_t seen = 0; ///< Invocations; of what is whole only.
    std::uint64_t used = 0;
    WallTime last{}; ///< The epoch: never.
    bool operator==(const GrantTally &) const = default;
};

using GrantTallies = std::map<GrantKey, GrantTally>;

/// Different things that one permission is remembered to have been used for; a function may reach for any number.
inline constexpr std::size_t mostLeastGrants = 100;

/// Adds what an invocation used. One that had no worker did not run, and counts for nothing.
void addUses(GrantTallies &tallies, const Invocation &invocation);

/// What is known of each of a function's permissions; without `tallies` nothing is yet.
[[nodiscard]] std::vector<GrantUse> grantUses(const FunctionSettings &settings, const GrantTallies &tallies);

/// Which of a function's grants no invocation of it ever had, nor one that covers it: what a revision asks for more
/// than those before it. None of a function that has never run.
[[nodiscard]] std::vector<std::string> grantsNeverRun(const FunctionSettings &settings, const GrantTallies &tallies);

/// A change of a function's permissions to the least that does for what was seen.
struct Narrowing
{
    std::vector<Grant> remove; ///< Not seen in use, or wider than what was; first.
    std::vector<Grant> add;    ///< In their place.
    [[nodiscard]] bool empty() const { return remove.empty() && add.empty(); }
    bool operator==(const Narrowing &) const = default;
};

/// What was not seen in use goes, `network: all` becomes the hosts that were reached, and a folder that was only read
/// is no longer written to. A permission stays as it is when its use cannot be seen, when nothing has run with it yet,
/// or when it was used for more than is remembered. Folders are not narrowed to files: the next one has another name.
[[nodiscard]] Narrowing leastFor(const std::vector<GrantUse> &uses);

} // namespace kiln
