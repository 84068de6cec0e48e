// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/model/access.h"

#include <vector>

namespace kiln {

/// The engine's side of the sockets in one worker's network. Engine thread; ends, with all connections through it, when
/// the worker is destroyed.
class Doors
{
public:
    virtual ~Doors() = default;

    /// Begins to serve; in the order of the policy's doors.
    virtual void open(std::vector<UniqueFd> sockets) = 0;
    /// What went through them, or was turned away, since the last call; each target once, bounded.
    [[nodiscard]] virtual std::vector<Access> take() = 0;
};

} // namespace kiln
