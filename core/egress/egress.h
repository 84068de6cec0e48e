// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/unique_fd.h"
#include "core/egress/name_lookup.h"
#include "core/egress/rules.h"
#include "core/model/access.h"
#include "core/model/function.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// One of the sockets in the network of a worker that may reach hosts.
struct EgressDoor
{
    enum class Use {
        Names,  ///< DNS, by datagrams: every name has an address there.
        Proxy,  ///< HTTP proxy and SOCKS5.
        Direct, ///< Whoever connects to any address at this port means that address.
    };
    Use use = Use::Direct;
    std::string address;
    std::uint16_t port = 0;
    bool operator==(const EgressDoor &) const = default;
};

/// The doors that a function with these permissions has; none without hosts or all. Each granted port has a door; with
/// `all` so have the usual ones below 1024. Any other port is reached by the proxy.
[[nodiscard]] std::vector<EgressDoor> egressDoors(const Permissions &permissions);
/// The variables that lead clients to the proxy: HTTP_PROXY and its like.
[[nodiscard]] std::map<std::string, std::string> egressVariables(const Permissions &permissions);

/// The outside of one worker's doors. Ends with all its connections when destroyed.
class EgressGate
{
public:
    virtual ~EgressGate() = default;
    virtual void open(std::vector<UniqueFd> sockets) = 0; ///< In the order of egressDoors().
    [[nodiscard]] virtual std::vector<Access> take() = 0; ///< Since the last call; bounded.
};

/// The way of all functions to the outside: whatever a worker reaches goes through here, so that it can be permitted,
/// refused and told. Engine thread.
class Egress
{
public:
    /// A connection that has ended.
    struct Ended
    {
        std::string target;
        std::uint64_t sent = 0, received = 0; ///< Bytes.
    };
    struct Options
    {
        Rules::Forbidden forbidden = nullptr;
        Rules::OwnAddresses ownAddresses = addressesOfThisMachine;
        std::unique_ptr<NameLookup> names{}; ///< The machine's when null.
        std::size_t maxConnections = 256;    ///< Of one worker; further ones are closed at once.
        std::size_t maxConnectionsOfAll = 4096;
        std::chrono::milliseconds requestPatience{10'000};
        std::chrono::milliseconds connectPatience{10'000};
        std::chrono::milliseconds idlePatience{600'000};
        std::function<void(const Ended &)> ended = nullptr;
    };

    /// The loop must outlive it, and it its gates.
    Egress(Loop &loop, Options options);

    [[nodiscard]] std::unique_ptr<EgressGate> gate(const Permissions &permissions);
    [[nodiscard]] std::size_t connections() const { return m_connections; }

private:
    Loop &m_loop;
    Options m_options;
    std::size_t m_connections = 0;
};

} // namespace kiln
