// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/egress/ip_address.h"
#include "core/model/function.h"

#include <functional>
#include <string>
#include <vector>

namespace kiln {

/// What one function may reach outside, by its permissions.
class Rules
{
public:
    /// Whether an address and port are Kiln's own: reached by no function, whatever it was granted.
    using Forbidden = std::function<bool(const IpAddress &, std::uint16_t)>;
    /// The addresses that this machine has now.
    using OwnAddresses = std::function<std::vector<IpAddress>()>;

    Rules(Permissions permissions, Forbidden forbidden, OwnAddresses own);

    /// Whether a connection to this name or number may be tried at all.
    [[nodiscard]] bool names(const Permissions::HostGrant &target) const;

    enum class Answer {
        Yes,
        NotNamed, ///< Private, or this machine's: only a grant of the number itself allows it.
        Never,    ///< Kiln's own.
    };
    /// Whether a checked name may be reached at this address, to which it was resolved. The one that is asked about is
    /// the one that is connected to, so that a name cannot turn into another address in between.
    [[nodiscard]] Answer mayReach(const IpAddress &address, std::uint16_t port) const;

private:
    [[nodiscard]] bool granted(const Permissions::HostGrant &target) const;

    const Permissions m_permissions;
    const Forbidden m_forbidden;
    const OwnAddresses m_own;
};

/// Of all interfaces; asks the kernel.
[[nodiscard]] std::vector<IpAddress> addressesOfThisMachine();

} // namespace kiln
