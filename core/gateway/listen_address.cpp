// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/listen_address.h"

#include <arpa/inet.h>
#include <charconv>

namespace kiln {

namespace {

constexpr const char *remedy = "write it as 127.0.0.1:7070, [::1]:7070 or localhost:7070";

bool isNumeric(const std::string &host)
{
    unsigned char bytes[sizeof(in6_addr)];
    return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

} // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return fail(Error::Code::InvalidArgument, "expected HOST:PORT", std::string(text), remedy);
    ListenAddress address;
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return fail(Error::Code::InvalidArgument, "an IPv6 address stands in brackets", std::string(text), remedy);
    address.host = host;
    if (host != "localhost" && !isNumeric(address.host))
        return fail(Error::Code::InvalidArgument, "the host is neither a numeric address nor localhost",
                    std::string(text), remedy);
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        return fail(Error::Code::InvalidArgument, "the port is no number from 0 to 65535", std::string(text), remedy);
    return address;
}

std::string ListenAddress::text() const
{
    const bool isV6 = host.find(':') != std::string::npos;
    return (isV6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

} // namespace kiln
