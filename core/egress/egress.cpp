// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/egress.h"

#include "core/egress/gate.h"

#include <algorithm>
#include <set>

namespace kiln {

namespace {

/// ssh, mail, web: below 1024, so that they are in no function's own way.
constexpr std::uint16_t usualPorts[] = {22, 25, 80, 443, 465, 587, 993};
constexpr std::uint16_t usualProxyPort = 1080;

std::set<std::uint16_t> directPorts(const Permissions &permissions)
{
    std::set<std::uint16_t> ports;
    for (const Permissions::HostGrant &host : permissions.hosts)
        ports.insert(host.port);
    if (permissions.network == Permissions::Network::All)
        ports.insert(std::begin(usualPorts), std::end(usualPorts));
    return ports;
}

std::uint16_t proxyPort(const std::set<std::uint16_t> &taken)
{
    std::uint16_t port = usualProxyPort;
    while (taken.contains(port))
        ++port;
    return port;
}

bool reachesHosts(const Permissions &permissions)
{
    return permissions.network == Permissions::Network::Hosts || permissions.network == Permissions::Network::All;
}

} // namespace

std::vector<EgressDoor> egressDoors(const Permissions &permissions)
{
    if (!reachesHosts(permissions))
        return {};
    const std::set<std::uint16_t> direct = directPorts(permissions);
    std::vector<EgressDoor> doors{{EgressDoor::Use::Names, "127.0.0.1", 53},
                                  {EgressDoor::Use::Proxy, "127.0.0.1", proxyPort(direct)}};
    for (const std::uint16_t port : direct)
        doors.push_back({EgressDoor::Use::Direct, "::", port});
    return doors;
}

std::map<std::string, std::string> egressVariables(const Permissions &permissions)
{
    if (!reachesHosts(permissions))
        return {};
    const std::string place = "127.0.0.1:" + std::to_string(proxyPort(directPorts(permissions)));
    std::map<std::string, std::string> variables;
    for (const char *name : {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"})
        variables[name] = "http://" + place;
    for (const char *name : {"ALL_PROXY", "all_proxy"})
        variables[name] = "socks5h://" + place;
    for (const char *name : {"NO_PROXY", "no_proxy"})
        variables[name] = "localhost,127.0.0.1,::1";
    return variables;
}

Egress::Egress(Loop &loop, Options options)
    : m_loop(loop)
    , m_options(std::move(options))
{
    if (!m_options.names)
        m_options.names = systemNameLookup(loop);
}

std::unique_ptr<EgressGate> Egress::gate(const Permissions &permissions)
{
    return std::make_unique<Gate>(m_loop, *m_options.names, m_options, m_connections, permissions);
}

} // namespace kiln
