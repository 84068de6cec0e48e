// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/rules.h"

#include <algorithm>
#include <ifaddrs.h>
#include <memory>

namespace kiln {

Rules::Rules(Permissions permissions, Forbidden forbidden, OwnAddresses own)
    : m_permissions(std::move(permissions))
    , m_forbidden(std::move(forbidden))
    , m_own(std::move(own))
{}

bool Rules::granted(const Permissions::HostGrant &target) const
{
    return std::find(m_permissions.hosts.begin(), m_permissions.hosts.end(), target) != m_permissions.hosts.end();
}

bool Rules::names(const Permissions::HostGrant &target) const
{
    return m_permissions.network == Permissions::Network::All || granted(target);
}

Rules::Answer Rules::mayReach(const IpAddress &address, std::uint16_t port) const
{
    if (m_forbidden && m_forbidden(address, port))
        return Answer::Never;
    if (granted({address.text(), port}))
        return Answer::Yes;
    if (!address.isPublic())
        return Answer::NotNamed;
    const std::vector<IpAddress> own = m_own();
    return std::find(own.begin(), own.end(), address) == own.end() ? Answer::Yes : Answer::NotNamed;
}

std::vector<IpAddress> addressesOfThisMachine()
{
    ifaddrs *list = nullptr;
    if (::getifaddrs(&list) != 0)
        return {};
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    std::vector<IpAddress> addresses;
    for (const ifaddrs *each = list; each != nullptr; each = each->ifa_next)
        if (each->ifa_addr != nullptr)
            if (const auto address = IpAddress::of(each->ifa_addr))
                addresses.push_back(*address);
    return addresses;
}

} // namespace kiln
