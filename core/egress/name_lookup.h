// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/egress/ip_address.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// Resolves names for functions, in the engine's place in the network, never in theirs.
class NameLookup
{
public:
    /// Empty when there is none.
    using Found = std::function<void(std::vector<IpAddress>)>;

    virtual ~NameLookup() = default;
    /// Engine thread; answers there once, later, or not at all when this is gone by then.
    virtual void find(const std::string &name, Found found) = 0;
};

/// By the machine's own resolver, on a few threads of its own. One that waits for a dead server when this is destroyed
/// is left to end by itself.
[[nodiscard]] std::unique_ptr<NameLookup> systemNameLookup(Loop &loop);

} // namespace kiln
