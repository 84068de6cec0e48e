// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/relay.h"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace kiln {

namespace {

constexpr std::size_t bufferSize = 64 * 1024;

bool isForNow(int error) { return error == EAGAIN || error == EINTR; }

} // namespace

Relay::Relay(Loop &loop, UniqueFd client, UniqueFd server, std::string toServer, std::string toClient,
             std::function<void()> ended)
    : m_loop(loop)
    , m_client(std::move(client))
    , m_server(std::move(server))
    , m_ended(std::move(ended))
    , m_lastMove(loop.clock().now())
{
    m_up.from = m_down.to = m_client.get();
    m_up.to = m_down.from = m_server.get();
    m_up.buffer = std::move(toServer);
    m_down.buffer = std::move(toClient);
    wait(m_up);
    wait(m_down);
}

/// For what the way needs next: room to send what it holds, or something to hold.
void Relay::wait(Way &way)
{
    const bool holds = way.done < way.buffer.size();
    if (holds && !way.writable) {
        way.readable.reset();
        way.writable = m_loop.watch(way.to, Loop::Readiness::Writable, [this, &way] { write(way); });
    } else if (!holds) {
        way.writable.reset();
        if (!way.closing && !way.readable)
            way.readable = m_loop.watch(way.from, Loop::Readiness::Readable, [this, &way] { read(way); });
    }
}

void Relay::read(Way &way)
{
    way.buffer.resize(bufferSize);
    way.done = 0;
    const ssize_t count = ::recv(way.from, way.buffer.data(), way.buffer.size(), 0);
    way.buffer.resize(count > 0 ? std::size_t(count) : 0);
    if (count < 0 && isForNow(errno))
        return;
    if (count < 0) {
        end();
        return;
    }
    m_lastMove = m_loop.clock().now();
    if (count == 0) {
        way.closing = true;
        way.readable.reset();
    }
    write(way);
}

void Relay::write(Way &way)
{
    while (way.done < way.buffer.size()) {
        const ssize_t count =
            ::send(way.to, way.buffer.data() + way.done, way.buffer.size() - way.done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && isForNow(errno))
            break;
        if (count < 0) {
            end();
            return;
        }
        way.done += std::size_t(count);
        way.carried += std::uint64_t(count);
        m_lastMove = m_loop.clock().now();
    }
    if (way.done == way.buffer.size() && way.closing && !std::exchange(way.closed, true))
        ::shutdown(way.to, SHUT_WR);
    if (m_up.closed && m_down.closed) {
        end();
        return;
    }
    wait(way);
}

/// From the loop, so that no way is on the stack when the owner lets go.
void Relay::end()
{
    for (Way *way : {&m_up, &m_down}) {
        way->readable.reset();
        way->writable.reset();
    }
    m_loop.post([ended = std::exchange(m_ended, nullptr), alive = std::weak_ptr(m_alive)] {
        if (ended && !alive.expired())
            ended();
    });
}

} // namespace kiln
