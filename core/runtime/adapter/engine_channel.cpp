// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/engine_channel.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace kiln::adapter {

namespace {

/// Events are 6 MB at most; a bound for what is claimed by an engine that is none.
constexpr std::size_t frameLimit = std::size_t(64) << 20;

} // namespace

EngineChannel::EngineChannel(int fd)
    : m_fd(fd)
    , m_reader(frameLimit)
{
    ::fcntl(m_fd, F_SETFD, FD_CLOEXEC); // the function's own processes are not to speak with the engine
}

void EngineChannel::send(FrameType type, std::uint64_t serial, std::string_view body, std::uint8_t flags)
{
    std::string header;
    appendFrameHeader(header, type, flags, serial, body.size());
    std::array<iovec, 2> parts{{{header.data(), header.size()}, {const_cast<char *>(body.data()), body.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        const ssize_t count = ::sendmsg(m_fd, &message, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            ::_exit(EXIT_FAILURE);
        std::size_t sent = std::size_t(count);
        for (iovec &part : parts) {
            const std::size_t taken = std::min(sent, part.iov_len);
            part.iov_base = static_cast<char *>(part.iov_base) + taken;
            part.iov_len -= taken;
            sent -= taken;
        }
    }
}

bool EngineChannel::fill(Wait wait)
{
    constexpr std::size_t room = 64 * 1024;
    while (true) {
        const ssize_t count = ::recv(m_fd, m_reader.prepare(room), room, wait == Wait::No ? MSG_DONTWAIT : 0);
        if (count > 0) {
            m_reader.filled(std::size_t(count));
            return true;
        }
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return false;
        ::_exit(count == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
}

std::optional<FrameReader::Frame> EngineChannel::take()
{
    Result<std::optional<FrameReader::Frame>> frame = m_reader.next();
    if (!frame)
        ::_exit(EXIT_FAILURE);
    return std::move(*frame);
}

FrameReader::Frame EngineChannel::receive()
{
    while (true) {
        if (auto frame = take())
            return std::move(*frame);
        (void)fill(Wait::ForBytes);
    }
}

std::optional<FrameReader::Frame> EngineChannel::receiveNow()
{
    while (true) {
        if (auto frame = take())
            return frame;
        if (!fill(Wait::No))
            return std::nullopt;
    }
}

} // namespace kiln::adapter
