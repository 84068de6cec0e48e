// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/grant.h"

#include "core/model/setting_rules.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>

namespace kiln {

namespace {

constexpr std::size_t maxName = 253;
constexpr std::size_t maxLabel = 63;

std::string plain(std::string address)
{
    constexpr std::string_view mapped = "::ffff:";
    if (address.starts_with(mapped) && address.find('.') != std::string::npos)
        address.erase(0, mapped.size());
    return address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address;
}

/// The address written as the kernel would, or empty. An IPv4 address in IPv6 clothes is itself; one that stands for
/// all of this machine is its loopback's, as connect takes it.
std::string normalAddress(const std::string &host)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    for (const int family : {AF_INET, AF_INET6})
        if (::inet_pton(family, host.c_str(), bytes.data()) == 1 &&
            ::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr)
            return plain(text.data());
    return {};
}

bool isLabel(std::string_view label)
{
    return !label.empty() && label.size() <= maxLabel && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

/// "1", "0x7f": resolvers read a name that ends so as a number.
bool looksNumeric(std::string_view label)
{
    return label.starts_with("0x") ||
           std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool isHostName(std::string_view name)
{
    if (name.empty() || name.size() > maxName)
        return false;
    std::string_view label;
    for (std::size_t at = 0; at <= name.size(); at += label.size() + 1) {
        label = name.substr(at, name.find('.', at) - at);
        if (!isLabel(label))
            return false;
    }
    return !looksNumeric(label);
}

tl::unexpected<Error> unknownGrant(std::string_view text)
{
    return fail(Error::Code::InvalidArgument, "This is no grant", std::string(text.substr(0, 200)),
                "write it as network:HOST:PORT, network:loopback, network:all, files:PATH:ro, files:PATH:rw or "
                "secret:NAME");
}

} // namespace

bool isNumericAddress(const std::string &host) { return !normalAddress(host).empty(); }

std::optional<Permissions::HostGrant> parseHostPort(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    Permissions::HostGrant grant;
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), grant.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || grant.port == 0)
        return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    grant.host = host;
    for (char &c : grant.host)
        c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    if (std::string address = normalAddress(grant.host); !address.empty()) {
        if (bracketed != (grant.host.find(':') != std::string::npos))
            return std::nullopt;
        grant.host = std::move(address);
        return grant;
    }
    if (grant.host.ends_with('.')) // the root said aloud: the same name
        grant.host.pop_back();
    if (!bracketed && grant.host == "localhost") { // no resolver is asked for it
        grant.host = "127.0.0.1";
        return grant;
    }
    if (bracketed || !isHostName(grant.host))
        return std::nullopt;
    return grant;
}

std::string toText(const Permissions::HostGrant &host)
{
    const bool v6 = host.host.find(':') != std::string::npos;
    return (v6 ? "[" + host.host + "]" : host.host) + ":" + std::to_string(host.port);
}

Result<Grant> parseGrant(std::string_view text)
{
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (kind == "network") {
        if (rest == "loopback")
            return Grant(Permissions::Network::Loopback);
        if (rest == "all")
            return Grant(Permissions::Network::All);
        if (auto host = parseHostPort(rest))
            return Grant(*std::move(host));
    }
    if (kind == "files" && rest.size() > 3 && (rest.ends_with(":ro") || rest.ends_with(":rw")))
        return Grant(
            Permissions::FileGrant{std::string(rest.substr(0, rest.size() - 3)),
                                   rest.ends_with(":rw") ? Permissions::Mode::ReadWrite : Permissions::Mode::ReadOnly});
    if (kind == "secret" && isVariableName(rest) && !isReservedVariable(rest))
        return Grant(SecretGrant{std::string(rest)});
    return unknownGrant(text);
}

std::string toText(const Grant &grant)
{
    struct Writer
    {
        std::string operator()(Permissions::Network network) const
        {
            return network == Permissions::Network::All ? "network:all" : "network:loopback";
        }
        std::string operator()(const Permissions::HostGrant &host) const { return "network:" + toText(host); }
        std::string operator()(const Permissions::FileGrant &file) const
        {
            return "files:" + file.path + (file.mode == Permissions::Mode::ReadWrite ? ":rw" : ":ro");
        }
        std::string operator()(const SecretGrant &secret) const { return "secret:" + secret.name; }
    };
    return std::visit(Writer{}, grant);
}

std::vector<Grant> grantsOf(const FunctionSettings &settings)
{
    std::vector<Grant> grants;
    const Permissions &permissions = settings.permissions;
    if (permissions.network == Permissions::Network::Loopback || permissions.network == Permissions::Network::All)
        grants.emplace_back(permissions.network);
    for (const Permissions::HostGrant &host : permissions.hosts)
        grants.emplace_back(host);
    for (const Permissions::FileGrant &file : permissions.files)
        grants.emplace_back(file);
    for (const std::string &name : settings.secrets)
        grants.emplace_back(SecretGrant{name});
    return grants;
}

} // namespace kiln
