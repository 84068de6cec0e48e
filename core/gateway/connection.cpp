// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/connection.h"

#include "core/base/uuid.h"
#include "core/gateway/payload_v2.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

namespace kiln {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Socket = asio::ip::tcp::socket;

namespace {

/// How long a client that was refused may go on sending, so that it can read why.
constexpr std::chrono::milliseconds drainTime{1'000};
constexpr std::string_view healthPath = "/_kiln/health";

std::string numericAddress(const Socket &socket)
{
    ErrorCode error;
    asio::ip::address address = socket.remote_endpoint(error).address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return error ? std::string() : address.to_string();
}

} // namespace

Connection::Connection(std::shared_ptr<GatewayState> gateway, Socket socket)
    : m_gateway(std::move(gateway))
    , m_socket(std::move(socket))
    , m_reader({.head = m_gateway->options.maxHead, .body = m_gateway->options.maxBody})
    , m_peer(numericAddress(m_socket))
{}

void Connection::begin()
{
    ErrorCode ignored;
    m_socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    m_socket.non_blocking(true, ignored);
    setDeadline(m_gateway->options.idleTimeout);
    readOn();
}

void Connection::setDeadline(std::chrono::milliseconds after) { m_deadline = m_gateway->clock.now() + after; }

void Connection::checkTime(Instant now)
{
    if (now < m_deadline)
        return;
    if (m_phase == Phase::Reading && m_reader.state() != RequestReader::State::Idle)
        refuse(408, "the request did not arrive in time");
    else if (m_phase != Phase::Waiting)
        close();
}

void Connection::close()
{
    if (m_phase == Phase::Closed)
        return;
    const auto self = shared_from_this();
    m_phase = Phase::Closed;
    ErrorCode ignored;
    m_socket.close(ignored);
    m_gateway->remove(self);
}

void Connection::finish()
{
    m_lastRequest = true;
    if (m_phase == Phase::Reading && m_reader.state() == RequestReader::State::Idle)
        close();
}

void Connection::readOn()
{
    m_socket.async_wait(Socket::wait_read, [self = shared_from_this()](const ErrorCode &error) {
        if (!error)
            self->readSome();
    });
}

void Connection::readSome()
{
    if (m_phase != Phase::Reading && m_phase != Phase::Draining)
        return;
    ErrorCode error;
    const std::size_t count = m_socket.read_some(asio::buffer(m_gateway->scratch), error);
    if (error == asio::error::would_block) {
        readOn();
        return;
    }
    if (error) { // the client ended, be it in the midst of a request
        close();
        return;
    }
    if (m_phase == Phase::Draining)
        readOn();
    else
        take(m_reader.feed({m_gateway->scratch.data(), count}));
}

void Connection::take(RequestReader::State state)
{
    if (state == RequestReader::State::Refused) {
        refuse(m_reader.refusal().status, m_reader.refusal().message);
        return;
    }
    if (state == RequestReader::State::Done) {
        handle();
        return;
    }
    // The time of a request counts from its first byte: no later byte prolongs it.
    if (state != RequestReader::State::Idle && m_timed == RequestReader::State::Idle)
        setDeadline(m_gateway->options.requestTimeout);
    m_timed = state;
    if (m_reader.takeExpectation())
        sendContinue();
    if (m_phase == Phase::Reading)
        readOn();
}

void Connection::sendContinue()
{
    constexpr std::string_view bytes = "HTTP/1.1 100 Continue\r\n\r\n";
    ErrorCode error;
    if (m_socket.write_some(asio::buffer(bytes), error) != bytes.size())
        close(); // a client that takes not even these few bytes
}

void Connection::handle()
{
    m_phase = Phase::Waiting;
    const HttpRequest &request = m_reader.request();
    if (request.path == healthPath && (request.method == "GET" || request.method == "HEAD")) {
        answer({200, {{"content-type", "application/json"}}, R"({"status":"ok"})"});
        return;
    }
    const Router::Match match = m_gateway->router->match(request.method, request.path);
    const std::string what = std::string(request.method) + " " + std::string(request.path.substr(0, 200));
    switch (match.kind) {
    case Router::Match::Kind::Found: fire(match); return;
    case Router::Match::Kind::NotFound: answer(messageResponse(404, "no route for " + what)); return;
    case Router::Match::Kind::BadPath: answer(messageResponse(400, "the path cannot be decoded: " + what)); return;
    case Router::Match::Kind::WrongMethod: {
        HttpResponse response = messageResponse(405, "no route for " + what + ", only for " + match.allow);
        response.headers.emplace_back("allow", match.allow);
        answer(response);
        return;
    }
    }
}

void Connection::fire(const Router::Match &match)
{
    const HttpRequest &request = m_reader.request();
    const bool isUrl = std::holds_alternative<UrlTrigger>(match.route->rule);
    const WallTime now = m_gateway->clock.wall();
    Event event;
    event.id = Uuid::next(now).text();
    event.source = "kiln:http";
    event.type = "kiln.http.request";
    event.subject = std::string(request.method) + " " + std::string(request.path);
    event.time = now;
    event.data = payload(payloadV2(request, match, {event.id, m_peer, m_gateway->address.port, now}));
    // Weak: should the invocation outlast the connection, it ends unheard.
    m_gateway->sink.request({match.route->function, isUrl ? "url" : "http", match.route->trigger}, std::move(event),
                            [weak = weak_from_this(), door = isUrl ? FrontDoor::FunctionUrl : FrontDoor::Route](
                                const Result<InvocationPtr> &result) {
                                const auto self = weak.lock();
                                if (self && self->m_phase == Phase::Waiting)
                                    self->answer(toResponse(result, door));
                            });
}

void Connection::answer(const HttpResponse &response)
{
    const HttpRequest &request = m_reader.request();
    const bool goesOn = request.keepAlive && !m_lastRequest;
    ResponseFrame frame;
    frame.body = request.method == "HEAD" ? ResponseFrame::Body::Withheld : ResponseFrame::Body::Sent;
    frame.connection = goesOn ? ResponseFrame::Connection::KeepAlive : ResponseFrame::Connection::Close;
    frame.minorVersion = request.protocol == "HTTP/1.0" ? 0 : 1;
    frame.date = m_gateway->clock.wall();
    write(toBytes(response, frame), goesOn ? After::ReadOn : After::Close);
}

void Connection::refuse(int status, std::string_view message)
{
    ResponseFrame frame;
    frame.connection = ResponseFrame::Connection::Close;
    frame.date = m_gateway->clock.wall();
    write(toBytes(messageResponse(status, message), frame), After::Close);
}

void Connection::write(std::string bytes, After after)
{
    m_phase = Phase::Writing;
    m_out = std::move(bytes);
    m_written = 0;
    setDeadline(m_gateway->options.writeTimeout);
    writeRest(after);
}

void Connection::writeRest(After after)
{
    // Most responses fit the socket's buffer and are gone with the first call, without a turn of the loop.
    while (m_written < m_out.size()) {
        ErrorCode error;
        const std::size_t count =
            m_socket.write_some(asio::buffer(m_out.data() + m_written, m_out.size() - m_written), error);
        if (error == asio::error::would_block) {
            m_socket.async_wait(Socket::wait_write, [self = shared_from_this(), after](const ErrorCode &failed) {
                if (!failed && self->m_phase == Phase::Writing)
                    self->writeRest(after);
            });
            return;
        }
        if (error) {
            close();
            return;
        }
        m_written += count;
        setDeadline(m_gateway->options.writeTimeout);
    }
    wrote(after);
}

void Connection::wrote(After after)
{
    m_out = {};
    if (after == After::Close) {
        drain();
        return;
    }
    m_phase = Phase::Reading;
    m_timed = RequestReader::State::Idle;
    setDeadline(m_gateway->options.idleTimeout);
    if (m_lastRequest) {
        close();
        return;
    }
    const RequestReader::State state = m_reader.next();
    if (state != RequestReader::State::Done) {
        take(state);
        return;
    }
    // A pipelined request: in a turn of its own, so that a thousand of them are neither a deep stack nor a monopoly.
    asio::post(m_socket.get_executor(), [self = shared_from_this()] {
        if (self->m_phase == Phase::Reading)
            self->take(RequestReader::State::Done);
    });
}

void Connection::drain()
{
    m_phase = Phase::Draining;
    setDeadline(drainTime);
    ErrorCode ignored;
    m_socket.shutdown(Socket::shutdown_send, ignored);
    readOn();
}

} // namespace kiln
