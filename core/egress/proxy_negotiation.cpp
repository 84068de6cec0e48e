// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/proxy_negotiation.h"

#include "core/egress/ip_address.h"
#include "core/model/grant.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace kiln {

namespace {

constexpr char socksVersion = 5;
constexpr char socksConnect = 1;
constexpr char socksFailure = 1, socksNotAllowed = 2, socksUnreachable = 4, socksBadCommand = 7, socksBadAddress = 8;

bool isTokenCharacter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool isToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter); }

std::string lower(std::string_view text)
{
    std::string low(text);
    for (char &c : low)
        c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    return low;
}

/// Of this hop, or made anew here.
bool isDropped(const std::string &name)
{
    return name == "host" || name == "connection" || name == "keep-alive" || name == "upgrade" ||
           name.starts_with("proxy-");
}

std::string httpResponse(int status, std::string_view text)
{
    const char *reason = status == 403   ? "Forbidden"
                         : status == 400 ? "Bad Request"
                         : status == 431 ? "Request Header Fields Too Large"
                         : status == 501 ? "Not Implemented"
                         : status == 504 ? "Gateway Timeout"
                                         : "Bad Gateway";
    const std::string body = "Kiln: " + std::string(text) + "\n";
    return "HTTP/1.1 " + std::to_string(status) + " " + reason +
           "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string socksReply(char code) { return std::string{socksVersion, code, 0, 1, 0, 0, 0, 0, 0, 0}; }

/// "host", "host:81", "[::1]:81"; the port may be left out.
std::optional<Permissions::HostGrant> authority(std::string_view text, std::uint16_t usualPort)
{
    const bool hasPort = text.ends_with(']') ? false : text.find(':') != std::string_view::npos;
    return parseHostPort(hasPort ? std::string(text) : std::string(text) + ":" + std::to_string(usualPort));
}

struct RequestLine
{
    std::string_view method;
    std::string_view target;
};

std::optional<RequestLine> readRequestLine(std::string_view line)
{
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first)
        return std::nullopt;
    const RequestLine request{line.substr(0, first), line.substr(first + 1, last - first - 1)};
    const std::string_view version = line.substr(last + 1);
    const bool visible = std::all_of(request.target.begin(), request.target.end(),
                                     [](char c) { return c > ' ' && static_cast<unsigned char>(c) < 0x7f; });
    if (!isToken(request.method) || request.target.empty() || !visible ||
        (version != "HTTP/1.1" && version != "HTTP/1.0"))
        return std::nullopt;
    return request;
}

/// The fields that go on to the target; nullopt when one is malformed.
std::optional<std::string> forwardedFields(std::string_view fields)
{
    std::string kept;
    while (!fields.empty()) {
        const std::size_t end = fields.find("\r\n");
        const std::string_view line = fields.substr(0, end);
        fields.remove_prefix(end + 2);
        const std::size_t colon = line.find(':');
        // No line goes on in the next one, and no control character hides one.
        const bool clean = std::all_of(line.begin(), line.end(), [](char c) {
            return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
        });
        if (colon == std::string_view::npos || !isToken(line.substr(0, colon)) || !clean)
            return std::nullopt;
        if (!isDropped(lower(line.substr(0, colon))))
            kept.append(line).append("\r\n");
    }
    return kept;
}

} // namespace

ProxyNegotiation::State ProxyNegotiation::feed(std::string_view bytes)
{
    if (m_state == State::Refused)
        return m_state;
    if (m_state == State::Ready) {
        m_forward.append(bytes);
        return m_state;
    }
    m_buffer.append(bytes);
    if (m_kind == Kind::Unknown && !m_buffer.empty() && m_buffer.front() == socksVersion)
        m_kind = Kind::Socks;
    if (!m_buffer.empty())
        m_state = m_kind == Kind::Socks ? readSocks() : readHttp();
    return m_state;
}

ProxyNegotiation::State ProxyNegotiation::refuse(int status, std::string_view text)
{
    m_reply += httpResponse(status, text);
    return State::Refused;
}

ProxyNegotiation::State ProxyNegotiation::readHttp()
{
    // What cannot become a request is not waited for.
    if (!isTokenCharacter(m_buffer.front()))
        return refuse(400, "this is no request of a proxy's client");
    const std::size_t end = m_buffer.find("\r\n\r\n");
    if (end == std::string::npos || end + 4 > maxHead) {
        if (m_buffer.size() < maxHead && end == std::string::npos)
            return State::More;
        return refuse(431, "the request's head is over 16 KB");
    }
    const std::string head = m_buffer.substr(0, end + 2);
    const std::string rest = m_buffer.substr(end + 4);
    m_buffer.clear();
    const State state = readHead(head);
    if (state == State::Ready)
        m_forward += rest;
    return state;
}

