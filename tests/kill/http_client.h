// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"

#include <cstdlib>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::test {

struct HttpReply
{
    int status = 0;
    std::string head;
    std::string body;
};

/// One GET on a connection of its own to a listener on 127.0.0.1; blocking. nullopt when the answer did not come whole:
/// the listener is not there, or was killed. Any thread.
[[nodiscard]] inline std::optional<HttpReply> httpGet(int port, const std::string &path)
{
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(std::uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return std::nullopt;
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
        return std::nullopt;
    std::string bytes;
    char part[4096];
    for (ssize_t count = 0; (count = ::recv(socket.get(), part, sizeof part, 0)) > 0;)
        bytes.append(part, std::size_t(count));
    const std::size_t end = bytes.find("\r\n\r\n");
    const std::size_t length = bytes.find("content-length: ");
    if (end == std::string::npos || length > end)
        return std::nullopt;
    HttpReply reply{std::atoi(bytes.c_str() + 9), bytes.substr(0, end + 2), bytes.substr(end + 4)};
    if (reply.body.size() != std::size_t(std::atoll(bytes.c_str() + length + 16)))
        return std::nullopt;
    return reply;
}

} // namespace kiln::test
