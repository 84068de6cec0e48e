// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/wire_socket.h"

#include "core/sandbox/wire.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

namespace kiln::wire {
namespace {

constexpr std::size_t controlSpace = CMSG_SPACE(sizeof(int) * maxDescriptors);

std::vector<UniqueFd> takeDescriptors(msghdr &header)
{
    std::vector<UniqueFd> descriptors;
    for (cmsghdr *part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
    return descriptors;
}

} // namespace

Result<Datagram> receive(int socket)
{
    Datagram datagram;
    datagram.bytes.resize(maxMessage);
    iovec part{datagram.bytes.data(), datagram.bytes.size()};
    alignas(cmsghdr) char control[controlSpace];
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t count = -1;
    do
        count = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < 0) {
        datagram.bytes.clear();
        datagram.state = errno == EAGAIN ? Datagram::State::None : Datagram::State::Closed;
        return datagram;
    }
    datagram.descriptors = takeDescriptors(header);
    if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        return fail(Error::Code::LimitExceeded, "a message between engine and launcher was cut");
    datagram.bytes.resize(std::size_t(count));
    // No message is empty, so an empty one is the end.
    datagram.state = count == 0 ? Datagram::State::Closed : Datagram::State::Some;
    return datagram;
}

Sent send(int socket, std::string_view bytes, const std::vector<int> &descriptors)
{
    iovec part{const_cast<char *>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[controlSpace] = {};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
        cmsghdr *const rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
        std::memcpy(CMSG_DATA(rights), descriptors.data(), sizeof(int) * descriptors.size());
    }
    ssize_t count = -1;
    do
        count = ::sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    if (count >= 0)
        return Sent::Whole;
    return errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS ? Sent::Later : Sent::Gone;
}

} // namespace kiln::wire
