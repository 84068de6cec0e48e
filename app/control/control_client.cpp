// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/control/control_client.h"

#include "app/control/control_handler.h"
#include "app/control/control_socket.h"

#include <boost/json.hpp>

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln {

namespace json = boost::json;

namespace {

tl::unexpected<Error> lost(int sysErrno)
{
    return failErrno(Error::Code::Io, sysErrno, "The connection to the running engine was lost", {},
                     "run the command again");
}

} // namespace

std::optional<ControlClient> ControlClient::connect(const std::filesystem::path &workspace)
{
    const Result<ControlAddress> address = ControlAddress::of(workspace);
    if (!address)
        return std::nullopt;
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || ::connect(socket.get(), address->raw(), sizeof address->address) != 0)
        return std::nullopt;
    return ControlClient(std::move(socket));
}

Result<json::object> ControlClient::ask(const json::object &request)
{
    const std::string line = json::serialize(request) + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
        const ssize_t count = ::send(m_socket.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return lost(errno);
        sent += std::size_t(count);
    }
    std::size_t end = m_buffer.find('\n');
    while (end == std::string::npos) {
        if (m_buffer.size() > maxControlLine)
            return fail(Error::Code::LimitExceeded, "The running engine's answer is too large");
        std::array<char, 65'536> chunk;
        const ssize_t count = ::recv(m_socket.get(), chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return lost(count < 0 ? errno : 0);
        const std::size_t before = m_buffer.size();
        m_buffer.append(chunk.data(), std::size_t(count));
        end = m_buffer.find('\n', before);
    }
    const std::string reply = m_buffer.substr(0, end);
    m_buffer.erase(0, end + 1);
    return readReply(reply);
}

} // namespace kiln
