// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/http_server.h"

#include "core/gateway/connection.h"
#include "core/gateway/gateway_state.h"

namespace kiln {

Result<std::unique_ptr<HttpServer>> HttpServer::start(boost::asio::io_context &context, Options options,
                                                      EventSink &sink, const Clock &clock)
{
    auto state = std::make_shared<GatewayState>(context, std::move(options), sink, clock);
    if (const Result<> listening = state->listen(); !listening)
        return tl::make_unexpected(listening.error());
    state->accept();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::~HttpServer() { m_state->closeAll(); }

std::vector<RouteConflict> HttpServer::setRoutes(std::vector<Route> routes)
{
    std::vector<RouteConflict> conflicts;
    m_state->router = std::make_shared<const Router>(std::move(routes), conflicts);
    return conflicts;
}

const ListenAddress &HttpServer::address() const { return m_state->address; }

bool HttpServer::isLoopback() const
{
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(m_state->address.host, error);
    return error || address.is_loopback(); // "localhost" is no address
}

std::size_t HttpServer::connections() const { return m_state->connections.size(); }

void HttpServer::stop(std::function<void()> done) { m_state->stop(std::move(done)); }

} // namespace kiln
