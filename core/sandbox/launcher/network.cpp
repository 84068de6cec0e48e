// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/network.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace kiln::launcher {
namespace {

constexpr int backlog = 128;
constexpr std::uint32_t loopbackIndex = 1; // in each network the first, made with it

Result<> raiseLoopback()
{
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0)
        return failErrno(Error::Code::Sandbox, errno, "raise the loopback interface");
    return {};
}

/// An address that is not 127.0.0.1: C libraries that are asked for "addresses of a kind this machine has" look for
/// one.
Result<> addAddress()
{
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo:1");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0xc6120001); // 198.18.0.1, nobody's
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    if (!socket || ::ioctl(socket.get(), SIOCSIFADDR, &request) != 0)
        return failErrno(Error::Code::Sandbox, errno, "give the network an address");
    return {};
}

struct RouteRequest
{
    nlmsghdr header;
    rtmsg route;
    rtattr attribute;
    std::uint32_t interface;
};

/// Makes each address of a family one of the loopback interface.
bool routeAllHere(int netlink, unsigned char family)
{
    RouteRequest request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_NEWROUTE;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
    request.route.rtm_family = family;
    request.route.rtm_table = RT_TABLE_LOCAL;
    request.route.rtm_protocol = RTPROT_STATIC;
    request.route.rtm_scope = RT_SCOPE_HOST;
    request.route.rtm_type = RTN_LOCAL;
    request.attribute.rta_type = RTA_OIF;
    request.attribute.rta_len = RTA_LENGTH(sizeof request.interface);
    request.interface = loopbackIndex;
    struct
    {
        nlmsghdr header;
        nlmsgerr error;
        char rest[512];
    } answer{};
    if (::send(netlink, &request, sizeof request, 0) != ssize_t(sizeof request) ||
        ::recv(netlink, &answer, sizeof answer, 0) < ssize_t(sizeof answer.header + sizeof answer.error.error))
        return false;
    errno = -answer.error.error;
    return answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error == 0;
}

Result<> routeAllHere()
{
    const UniqueFd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!netlink || !routeAllHere(netlink.get(), AF_INET))
        return failErrno(Error::Code::Sandbox, errno, "lead all addresses to the doors");
    // A kernel without IPv6 has no such address to reach.
    (void)routeAllHere(netlink.get(), AF_INET6);
    return {};
}

bool bindTo(int socket, const std::string &address, std::uint16_t port)
{
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    if (::inet_pton(AF_INET6, address.c_str(), &six.sin6_addr) == 1)
        return ::bind(socket, reinterpret_cast<const sockaddr *>(&six), sizeof six) == 0;
    return ::inet_pton(AF_INET, address.c_str(), &four.sin_addr) == 1 &&
           ::bind(socket, reinterpret_cast<const sockaddr *>(&four), sizeof four) == 0;
}

UniqueFd openDoor(const SandboxPolicy::Door &door, const std::string &address)
{
    const bool streams = door.kind == SandboxPolicy::Door::Kind::Stream;
    const int family = address.find(':') != std::string::npos ? AF_INET6 : AF_INET;
    UniqueFd socket(::socket(family, (streams ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int off = 0;
    if (!socket || (family == AF_INET6 && ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0))
        return {};
    if (!bindTo(socket.get(), address, door.port) || (streams && ::listen(socket.get(), backlog) != 0))
        return {};
    return socket;
}

} // namespace

Result<std::vector<UniqueFd>> openNetwork(const SandboxPolicy &policy)
{
    std::vector<UniqueFd> doors;
    if (policy.network == Permissions::Network::None)
        return doors;
    auto ready = raiseLoopback();
    if (ready && policy.network != Permissions::Network::Loopback)
        ready = addAddress().and_then([] { return routeAllHere(); });
    if (!ready)
        return tl::make_unexpected(ready.error());
    for (const SandboxPolicy::Door &door : policy.doors) {
        UniqueFd socket = openDoor(door, door.address);
        if (!socket && door.address == "::") // no IPv6 here
            socket = openDoor(door, "0.0.0.0");
        if (!socket)
            return failErrno(Error::Code::Sandbox, errno, "open a door",
                             door.address + " port " + std::to_string(door.port));
        doors.push_back(std::move(socket));
    }
    return doors;
}

} // namespace kiln::launcher
