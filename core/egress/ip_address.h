// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/socket.h>

namespace kiln {

/// An IPv4 or IPv6 address. An IPv4 address in IPv6 clothes (::ffff:10.0.0.1) is the IPv4 address.
class IpAddress
{
public:
    [[nodiscard]] static std::optional<IpAddress> parse(const std::string &text);
    [[nodiscard]] static std::optional<IpAddress> of(const sockaddr *address);
    [[nodiscard]] static IpAddress v4(std::uint32_t number);

    [[nodiscard]] bool isV4() const { return m_v4; }
    [[nodiscard]] std::uint32_t number() const; ///< Of an IPv4 address.
    [[nodiscard]] std::string text() const;     ///< Without brackets.

    /// Whether it is an address of the public internet: not private, not of this machine or link, not shared by a
    /// provider (100.64.0.0/10), no multicast, none kept for documents and tests, none that carries another address in
    /// it (6to4, NAT64, Teredo), and not a cloud's metadata service.
    [[nodiscard]] bool isPublic() const;

    /// Fills `to` for connect; returns its length.
    [[nodiscard]] socklen_t fill(sockaddr_storage &to, std::uint16_t port) const;

    auto operator<=>(const IpAddress &) const = default;

private:
    [[nodiscard]] bool within(std::initializer_list<std::uint8_t> prefix, int bits) const;

    bool m_v4 = true;
    std::array<std::uint8_t, 16> m_bytes{}; ///< The first four of an IPv4 address.
};

} // namespace kiln
