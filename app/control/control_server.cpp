// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/control/control_server.h"

#include "app/control/control_handler.h"
#include "app/control/control_socket.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <functional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace kiln {

namespace asio = boost::asio;
namespace json = boost::json;
using Socket = asio::local::stream_protocol::socket;

namespace {

constexpr std::size_t maxConnections = 64;
constexpr std::chrono::milliseconds acceptPause{100};

bool isThisUser(Socket &socket)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

/// One command's connection: a request at a time, each answered before the next is read.
///
/// The server owns it. A reply may come when the server is gone: it holds the connection and its loop weakly.
class Connection : public std::enable_shared_from_this<Connection>
{
public:
    Connection(std::weak_ptr<asio::io_context> context, Socket socket, ControlHandler &handler,
               std::function<void(Connection *)> closed)
        : m_context(std::move(context))
        , m_socket(std::move(socket))
        , m_handler(handler)
        , m_closed(std::move(closed))
    {}

    void readNext()
    {
        asio::async_read_until(
            m_socket, asio::dynamic_buffer(m_in, maxControlLine), '\n',
            [self = shared_from_this()](const boost::system::error_code &failed, std::size_t length) {
                failed ? self->m_closed(self.get()) : self->onLine(length);
            });
    }

private:
    void onLine(std::size_t length)
    {
        boost::system::error_code failed;
        const json::value request = json::parse(std::string_view(m_in).substr(0, length), failed);
        m_in.erase(0, length);
        if (failed || !request.is_object()) {
            m_closed(this); // no command of ours
            return;
        }
        m_handler.handle(request.get_object(),
                         [context = m_context, self = weak_from_this()](const json::object &reply) {
                             const std::shared_ptr<asio::io_context> running = context.lock();
                             if (!running)
                                 return;
                             asio::post(*running, [self, line = json::serialize(reply) + "\n"]() mutable {
                                 if (const auto connection = self.lock())
                                     connection->answer(std::move(line));
                             });
                         });
    }

    void answer(std::string line)
    {
        m_out = std::move(line);
        asio::async_write(m_socket, asio::buffer(m_out),
                          [self = shared_from_this()](const boost::system::error_code &failed, std::size_t) {
                              failed ? self->m_closed(self.get()) : self->readNext();
                          });
    }

    const std::weak_ptr<asio::io_context> m_context;
    Socket m_socket;
    ControlHandler &m_handler;
    const std::function<void(Connection *)> m_closed;
    std::string m_in;
    std::string m_out;
};

} // namespace

struct ControlServer::Impl
{
    Impl(Engine &engine, int descriptor, std::filesystem::path socketPath)
        : handler(engine)
        , acceptor(*context, asio::local::stream_protocol(), descriptor)
        , pause(*context)
        , path(std::move(socketPath))
    {}

    void acceptNext()
    {
        acceptor.async_accept([this](const boost::system::error_code &failed, Socket socket) {
            if (failed == asio::error::operation_aborted)
                return;
            if (failed) {
                pauseAccepting();
                return;
            }
            if (isThisUser(socket) && connections.size() < maxConnections)
                serve(std::move(socket));
            acceptNext();
        });
    }

    /// No descriptors or no memory: who connects waits in the kernel's queue until some are free.
    void pauseAccepting()
    {
        pause.expires_after(acceptPause);
        pause.async_wait([this](const boost::system::error_code &failed) {
            if (!failed)
                acceptNext();
        });
    }

    void serve(Socket socket)
    {
        const auto closed = [this](Connection *connection) {
            std::erase_if(connections, [&](const auto &open) { return open.get() == connection; });
        };
        connections.push_back(std::make_shared<Connection>(context, std::move(socket), handler, closed));
        connections.back()->readNext();
    }

    ControlHandler handler;
    std::shared_ptr<asio::io_context> context = std::make_shared<asio::io_context>(1);
    asio::local::stream_protocol::acceptor acceptor;
    asio::steady_timer pause;
    const std::filesystem::path path;
    std::vector<std::shared_ptr<Connection>> connections;
    std::thread thread;
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
    m_impl->acceptNext();
    m_impl->thread = std::thread([run = m_impl.get()] { run->context->run(); });
}

ControlServer::~ControlServer()
{
    m_impl->context->stop();
    m_impl->thread.join();
    ::unlink(m_impl->path.c_str());
}

Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::filesystem::path &workspace, Engine &engine)
{
    const std::filesystem::path path = workspace / ".kiln" / "control.sock";
    Result<ControlAddress> address = ControlAddress::of(workspace);
    if (!address)
        return tl::make_unexpected(address.error());
    ::unlink(path.c_str()); // left by an engine that was killed: the workspace's lock says that none runs
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!listener || ::fchmod(listener.get(), 0600) != 0 ||
        ::bind(listener.get(), address->raw(), sizeof address->address) != 0 || ::chmod(path.c_str(), 0600) != 0 ||
        ::listen(listener.get(), 16) != 0)
        return failErrno(Error::Code::Io, errno, "Cannot open the control socket, by which commands reach this engine",
                         path.string());
    return std::unique_ptr<ControlServer>(new ControlServer(std::make_unique<Impl>(engine, listener.release(), path)));
}

} // namespace kiln
