// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/api_connection.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace kiln::adapter {

ApiConnection::ApiConnection(UniqueFd socket, RuntimeApi &api, ApiRequestReader::Limits limits)
    : m_socket(std::move(socket))
    , m_api(api)
    , m_reader(limits)
{}

short ApiConnection::events() const
{
    if (!m_out.empty())
        return POLLOUT;
    return m_waiting ? POLLRDHUP : POLLIN;
}

void ApiConnection::onReady(short revents)
{
    if ((revents & POLLOUT) != 0) {
        flush();
        handleRequests();
    } else if ((revents & POLLIN) != 0) {
        readSome();
    } else if ((revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) {
        onEnd();
    }
}

/// A bounded amount, so that one client cannot keep this from the others.
void ApiConnection::readSome()
{
    static std::array<char, 256 * 1024> bytes; // one thread; not on the stack
    const ssize_t count = ::recv(m_socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        onEnd();
        return;
    }
    if (m_draining)
        return;
    m_reader.feed({bytes.data(), std::size_t(count)});
    handleRequests();
}

void ApiConnection::handleRequests()
{
    using State = ApiRequestReader::State;
    while (!m_waiting && !m_draining && !m_over && m_out.empty()) {
        switch (m_reader.state()) {
        case State::Head: return;
        case State::Body:
            if (m_reader.takeExpectation()) {
                m_out = "HTTP/1.1 100 Continue\r\n\r\n";
                flush();
            }
            return;
        case State::Broken: reply(brokenRequestReply(m_reader.status()), Connection::Close); return;
        case State::TooLarge: reply(m_api.handleTooLarge(m_reader.request()), Connection::Close); return;
        case State::Done:
            if (const auto answer = m_api.handle(m_reader.request())) {
                reply(*answer, m_reader.request().keepAlive ? Connection::KeepAlive : Connection::Close);
                m_reader.next();
            } else {
                m_waiting = true;
            }
            break;
        }
    }
}

void ApiConnection::giveEvent(const ApiReply &event)
{
    m_waiting = false;
    reply(event, m_reader.request().keepAlive ? Connection::KeepAlive : Connection::Close);
    m_reader.next();
    handleRequests();
}

void ApiConnection::reply(const ApiReply &reply, Connection connection)
{
    m_out = toBytes(reply, connection);
    m_draining = connection == Connection::Close;
    flush();
}

void ApiConnection::flush()
{
    while (m_sent < m_out.size()) {
        const ssize_t count =
            ::send(m_socket.get(), m_out.data() + m_sent, m_out.size() - m_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        if (count < 0) {
            m_over = true;
            return;
        }
        m_sent += std::size_t(count);
    }
    m_sent = 0;
    if (m_out.capacity() > 64 * 1024)
        m_out = {};
    m_out.clear();
    if (m_draining)
        ::shutdown(m_socket.get(), SHUT_WR); // closing at once would take the reply away from a client that still sends
}

void ApiConnection::onEnd()
{
    if (m_reader.state() == ApiRequestReader::State::Body && !m_draining)
        m_api.handleTruncated(m_reader.request());
    m_over = true;
}

} // namespace kiln::adapter
