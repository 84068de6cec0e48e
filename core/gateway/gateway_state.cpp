// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/gateway_state.h"

#include "core/base/unique_fd.h"
#include "core/gateway/connection.h"

#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using asio::ip::tcp;

namespace {

constexpr int acceptsPerTurn = 64;
constexpr std::chrono::milliseconds acceptPause{100};
constexpr std::string_view full = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
                                  "connection: close\r\ncontent-length: 34\r\n\r\n"
                                  R"({"message":"too many connections"})";

tl::unexpected<Error> listenError(int code, const ListenAddress &where)
{
    const std::string place = where.text();
    if (code == EADDRINUSE) {
        return fail(
            Error::Code::Busy, "the port is in use by another program", place,
            "end that program, or listen elsewhere: --listen HOST:PORT or listen: in kiln.yaml (port 0 takes any "
            "free one)");
    }
    if (code == EACCES)
        return failErrno(Error::Code::Io, code, "listening is not allowed", place, "choose a port from 1024 on");
    if (code == EADDRNOTAVAIL)
        return failErrno(Error::Code::Io, code, "this machine has no such address", place, "use 127.0.0.1");
    return failErrno(Error::Code::Io, code, "cannot listen", place);
}

/// A listening socket that no program started from here inherits.
Result<UniqueFd> listeningSocket(const tcp::endpoint &endpoint, const ListenAddress &where)
{
    UniqueFd fd(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    if (fd.get() < 0 || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(fd.get(), endpoint.data(), socklen_t(endpoint.size())) != 0 || ::listen(fd.get(), SOMAXCONN) != 0)
        return listenError(errno, where);
    return fd;
}

} // namespace

GatewayState::GatewayState(asio::io_context &io, HttpServer::Options options_, EventSink &sink_, const Clock &clock_)
    : options(std::move(options_))
    , sink(sink_)
    , clock(clock_)
    , address(options.listen)
    , m_io(io)
    , m_acceptor(io)
    , m_sweep(io)
    , m_pause(io)
    , m_stopping(io)
{}

Result<> GatewayState::listen()
{
    ErrorCode error;
    const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
    const tcp::endpoint endpoint(asio::ip::make_address(host, error), address.port);
    if (error) {
        return fail(Error::Code::InvalidArgument, "the host is neither a numeric address nor localhost", address.text(),
                    "use 127.0.0.1");
    }
    Result<UniqueFd> fd = listeningSocket(endpoint, address);
    if (!fd)
        return tl::make_unexpected(fd.error());
    m_protocol = endpoint.protocol();
    m_acceptor.assign(m_protocol, fd->get(), error);
    if (error)
        return listenError(error.value(), address);
    static_cast<void>(fd->release());
    address.port = m_acceptor.local_endpoint(error).port();
    return {};
}

void GatewayState::accept()
{
    m_acceptor.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](const ErrorCode &error) {
        if (!error && self->m_acceptor.is_open())
            self->acceptAll();
    });
}

void GatewayState::acceptAll()
{
    for (int i = 0; i < acceptsPerTurn; ++i) {
        const int fd = ::accept4(m_acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take(fd);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            break;
        // No descriptors or no memory: connections wait in the kernel's queue until some are free.
        m_pause.expires_after(acceptPause);
        m_pause.async_wait([self = shared_from_this()](const ErrorCode &error) {
            if (!error)
                self->accept();
        });
        return;
    }
    accept();
}

void GatewayState::take(int fd)
{
    UniqueFd owned(fd);
    if (connections.size() >= options.maxConnections) {
        static_cast<void>(::send(fd, full.data(), full.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
        return;
    }
    tcp::socket socket(m_io);
    ErrorCode error;
    socket.assign(m_protocol, fd, error);
    if (error)
        return;
    static_cast<void>(owned.release());
    const auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket));
    connections.insert(connection);
    connection->begin();
    if (!m_sweeping)
        sweep();
}

void GatewayState::sweep()
{
    m_sweeping = !connections.empty();
    if (!m_sweeping)
        return;
    const auto shortest = std::min({options.idleTimeout, options.requestTimeout, options.writeTimeout});
    m_sweep.expires_after(std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1'000)));
    m_sweep.async_wait([self = shared_from_this()](const ErrorCode &error) {
        if (error)
            return;
        const Instant now = self->clock.now();
        const std::vector<std::shared_ptr<Connection>> all(self->connections.begin(), self->connections.end());
        for (const auto &connection : all)
            connection->checkTime(now);
        self->sweep();
    });
}

void GatewayState::remove(const std::shared_ptr<Connection> &connection)
{
    connections.erase(connection);
    if (stopping && connections.empty())
        finishStop();
}

void GatewayState::stop(std::function<void()> done)
{
    stopping = true;
    m_stopped = std::move(done);
    ErrorCode ignored;
    m_acceptor.close(ignored);
    m_pause.cancel();
    const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
    for (const auto &connection : all)
        connection->finish();
    if (connections.empty()) {
        finishStop();
        return;
    }
    m_stopping.expires_after(options.stopTimeout);
    m_stopping.async_wait([self = shared_from_this()](const ErrorCode &error) {
        if (error)
            return;
        const std::vector<std::shared_ptr<Connection>> rest(self->connections.begin(), self->connections.end());
        for (const auto &connection : rest)
            connection->close();
    });
}

void GatewayState::finishStop()
{
    m_stopping.cancel();
    m_sweep.cancel();
    if (const auto done = std::exchange(m_stopped, nullptr))
        done();
}

void GatewayState::closeAll()
{
    m_stopped = nullptr;
    ErrorCode ignored;
    m_acceptor.close(ignored);
    m_pause.cancel();
    m_sweep.cancel();
    m_stopping.cancel();
    const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
    for (const auto &connection : all)
        connection->close();
}

} // namespace kiln
