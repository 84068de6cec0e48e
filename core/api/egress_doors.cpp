// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/egress_doors.h"

#include <algorithm>

namespace kiln {

std::vector<SandboxPolicy::Door> doorsFor(const Permissions &permissions)
{
    std::vector<SandboxPolicy::Door> doors;
    for (const EgressDoor &door : egressDoors(permissions))
        doors.push_back({door.use == EgressDoor::Use::Names ? SandboxPolicy::Door::Kind::Datagram
                                                            : SandboxPolicy::Door::Kind::Stream,
                         door.address, door.port});
    return doors;
}

bool isOwnListener(const std::string &listener, const IpAddress &address, std::uint16_t port)
{
    const std::size_t colon = listener.rfind(':');
    if (colon == std::string::npos || listener.substr(colon + 1) != std::to_string(port))
        return false;
    // Whatever it listens at, it may be reached by each address of this machine.
    const std::vector<IpAddress> own = addressesOfThisMachine();
    return std::find(own.begin(), own.end(), address) != own.end() || (address.isV4() && address.number() >> 24 == 127);
}

} // namespace kiln
