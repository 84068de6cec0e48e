// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/http_connection.h"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>

namespace kiln::test {

namespace {

constexpr std::string_view body = R"({"a":1,"b":"hello"})";
constexpr std::string_view echoed = "hello"; ///< In each right answer.

/// The value of a header in lines that end with "\r\n"; empty when there is none.
std::string_view headerIn(std::string_view head, std::string_view name)
{
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2);
        if (line.size() <= name.size() || line[name.size()] != ':' ||
            ::strncasecmp(line.data(), name.data(), name.size()) != 0)
            continue;
        std::string_view value = line.substr(name.size() + 1);
        value = value.substr(0, value.find("\r\n"));
        return value.substr(std::min(value.size(), value.find_first_not_of(' ')));
    }
    return {};
}

} // namespace

std::string HttpConnection::requestTo(std::string_view path)
{
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

HttpConnection::HttpConnection(int port)
    : m_port(port)
    , m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(std::uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(m_socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(m_socket.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        m_socket.reset();
}

Result<> HttpConnection::send(const std::string &request)
{
    m_answer.clear();
    if (::send(m_socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
        return failed("The request cannot be sent");
    return {};
}

Result<bool> HttpConnection::receive()
{
    char bytes[16'384];
    const ssize_t count = ::recv(m_socket.get(), bytes, sizeof bytes, 0);
    if (count <= 0)
        return failed("The connection was closed without an answer");
    m_answer.append(bytes, std::size_t(count));
    if (!whole())
        return false;
    if (!m_answer.starts_with("HTTP/1.1 200") || m_answer.find(echoed) == std::string::npos)
        return failed("This is not the answer: " + m_answer.substr(0, 600));
    return true;
}

Result<> HttpConnection::exchange(const std::string &request)
{
    if (Result<> sent = send(request); !sent)
        return sent;
    for (;;) {
        const Result<bool> whole = receive();
        if (!whole)
            return tl::make_unexpected(whole.error());
        if (*whole)
            return {};
    }
}

bool HttpConnection::whole() const
{
    const std::size_t end = m_answer.find("\r\n\r\n");
    if (end == std::string::npos)
        return false;
    const std::string_view head(m_answer.data(), end + 2);
    if (const std::string_view length = headerIn(head, "Content-Length"); !length.empty()) {
        std::size_t bytes = 0;
        std::from_chars(length.data(), length.data() + length.size(), bytes);
        return m_answer.size() >= end + 4 + bytes;
    }
    return headerIn(head, "Transfer-Encoding") == "chunked" && m_answer.ends_with("\r\n0\r\n\r\n");
}

tl::unexpected<Error> HttpConnection::failed(std::string what) const
{
    return fail(Error::Code::Io, std::move(what), "port " + std::to_string(m_port));
}

} // namespace kiln::test
