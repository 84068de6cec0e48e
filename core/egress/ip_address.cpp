// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace kiln {

namespace {

struct Block
{
    std::uint32_t network;
    int bits;
};

/// What is not the public internet: IANA's special-purpose registry, and what clouds answer metadata at.
constexpr Block specialV4[] = {
    {0x00000000, 8},  // "this network"
    {0x0a000000, 8},  // private
    {0x64400000, 10}, // shared by a provider; Alibaba's metadata
    {0x7f000000, 8},  // loopback
    {0xa9fe0000, 16}, // link-local; metadata of most clouds
    {0xac100000, 12}, // private
    {0xc0000000, 24}, // protocol assignments; Oracle's metadata
    {0xc0000200, 24}, // documents
    {0xc0586300, 24}, // 6to4 relays
    {0xc0a80000, 16}, // private
    {0xc6120000, 15}, // tests of devices; names are led here
    {0xc6336400, 24}, // documents
    {0xcb007100, 24}, // documents
    {0xa83f8110, 32}, // Azure's host: a public number with metadata and keys
    {0xe0000000, 4},  // multicast
    {0xf0000000, 4},  // reserved, broadcast
};

bool isV4Mapped(const std::array<std::uint8_t, 16> &bytes)
{
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

} // namespace

IpAddress IpAddress::v4(std::uint32_t number)
{
    IpAddress address;
    for (int i = 0; i < 4; ++i)
        address.m_bytes[std::size_t(i)] = std::uint8_t(number >> (24 - 8 * i));
    return address;
}

std::optional<IpAddress> IpAddress::parse(const std::string &text)
{
    in_addr four{};
    if (::inet_pton(AF_INET, text.c_str(), &four) == 1)
        return v4(ntohl(four.s_addr));
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1)
        return of(reinterpret_cast<const sockaddr *>(&six));
    return std::nullopt;
}

std::optional<IpAddress> IpAddress::of(const sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, address, sizeof four);
        return v4(ntohl(four.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return std::nullopt;
    sockaddr_in6 six{};
    std::memcpy(&six, address, sizeof six);
    IpAddress result;
    std::memcpy(result.m_bytes.data(), &six.sin6_addr, result.m_bytes.size());
    if (isV4Mapped(result.m_bytes)) {
        const auto *last = result.m_bytes.data() + 12;
        return v4(std::uint32_t(last[0]) << 24 | std::uint32_t(last[1]) << 16 | std::uint32_t(last[2]) << 8 | last[3]);
    }
    result.m_v4 = false;
    return result;
}

std::uint32_t IpAddress::number() const
{
    return std::uint32_t(m_bytes[0]) << 24 | std::uint32_t(m_bytes[1]) << 16 | std::uint32_t(m_bytes[2]) << 8 |
           m_bytes[3];
}

std::string IpAddress::text() const
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(m_v4 ? AF_INET : AF_INET6, m_bytes.data(), text.data(), text.size());
}

bool IpAddress::within(std::initializer_list<std::uint8_t> prefix, int bits) const
{
    int left = bits;
    for (std::size_t i = 0; left > 0; ++i, left -= 8) {
        const std::uint8_t wanted = i < prefix.size() ? prefix.begin()[i] : std::uint8_t(0);
        const auto mask = std::uint8_t(left >= 8 ? 0xff : 0xff << (8 - left));
        if ((m_bytes[i] & mask) != (wanted & mask))
            return false;
    }
    return true;
}

bool IpAddress::isPublic() const
{
    if (m_v4)
        return std::none_of(std::begin(specialV4), std::end(specialV4), [this](const Block &block) {
            return ((number() ^ block.network) & (0xffffffffU << (32 - block.bits))) == 0;
        });
    return within({0x20}, 3)                        // global unicast, and of it not:
           && !within({0x20, 0x01, 0x00}, 23)       // protocol assignments, Teredo among them
           && !within({0x20, 0x01, 0x0d, 0xb8}, 32) // documents
           && !within({0x20, 0x02}, 16)             // 6to4: an IPv4 address inside
           && !within({0x3f, 0xff, 0x00}, 20);      // documents
}

socklen_t IpAddress::fill(sockaddr_storage &to, std::uint16_t port) const
{
    to = {};
    if (m_v4) {
        sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        four.sin_addr.s_addr = htonl(number());
        std::memcpy(&to, &four, sizeof four);
        return sizeof four;
    }
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&six.sin6_addr, m_bytes.data(), m_bytes.size());
    std::memcpy(&to, &six, sizeof six);
    return sizeof six;
}

} // namespace kiln
