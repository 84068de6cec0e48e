// SPDX-License-Identifier: GPL-3.0-or-later
// An HTTP client that measures, for tests/bench/comparison: one request after the other, the first request to each of
// many paths, and as many as a number of connections bring through. Each answer must have status 200 and hold the word
// that the request sent.
#include "tests/bench/http_connection.h"
#include "tests/bench/series.h"
#include "tests/bench/turns.h"

#include <sys/epoll.h>
#include <thread>

using namespace kiln;
using namespace kiln::test;

namespace {

constexpr int uncounted = 50; ///< Requests before each turn, until caches and branches know the way again.

/// "latency PORT PATH COUNT": one connection, one request at a time.
Samples latency(const TurnWords &words)
{
    const Result<int> port = countAt(words, 1), count = countAt(words, 3);
    if (!port || !count)
        return tl::make_unexpected(port ? count.error() : port.error());
    HttpConnection connection(*port);
    const std::string request = HttpConnection::requestTo(words[2]);
    std::vector<Sample> samples;
    for (int i = -uncounted; i < *count; ++i) {
        Result<> answered;
        const auto took = timed([&] { answered = connection.exchange(request); });
        if (!answered)
            return tl::make_unexpected(answered.error());
        if (i >= 0)
            samples.push_back(Sample::of(took));
    }
    return samples;
}

/// "each PORT PREFIX FROM COUNT PAUSE": a request to each of PREFIX<FROM>, PREFIX<FROM + 1> …, PAUSE ms before each;
/// labelled with its path.
Samples each(const TurnWords &words)
{
    const Result<int> port = countAt(words, 1), from = countAt(words, 3), count = countAt(words, 4),
                      pause = countAt(words, 5);
    if (!port || !from || !count || !pause)
        return fail(Error::Code::InvalidArgument, "each PORT PREFIX FROM COUNT PAUSE is wanted");
    HttpConnection connection(*port);
    std::vector<Sample> samples;
    for (int i = *from; i < *from + *count; ++i) {
        const std::string path = words[2] + std::to_string(i);
        const std::string request = HttpConnection::requestTo(path);
        std::this_thread::sleep_for(std::chrono::milliseconds(*pause));
        Result<> answered;
        const auto took = timed([&] { answered = connection.exchange(request); });
        if (!answered)
            return tl::make_unexpected(answered.error());
        samples.push_back(Sample::of(took, path));
    }
    return samples;
}

/// "load PORT PATH CONNECTIONS MILLISECONDS": a request on each connection as soon as the one before is answered.
/// One sample: answers per second, labelled with how many there were altogether.
Samples load(const TurnWords &words)
{
    const Result<int> port = countAt(words, 1), width = countAt(words, 3), span = countAt(words, 4);
    if (!port || !width || !span)
        return fail(Error::Code::InvalidArgument, "load PORT PATH CONNECTIONS MILLISECONDS is wanted");
    const std::string request = HttpConnection::requestTo(words[2]);
    const UniqueFd poll(::epoll_create1(EPOLL_CLOEXEC));
    std::vector<HttpConnection> connections;
    for (int i = 0; i < *width; ++i) {
        connections.emplace_back(*port);
        epoll_event event{.events = EPOLLIN, .data = {.u32 = std::uint32_t(i)}};
        if (::epoll_ctl(poll.get(), EPOLL_CTL_ADD, connections.back().socket(), &event) != 0)
            return fail(Error::Code::Io, "No connection", "port " + words[1]);
    }
    for (HttpConnection &connection : connections) {
        if (const Result<> sent = connection.send(request); !sent)
            return tl::make_unexpected(sent.error());
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto end = begin + std::chrono::milliseconds(*span);
    int running = *width, answered = 0, inTime = 0;
    while (running > 0) {
        epoll_event events[64];
        const int ready = ::epoll_wait(poll.get(), events, 64, 10'000);
        if (ready <= 0)
            return fail(Error::Code::Io, "No answer for ten seconds", "port " + words[1]);
        const bool over = std::chrono::steady_clock::now() >= end;
        for (int i = 0; i < ready; ++i) {
            HttpConnection &connection = connections[events[i].data.u32];
            const Result<bool> whole = connection.receive();
            if (!whole)
                return tl::make_unexpected(whole.error());
            if (!*whole)
                continue;
            ++answered;
            inTime += over ? 0 : 1;
            if (over) {
                --running;
            } else if (const Result<> sent = connection.send(request); !sent) {
                return tl::make_unexpected(sent.error());
            }
        }
    }
    return std::vector<Sample>{{inTime * 1000.0 / *span, std::to_string(answered)}};
}

} // namespace

int main()
{
    takeTurns({{"latency", latency}, {"each", each}, {"load", load}});
    return 0;
}
