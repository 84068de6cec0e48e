// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/gateway/listen_address.h"
#include "core/gateway/router.h"
#include "core/trigger/event_sink.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace kiln {

class GatewayState;

/// The HTTP listener: routes, function URLs (/fn/NAME and all below) and /_kiln/health.
///
/// Each request becomes an event for the sink; what the sink answers becomes the response. One thread, the
/// io_context's; every call is made there. A client that goes away does not end the invocation it began. Nothing
/// calls back after the destructor, which closes all connections at once; the io_context must outlive it.
class HttpServer
{
public:
    struct Options
    {
        ListenAddress listen;
        std::size_t maxHead = 16 * 1024;                  ///< Request line and headers: larger ones get 431.
        ByteSize maxBody = 6_MB;                          ///< Larger ones get 413.
        std::size_t maxConnections = 10'000;              ///< Further ones get 503.
        std::chrono::milliseconds idleTimeout{30'000};    ///< Of a connection between requests.
        std::chrono::milliseconds requestTimeout{30'000}; ///< From a request's first byte to its last: 408.
        std::chrono::milliseconds writeTimeout{30'000};   ///< Without any byte taken by the client.
        std::chrono::milliseconds stopTimeout{5'000};     ///< How long `stop` waits for running requests.
    };

    /// Listens at once. Busy when the port is taken, with place and remedy. `sink` and `clock` must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(boost::asio::io_context &context, Options options,
                                                                   EventSink &sink, const Clock &clock);
    ~HttpServer();
    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

    /// Replaces the table of routes for all requests to come. Returns those that cannot be reached.
    std::vector<RouteConflict> setRoutes(std::vector<Route> routes);

    /// Where it really listens: with the port that was free when 0 was asked for.
    [[nodiscard]] const ListenAddress &address() const;
    [[nodiscard]] bool isLoopback() const; ///< Whether only this machine can reach it.
    [[nodiscard]] std::size_t connections() const;

    /// Accepts no more, lets running requests finish for `stopTimeout` at most, closes, then calls `done`.
    void stop(std::function<void()> done);

private:
    explicit HttpServer(std::shared_ptr<GatewayState> state)
        : m_state(std::move(state))
    {}
    std::shared_ptr<GatewayState> m_state;
};

} // namespace kiln
