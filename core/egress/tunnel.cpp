// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/tunnel.h"

#include "core/model/grant.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace kiln {

namespace {

void sendAtOnce(int socket, std::string_view bytes)
{
    // A few hundred bytes into an empty buffer: whole, or the client is gone.
    [[maybe_unused]] const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void avoidDelay(int socket)
{
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace

Tunnel::Tunnel(const Ports &ports, UniqueFd client)
    : m_ports(ports)
    , m_client(std::move(client))
{
    avoidDelay(m_client.get());
}

Tunnel::~Tunnel() { m_ports.loop.timers().cancel(m_timer); }

void Tunnel::setTimer(std::chrono::nanoseconds after, void (Tunnel::*then)())
{
    m_ports.loop.timers().cancel(m_timer);
    m_timer = m_ports.loop.timers().after(after, [this, then] {
        m_timer = 0;
        (this->*then)();
    });
}

void Tunnel::negotiate()
{
    m_negotiation.emplace();
    setTimer(m_ports.patience.request, &Tunnel::onRequestTimeout);
    m_watch = m_ports.loop.watch(m_client.get(), Loop::Readiness::Readable, [this] { readRequest(); });
}

void Tunnel::reach(Permissions::HostGrant target) { begin(std::move(target)); }

void Tunnel::readRequest()
{
    char bytes[8192];
    const ssize_t count = ::recv(m_client.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        end();
        return;
    }
    const auto state = m_negotiation->feed({bytes, std::size_t(count)});
    const std::string reply = m_negotiation->takeReply();
    if (state == ProxyNegotiation::State::Refused) {
        close(reply);
        return;
    }
    sendAtOnce(m_client.get(), reply);
    if (state == ProxyNegotiation::State::Ready)
        begin(m_negotiation->target());
}

void Tunnel::begin(Permissions::HostGrant target)
{
    m_watch.reset(); // until it is connected the client's bytes wait in its socket
    m_target = std::move(target);
    setTimer(m_ports.patience.connect, &Tunnel::onConnectTimeout);
    if (!m_ports.rules.names(m_target)) {
        refuse({});
        return;
    }
    if (const auto number = IpAddress::parse(m_target.host)) {
        tryAddresses({*number});
        return;
    }
    m_ports.names.find(m_target.host, [this, alive = std::weak_ptr(m_alive)](std::vector<IpAddress> found) {
        if (!alive.expired() && m_timer != 0)
            tryAddresses(std::move(found));
    });
}

/// Keeps those that may be reached. They are what is connected to: the name is not asked again.
void Tunnel::tryAddresses(std::vector<IpAddress> addresses)
{
    if (addresses.empty()) {
        fail(ProxyNegotiation::Why::Unreachable, m_target.host + " has no address");
        return;
    }
    std::optional<Rules::Answer> worst;
    for (auto address = addresses.rbegin(); address != addresses.rend(); ++address) {
        const Rules::Answer answer = m_ports.rules.mayReach(*address, m_target.port);
        if (answer == Rules::Answer::Yes)
            m_addresses.push_back(*address);
        else
            worst = answer;
    }
    if (!m_addresses.empty()) {
        m_ports.told({Access::Kind::Connect, Access::Source::Allowed, toText(m_target), {}, {}});
        connectNext();
        return;
    }
    if (*worst == Rules::Answer::Never) {
        refuse("this is Kiln's own address, which no function reaches");
        return;
    }
    // The grant that would help is the number's, not the name's.
    const Permissions::HostGrant number{addresses.front().text(), m_target.port};
    if (number == m_target) {
        refuse({});
        return;
    }
    m_ports.told({Access::Kind::Connect, Access::Source::Refused, toText(number), {}, {}});
    fail(ProxyNegotiation::Why::NotAllowed,
         m_target.host + " is " + number.host +
             ", which is not public and has to be granted by its number: " + toText(Grant(number)));
}

void Tunnel::connectNext()
{
    while (!m_addresses.empty()) {
        const IpAddress address = m_addresses.back();
        m_addresses.pop_back();
        sockaddr_storage to{};
        const socklen_t length = address.fill(to, m_target.port);
        m_server.reset(::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!m_server)
            continue;
        if (::connect(m_server.get(), reinterpret_cast<const sockaddr *>(&to), length) == 0 || errno == EINPROGRESS) {
            m_watch = m_ports.loop.watch(m_server.get(), Loop::Readiness::Writable, [this] { onConnected(); });
            return;
        }
    }
    fail(ProxyNegotiation::Why::Unreachable, toText(m_target) + " does not answer");
}

void Tunnel::onConnected()
{
    m_watch.reset();
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(m_server.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        connectNext();
        return;
    }
    avoidDelay(m_server.get());
    std::string toServer = m_negotiation ? m_negotiation->takeForward() : std::string();
    std::string toClient = m_negotiation ? m_negotiation->acceptance() : std::string();
    m_relay = std::make_unique<Relay>(m_ports.loop, std::move(m_client), std::move(m_server), std::move(toServer),
                                      std::move(toClient), [this] { end(); });
    setTimer(m_ports.patience.idle, &Tunnel::checkIdle);
}

void Tunnel::checkIdle()
{
    const auto left = m_relay->lastMove() + m_ports.patience.idle - m_ports.loop.clock().now();
    if (left.count() <= 0)
        end();
    else
        setTimer(left, &Tunnel::checkIdle);
}

void Tunnel::refuse(std::string reason)
{
    m_ports.told({Access::Kind::Connect, Access::Source::Refused, toText(m_target), {}, reason});
    fail(ProxyNegotiation::Why::NotAllowed,
         reason.empty() ? toText(m_target) + " is not granted; it would be by " + toText(Grant(m_target)) : reason);
}

void Tunnel::onConnectTimeout()
{
    fail(ProxyNegotiation::Why::TimedOut, toText(m_target) + " took too long to answer");
}

void Tunnel::fail(ProxyNegotiation::Why why, const std::string &text)
{
    close(m_negotiation ? m_negotiation->refusal(why, text) : std::string());
}

/// A client that only connected sees its connection reset: there is nothing that it could be told in its own words.
void Tunnel::close(std::string lastWords)
{
    if (!m_negotiation) {
        const linger at{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(m_client.get(), SOL_SOCKET, SO_LINGER, &at, sizeof at);
        end();
        return;
    }
    sendAtOnce(m_client.get(), lastWords);
    // What the client has sent and nobody read would reset the connection before the words are read.
    ::shutdown(m_client.get(), SHUT_WR);
    char rest[4096];
    for (int i = 0; i < 16 && ::recv(m_client.get(), rest, sizeof rest, MSG_DONTWAIT) > 0; ++i) {
    }
    end();
}

void Tunnel::end()
{
    m_ports.loop.timers().cancel(std::exchange(m_timer, 0));
    m_watch.reset();
    m_ports.loop.post([this, alive = std::weak_ptr(m_alive)] {
        if (!alive.expired())
            m_ports.ended(*this);
    });
}

} // namespace kiln
