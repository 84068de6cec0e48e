// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/unique_fd.h"
#include "core/egress/name_lookup.h"
#include "core/egress/proxy_negotiation.h"
#include "core/egress/relay.h"
#include "core/egress/rules.h"
#include "core/model/access.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// One connection of a worker to the outside: where to, whether it may, its name's addresses, the connection, the
/// bytes. Engine thread; destroying it closes both ends.
class Tunnel
{
public:
    struct Patience
    {
        std::chrono::milliseconds request{10'000}; ///< From the first byte until it is known where to.
        std::chrono::milliseconds connect{10'000}; ///< For the name and all its addresses together.
        std::chrono::milliseconds idle{600'000};   ///< Without any byte either way.
    };
    struct Ports
    {
        Loop &loop;
        const Rules &rules;
        NameLookup &names;
        Patience patience;
        std::function<void(Access)> told; ///< What came of it: allowed, or refused and why.
        /// The last, from the loop; may destroy this.
        std::function<void(Tunnel &)> ended;
    };

    Tunnel(const Ports &ports, UniqueFd client);
    ~Tunnel();
    Tunnel(const Tunnel &) = delete;
    Tunnel &operator=(const Tunnel &) = delete;

    /// The client says where to.
    void negotiate();
    /// It said by the address that it connected to.
    void reach(Permissions::HostGrant target);

    [[nodiscard]] const Permissions::HostGrant &target() const { return m_target; }
    [[nodiscard]] std::uint64_t sent() const { return m_relay ? m_relay->sent() : 0; }
    [[nodiscard]] std::uint64_t received() const { return m_relay ? m_relay->received() : 0; }

private:
    void readRequest();
    void begin(Permissions::HostGrant target);
    void tryAddresses(std::vector<IpAddress> addresses);
    void connectNext();
    void onConnected();
    void refuse(std::string reason);
    void fail(ProxyNegotiation::Why why, const std::string &text);
    void close(std::string lastWords);
    void end();
    void checkIdle();
    void setTimer(std::chrono::nanoseconds after, void (Tunnel::*then)());
    void onRequestTimeout() { end(); }
    void onConnectTimeout();

    const Ports &m_ports;
    UniqueFd m_client;
    UniqueFd m_server;
    std::optional<ProxyNegotiation> m_negotiation; ///< None where the client only connected.
    Permissions::HostGrant m_target;
    std::vector<IpAddress> m_addresses; ///< Checked, not yet tried; the next is the last.
    std::unique_ptr<Loop::Watch> m_watch;
    std::unique_ptr<Relay> m_relay;
    TimerId m_timer = 0;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0); ///< Lets late answers see that this is gone.
};

} // namespace kiln
