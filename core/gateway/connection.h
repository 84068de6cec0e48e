// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Not for other rooms: it includes Asio.

#include "core/gateway/gateway_state.h"
#include "core/gateway/http_response.h"
#include "core/gateway/request_reader.h"
#include "core/gateway/result_mapping.h"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace kiln {

/// One client's connection: reads a request, has it answered, writes the response, reads the next. Requests that
/// come early (pipelining) wait, so that answers keep their order.
class Connection : public std::enable_shared_from_this<Connection>
{
public:
    Connection(std::shared_ptr<GatewayState> gateway, boost::asio::ip::tcp::socket socket);

    void begin();
    void close();  ///< At once.
    void finish(); ///< After the running request; at once when there is none.
    void checkTime(Instant now);

private:
    enum class Phase {
        Reading, ///< Idle, or a request is coming.
        Waiting, ///< For the sink.
        Writing,
        Draining, ///< All is said; the rest of what the client sends is thrown away before closing.
        Closed,
    };
    enum class After { ReadOn, Close };

    void readOn();
    void readSome();
    void take(RequestReader::State state);
    void handle();
    void fire(const Router::Match &match);
    void answer(const HttpResponse &response);
    void refuse(int status, std::string_view message);
    void write(std::string bytes, After after);
    void writeRest(After after);
    void wrote(After after);
    void sendContinue();
    void drain();
    void setDeadline(std::chrono::milliseconds after);

    std::shared_ptr<GatewayState> m_gateway;
    boost::asio::ip::tcp::socket m_socket;
    RequestReader m_reader;
    std::string m_peer; ///< The client's numeric address.
    Phase m_phase = Phase::Reading;
    RequestReader::State m_timed = RequestReader::State::Idle; ///< What the deadline is set for while reading.
    Instant m_deadline = Instant::max();
    bool m_lastRequest = false; ///< Close after the running request.
    std::string m_out;
    std::size_t m_written = 0;
};

} // namespace kiln
