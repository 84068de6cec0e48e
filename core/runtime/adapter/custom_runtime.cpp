// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/custom_runtime.h"

#include "core/runtime/adapter/child_process.h"
#include "core/runtime/adapter/told_error.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace kiln::adapter {

namespace {

constexpr std::uint16_t port = 9001; ///< AWS Lambda's.
constexpr const char *address = "127.0.0.1:9001";
/// A runtime client has one or two for each event that it takes at once; more wait to be accepted.
constexpr std::size_t connectionsBeside = 64;
/// As many descriptors as a process may have, but for a few.
constexpr std::size_t mostConnections = 1'000;
constexpr int lastReads = 16; ///< Rounds after the bootstrap's end, for what it sent just before.

} // namespace

CustomRuntime::CustomRuntime(EngineChannel &channel, InitMessage init)
    : m_channel(channel)
    , m_init(std::move(init))
    , m_api(toEngine(), {.arn = m_init.arn, .responseLimit = m_init.responseLimit, .atOnce = m_init.perWorker})
{}

RuntimeApi::Engine CustomRuntime::toEngine()
{
    return {.ready = [this] { m_channel.send(FrameType::Ready); },
            .initError = [this](std::string body) { m_initError = std::move(body); },
            .result =
                [this](std::uint64_t serial, const std::string &response) {
                    if (response.size() > m_init.responseLimit)
                        m_channel.send(FrameType::Result, serial, {}, frameTooLarge);
                    else
                        m_channel.send(FrameType::Result, serial, response);
                },
            .resultTooLarge =
                [this](std::uint64_t serial) { m_channel.send(FrameType::Result, serial, {}, frameTooLarge); },
            .failure = [this](std::uint64_t serial,
                              const std::string &body) { m_channel.send(FrameType::Failure, serial, body); }};
}

void CustomRuntime::run()
{
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, nullptr);
    m_childEnded.reset(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    listen();
    startBootstrap();
    while (true)
        turn();
}

void CustomRuntime::refuse(std::string_view type, const std::string &message)
{
    m_channel.send(FrameType::InitError, 0, errorBody(type, message));
    ::_exit(EXIT_FAILURE);
}

void CustomRuntime::listen()
{
    m_listener.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(port);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!m_childEnded || !m_listener || ::bind(m_listener.get(), reinterpret_cast<sockaddr *>(&own), sizeof own) != 0 ||
        ::listen(m_listener.get(), SOMAXCONN) != 0)
        refuse("Runtime.NoApi",
               std::string("The Runtime API cannot listen on ") + address + ": " + std::strerror(errno));
}

void CustomRuntime::startBootstrap()
{
    Program bootstrap{.path = m_init.code + "/bootstrap", .folder = m_init.code, .environment = m_init.environment};
    bootstrap.environment["AWS_LAMBDA_RUNTIME_API"] = address;
    bootstrap.environment.emplace("LD_LIBRARY_PATH", m_init.code + ":" + m_init.code + "/lib:/opt/lib");
    const Started started = start(bootstrap);
    if (started.pid < 0)
        refuse("Runtime.InvalidEntrypoint", whyNotStarted(bootstrap, started.error));
    m_bootstrap = started.pid;
}

void CustomRuntime::turn()
{
    std::vector<pollfd> watched{{m_channel.fd(), POLLIN, 0}, {m_childEnded.get(), POLLIN, 0}};
    const bool mayAccept = m_connections.size() < std::min(m_init.perWorker + connectionsBeside, mostConnections);
    watched.push_back({mayAccept ? m_listener.get() : -1, POLLIN, 0});
    const std::size_t first = watched.size(), count = m_connections.size();
    for (const auto &connection : m_connections)
        watched.push_back({connection->fd(), connection->events(), 0});
    if (::poll(watched.data(), watched.size(), -1) < 0)
        return;

    for (std::size_t i = 0; i < count; ++i) {
        if (watched[first + i].revents != 0)
            m_connections[i]->onReady(watched[first + i].revents);
    }
    if (m_initError)
        m_channel.send(FrameType::InitError, 0, *std::exchange(m_initError, std::nullopt));
    if (watched[0].revents != 0)
        takeEvents();
    giveEvents();
    if (watched[2].revents != 0)
        accept();
    std::erase_if(m_connections, [](const auto &connection) { return connection->isOver(); });
    if (watched[1].revents != 0)
        endIfBootstrapDid();
}

void CustomRuntime::accept()
{
    const int fd = ::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    m_connections.push_back(
        std::make_unique<ApiConnection>(UniqueFd(fd), m_api, ApiRequestReader::Limits{.body = m_init.responseLimit}));
}

void CustomRuntime::takeEvents()
{
    while (auto frame = m_channel.receiveNow()) {
        auto invocation = readInvoke(std::move(*frame));
        if (!invocation)
            ::_exit(EXIT_FAILURE);
        m_api.offer(std::move(*invocation));
    }
}

/// To the client that has waited longest.
void CustomRuntime::giveEvents()
{
    for (const auto &connection : m_connections) {
        if (!connection->isWaiting() || connection->isOver())
            continue;
        const auto event = m_api.eventForWaiting();
        if (!event)
            return;
        connection->giveEvent(*event);
    }
}

void CustomRuntime::endIfBootstrapDid()
{
    signalfd_siginfo info{};
    (void)!::read(m_childEnded.get(), &info, sizeof info);
    int status = 0;
    if (::waitpid(m_bootstrap, &status, WNOHANG) != m_bootstrap)
        return;
    m_bootstrap = -1;
    // An answer that it sent just before its end counts.
    for (int round = 0; round < lastReads; ++round) {
        accept();
        for (const auto &connection : m_connections) {
            if (!connection->isOver())
                connection->onReady(connection->events() == POLLIN ? POLLIN : 0);
        }
    }
    if (m_initError)
        m_channel.send(FrameType::InitError, 0, *m_initError);
    endAs(status);
}

} // namespace kiln::adapter