/// `head` ends with the line break of its last line.
ProxyNegotiation::State ProxyNegotiation::readHead(std::string_view head)
{
    const std::size_t lineEnd = head.find("\r\n");
    const auto request = readRequestLine(head.substr(0, lineEnd));
    const auto fields = request ? forwardedFields(head.substr(lineEnd + 2)) : std::nullopt;
    if (!fields)
        return refuse(400, "the request is malformed");
    if (request->method == "CONNECT") {
        const auto target = parseHostPort(request->target);
        if (!target)
            return refuse(400, "CONNECT needs HOST:PORT");
        m_kind = Kind::Connect;
        m_target = *target;
        return State::Ready;
    }
    static constexpr std::string_view scheme = "http://";
    if (lower(request->target.substr(0, scheme.size())) != scheme)
        return refuse(request->target.starts_with('/') ? 400 : 501,
                      "this proxy takes CONNECT, http:// addresses and SOCKS5");
    const std::string_view rest = request->target.substr(scheme.size());
    const std::size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
    const auto target = authority(rest.substr(0, slash), 80); // with user@ it is no host
    if (!target)
        return refuse(400, "the address is malformed");
    m_kind = Kind::Forward;
    m_target = *target;
    std::string path(rest.substr(slash, rest.find('#', slash) - slash));
    if (!path.starts_with('/'))
        path.insert(0, "/");
    // One request for each connection: the answer's end is the connection's end, and nothing has to be understood.
    m_forward = std::string(request->method) + " " + path + " HTTP/1.1\r\nHost: " + std::string(rest.substr(0, slash)) +
                "\r\nConnection: close\r\n" + *fields + "\r\n";
    return State::Ready;
}

ProxyNegotiation::State ProxyNegotiation::readSocks()
{
    if (!m_greeted) {
        if (m_buffer.size() < 2 || m_buffer.size() < 2U + std::uint8_t(m_buffer[1]))
            return State::More;
        const std::size_t methods = std::uint8_t(m_buffer[1]);
        const bool open = m_buffer.substr(2, methods).find('\0') != std::string::npos; // no authentication
        m_buffer.erase(0, 2 + methods);
        m_reply += {socksVersion, open ? char(0) : char(0xff)};
        if (!open)
            return State::Refused;
        m_greeted = true;
    }
    return readSocksRequest();
}

ProxyNegotiation::State ProxyNegotiation::readSocksRequest()
{
    const auto refuseWith = [this](char code) {
        m_reply += socksReply(code);
        return State::Refused;
    };
    if (m_buffer.size() < 5)
        return State::More;
    if (m_buffer[0] != socksVersion)
        return refuseWith(socksFailure);
    const char type = m_buffer[3];
    const std::size_t length = type == 1 ? 4 : type == 4 ? 16 : type == 3 ? 1U + std::uint8_t(m_buffer[4]) : 0;
    if (length == 0)
        return refuseWith(socksBadAddress);
    if (m_buffer.size() < 4 + length + 2)
        return State::More;
    if (m_buffer[1] != socksConnect)
        return refuseWith(socksBadCommand);
    const std::string_view bytes = std::string_view(m_buffer).substr(4, length);
    const unsigned port = std::uint8_t(m_buffer[4 + length]) * 256U + std::uint8_t(m_buffer[5 + length]);
    std::string host;
    if (type == 3) {
        host = bytes.substr(1);
        if (const auto address = IpAddress::parse(host); address && !address->isV4())
            host = "[" + host + "]";
    } else if (type == 1) {
        for (const char c : bytes)
            host += (host.empty() ? "" : ".") + std::to_string(std::uint8_t(c));
    } else {
        static constexpr char digits[] = "0123456789abcdef";
        for (std::size_t i = 0; i < length; ++i) {
            host += i > 0 && i % 2 == 0 ? ":" : "";
            host += digits[std::uint8_t(bytes[i]) >> 4];
            host += digits[std::uint8_t(bytes[i]) & 15];
        }
        host = "[" + host + "]";
    }
    const auto target = parseHostPort(host + ":" + std::to_string(port));
    m_forward = m_buffer.substr(6 + length);
    m_buffer.clear();
    if (!target)
        return refuseWith(socksBadAddress);
    m_target = *target;
    return State::Ready;
}

std::string ProxyNegotiation::acceptance() const
{
    switch (m_kind) {
    case Kind::Connect: return "HTTP/1.1 200 Connection established\r\n\r\n";
    case Kind::Socks: return socksReply(0);
    case Kind::Forward:
    case Kind::Unknown: break;
    }
    return {};
}

std::string ProxyNegotiation::refusal(Why why, std::string_view text) const
{
    if (m_kind == Kind::Socks)
        return socksReply(why == Why::NotAllowed ? socksNotAllowed : socksUnreachable);
    return httpResponse(why == Why::NotAllowed ? 403 : why == Why::TimedOut ? 504 : 502, text);
}

} // namespace kiln
