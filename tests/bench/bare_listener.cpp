// SPDX-License-Identifier: GPL-3.0-or-later
// The floor under a warm invocation over HTTP: a listener that does nothing but the hop to an interpreter on the other
// end of a socketpair and back; no sandbox, no record, no limit. `bare_listener python|node WORKERS` prints the port it
// listens on and ends with its standard input.
#include "tests/bench/bare_worker.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace kiln;
using namespace kiln::test;

namespace {

class Listener
{
public:
    Listener(Language language, int workers);
    void run();

private:
    struct Worker
    {
        std::unique_ptr<BareWorker> process;
        int client = -1; ///< Who waits for its answer.
    };
    struct Request
    {
        int client;
        std::string body;
    };

    void watch(int fd);
    void accept();
    void readClient(int client);
    void readWorker(Worker &worker);
    void lend();

    UniqueFd m_poll{::epoll_create1(EPOLL_CLOEXEC)};
    UniqueFd m_listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::vector<Worker> m_workers;
    std::map<int, std::string> m_clients; ///< What has come of a request, by socket.
    std::deque<Request> m_waiting;
};

[[noreturn]] void die(const char *what)
{
    std::perror(what);
    std::exit(1);
}

Listener::Listener(Language language, int workers)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto *const place = reinterpret_cast<sockaddr *>(&address);
    socklen_t size = sizeof address;
    if (::bind(m_listener.get(), place, size) != 0 || ::listen(m_listener.get(), 512) != 0 ||
        ::getsockname(m_listener.get(), place, &size) != 0)
        die("bare_listener: listen");
    for (int i = 0; i < workers; ++i) {
        m_workers.push_back({.process = std::make_unique<BareWorker>(language), .client = -1});
        if (!m_workers.back().process->roundTrip())
            die("bare_listener: the interpreter does not answer");
        watch(m_workers.back().process->channel());
    }
    watch(m_listener.get());
    watch(STDIN_FILENO);
    std::printf("listening on %d\n", ntohs(address.sin_port));
    std::fflush(stdout);
}

void Listener::watch(int fd)
{
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (::epoll_ctl(m_poll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        die("bare_listener: epoll_ctl");
}

void Listener::accept()
{
    const int client = ::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
        return;
    const int on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    m_clients[client].clear();
    watch(client);
}

void Listener::readClient(int client)
{
    char bytes[65'536];
    const ssize_t count = ::recv(client, bytes, sizeof bytes, 0);
    if (count <= 0) {
        m_clients.erase(client);
        ::close(client);
        return;
    }
    std::string &text = m_clients[client];
    text.append(bytes, std::size_t(count));
    const std::size_t head = text.find("\r\n\r\n");
    const std::size_t length = text.find("Content-Length: ");
    if (head == std::string::npos || length > head ||
        text.size() < head + 4 + std::strtoul(text.c_str() + length + 16, nullptr, 10))
        return;
    m_waiting.push_back({client, text.substr(head + 4)});
    text.clear();
    lend();
}

void Listener::readWorker(Worker &worker)
{
    char bytes[65'536];
    const ssize_t count = ::recv(worker.process->channel(), bytes, sizeof bytes, 0);
    if (count < ssize_t(BareWorker::answerHead))
        die("bare_listener: the interpreter ended");
    const std::string_view body(bytes + BareWorker::answerHead, std::size_t(count) - BareWorker::answerHead);
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    answer.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    if (m_clients.contains(worker.client))
        static_cast<void>(::send(worker.client, answer.data(), answer.size(), MSG_NOSIGNAL));
    worker.client = -1;
    lend();
}

void Listener::lend()
{
    for (Worker &worker : m_workers) {
        if (m_waiting.empty())
            return;
        if (worker.client >= 0)
            continue;
        const std::string request = BareWorker::requestOf(m_waiting.front().body);
        if (::send(worker.process->channel(), request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
            die("bare_listener: the interpreter ended");
        worker.client = m_waiting.front().client;
        m_waiting.pop_front();
    }
}

void Listener::run()
{
    for (;;) {
        epoll_event events[64];
        const int ready = ::epoll_wait(m_poll.get(), events, 64, -1);
        for (int i = 0; i < ready; ++i) {
            const int fd = events[i].data.fd;
            const auto worker = std::find_if(m_workers.begin(), m_workers.end(),
                                             [fd](const Worker &each) { return each.process->channel() == fd; });
            if (fd == STDIN_FILENO)
                return; // nothing is ever sent there
            else if (fd == m_listener.get())
                accept();
            else if (worker != m_workers.end())
                readWorker(*worker);
            else
                readClient(fd);
        }
    }
}

} // namespace

int main(int count, char **arguments)
{
    const std::string language = count > 1 ? arguments[1] : "";
    if (count != 3 || (language != "python" && language != "node")) {
        std::fputs("usage: bare_listener python|node WORKERS\n", stderr);
        return 2;
    }
    Listener(language == "python" ? Language::Python : Language::Node, std::atoi(arguments[2])).run();
    return 0;
}
