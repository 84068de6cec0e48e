// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Not for other rooms: it includes Asio.

#include "core/gateway/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <unordered_set>

namespace kiln {

class Connection;

/// What a listener and its connections share. Lives until the last of them is gone.
class GatewayState : public std::enable_shared_from_this<GatewayState>
{
public:
    GatewayState(boost::asio::io_context &io, HttpServer::Options options_, EventSink &sink_, const Clock &clock_);

    [[nodiscard]] Result<> listen();
    void accept();
    void stop(std::function<void()> done);
    void closeAll(); ///< At once; no connection touches sink or clock afterwards.
    void remove(const std::shared_ptr<Connection> &connection);

    const HttpServer::Options options;
    EventSink &sink;
    const Clock &clock;
    ListenAddress address; ///< The real one.
    std::shared_ptr<const Router> router = std::make_shared<const Router>();
    std::unordered_set<std::shared_ptr<Connection>> connections;
    std::array<char, 64 * 1024> scratch; ///< Where all sockets read into: idle ones need no buffer of their own.
    bool stopping = false;

private:
    void acceptAll();
    void take(int fd);
    void sweep();
    void finishStop();

    boost::asio::io_context &m_io;
    boost::asio::ip::tcp::acceptor m_acceptor;
    boost::asio::ip::tcp m_protocol = boost::asio::ip::tcp::v4();
    boost::asio::steady_timer m_sweep; ///< Looks for connections past their time; one timer serves all.
    boost::asio::steady_timer m_pause; ///< After an accept that failed for want of descriptors.
    boost::asio::steady_timer m_stopping;
    std::function<void()> m_stopped;
    bool m_sweeping = false;
};

} // namespace kiln
