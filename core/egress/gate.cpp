// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/gate.h"

#include "core/egress/dns_answer.h"
#include "core/model/grant.h"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace kiln {

namespace {

constexpr std::size_t mostAccesses = 64;
constexpr int mostAtOnce = 32; ///< Of one door, before others have their turn.

} // namespace

Gate::Gate(Loop &loop, NameLookup &names, const Egress::Options &options, std::size_t &connections,
           const Permissions &permissions)
    : m_loop(loop)
    , m_options(options)
    , m_allConnections(connections)
    , m_rules(permissions, options.forbidden, options.ownAddresses)
    , m_plan(egressDoors(permissions))
    , m_ports{.loop = loop,
              .rules = m_rules,
              .names = names,
              .patience = {options.requestPatience, options.connectPatience, options.idlePatience},
              .told = [this](Access access) { told(std::move(access)); },
              .ended = [this](Tunnel &tunnel) { ended(tunnel); }}
{}

Gate::~Gate() { m_allConnections -= m_tunnels.size(); }

void Gate::open(std::vector<UniqueFd> sockets)
{
    if (sockets.size() != m_plan.size())
        return; // not ours: nothing is served, and nothing reached
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        auto door = std::make_unique<Door>();
        door->what = m_plan[i];
        door->socket = std::move(sockets[i]);
        door->watch = m_loop.watch(door->socket.get(), Loop::Readiness::Readable, [this, at = door.get()] {
            at->what.use == EgressDoor::Use::Names ? answerNames(*at) : accept(*at);
        });
        m_doors.push_back(std::move(door));
    }
}

void Gate::accept(const Door &door)
{
    for (int i = 0; i < mostAtOnce; ++i) {
        UniqueFd client(::accept4(door.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!client)
            return;
        sockaddr_storage meant{};
        socklen_t size = sizeof meant;
        const bool known = ::getsockname(client.get(), reinterpret_cast<sockaddr *>(&meant), &size) == 0;
        const auto address = known ? IpAddress::of(reinterpret_cast<const sockaddr *>(&meant)) : std::nullopt;
        if (!address || m_tunnels.size() >= m_options.maxConnections ||
            m_allConnections >= m_options.maxConnectionsOfAll)
            continue; // closed at once
        auto tunnel = std::make_unique<Tunnel>(m_ports, std::move(client));
        Tunnel *const made = tunnel.get();
        m_tunnels.emplace(made, std::move(tunnel));
        ++m_allConnections;
        if (door.what.use == EgressDoor::Use::Proxy)
            made->negotiate();
        else
            made->reach({m_names.nameOf(*address).value_or(address->text()), door.what.port});
    }
}

void Gate::answerNames(const Door &door)
{
    for (int i = 0; i < mostAtOnce; ++i) {
        char query[1024];
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        const ssize_t count = ::recvfrom(door.socket.get(), query, sizeof query, MSG_DONTWAIT,
                                         reinterpret_cast<sockaddr *>(&from), &size);
        if (count < 0)
            return;
        const auto answer =
            dnsAnswer({query, std::size_t(count)}, [this](const std::string &name) { return m_names.addressOf(name); });
        if (answer)
            ::sendto(door.socket.get(), answer->data(), answer->size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                     reinterpret_cast<const sockaddr *>(&from), size);
    }
}

void Gate::told(Access access)
{
    if (m_accesses.size() < mostAccesses && std::find(m_accesses.begin(), m_accesses.end(), access) == m_accesses.end())
        m_accesses.push_back(std::move(access));
}

void Gate::ended(Tunnel &tunnel)
{
    if (m_options.ended)
        m_options.ended({toText(tunnel.target()), tunnel.sent(), tunnel.received()});
    if (m_tunnels.erase(&tunnel) > 0)
        --m_allConnections;
}

} // namespace kiln
