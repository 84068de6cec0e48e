// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/workspace_budget.h"

#include <algorithm>

namespace kiln {

WorkerRoom roomFor(std::size_t asking, std::span<const WorkerShare> shares, int budget)
{
    WorkerRoom room;
    int committed = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const WorkerShare &share = shares[i];
        committed += i == asking ? share.alive : std::max(share.alive, share.min);
        if (share.idle == 0 || share.alive <= share.min)
            continue;
        if (!room.giver || share.idleSince < shares[*room.giver].idleSince)
            room.giver = i;
    }
    room.free = committed < budget;
    return room;
}

} // namespace kiln
