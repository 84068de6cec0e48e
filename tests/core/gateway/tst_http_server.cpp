// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/gateway/http_server.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <arpa/inet.h>
#include <atomic>
#include <dirent.h>
#include <future>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <thread>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

/// Answers requests some time later, as a dispatcher does; what with is the test's matter.
class AnsweringSink final : public EventSink
{
public:
    explicit AnsweringSink(boost::asio::io_context &io)
        : m_io(io)
    {}

    std::function<std::string(const Event &)> handler = [](const Event &) { return "\"ok\""; };
    Outcome outcome = Outcome::Ok;
    std::chrono::milliseconds delay{0};
    bool atOnce = false;
    std::atomic<int> requests = 0;
    std::atomic<int> answered = 0;
    Target last;

    void emit(Target, Event, std::function<void(Result<>)>) override {}

    void request(Target target, Event event, std::function<void(Result<InvocationPtr>)> done) override
    {
        ++requests;
        last = std::move(target);
        auto invocation = std::make_shared<Invocation>();
        invocation->id = Uuid::next(event.time);
        invocation->outcome = outcome;
        invocation->response = payload(handler(event));
        auto finish = [this, invocation, done = std::move(done)] {
            ++answered;
            done(InvocationPtr(invocation));
        };
        if (atOnce) {
            finish();
            return;
        }
        if (delay == 0ms) {
            boost::asio::post(m_io, std::move(finish));
            return;
        }
        auto timer = std::make_shared<boost::asio::steady_timer>(m_io, delay);
        timer->async_wait([timer, finish = std::move(finish)](const boost::system::error_code &) { finish(); });
    }

private:
    boost::asio::io_context &m_io;
};

HttpServer::Options anyPort()
{
    HttpServer::Options options;
    options.listen.port = 0;
    return options;
}

std::vector<Route> routes()
{
    return {{"echo", 0, HttpTrigger{"ANY", "/echo/{path+}"}},
            {"hello", 0, HttpTrigger{"GET", "/hello"}},
            {"checkout", 0, UrlTrigger{}}};
}

/// A server on a thread of its own, as in the engine.
class Bench
{
public:
    explicit Bench(HttpServer::Options options = anyPort())
    {
        auto started = HttpServer::start(io, std::move(options), sink, clock);
        if (!started)
            qFatal("%s", started.error().text().c_str());
        server = std::move(*started);
        if (!server->setRoutes(routes()).empty())
            qFatal("routes collide");
        port = server->address().port;
        m_thread = std::thread([this] { io.run(); });
    }
    ~Bench()
    {
        run([this] { server.reset(); });
        m_work.reset();
        io.stop();
        m_thread.join();
    }

    /// Does something on the server's thread and waits for it. Nothing of it is on this stack, where the thread
    /// sanitizer remembers what was before a program was started.
    void run(std::function<void()> action)
    {
        auto done = std::make_shared<std::promise<void>>();
        boost::asio::post(io, [action = std::move(action), done] {
            action();
            done->set_value();
        });
        done->get_future().wait();
    }

    std::size_t connections()
    {
        std::size_t count = 0;
        run([&] { count = server->connections(); });
        return count;
    }

    [[nodiscard]] QString url(const char *path) const
    {
        return QStringLiteral("http://127.0.0.1:%1%2").arg(port).arg(QLatin1String(path));
    }

    boost::asio::io_context io{1};
    SystemClock clock;
    AnsweringSink sink{io};
    std::unique_ptr<HttpServer> server;
    std::uint16_t port = 0;

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work{io.get_executor()};
    std::thread m_thread;
};

/// A plain socket to the server. Each wait is bounded, so that a server that hangs fails the test.
class Client
{
public:
    explicit Client(std::uint16_t port)
        : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(m_fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
            qFatal("connect: %s", std::strerror(errno));
    }

    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t count = ::send(m_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0)
                return false;
            bytes.remove_prefix(std::size_t(count));
        }
        return true;
    }

    void endSending() { ::shutdown(m_fd.get(), SHUT_WR); }
    void reset() { m_fd.reset(); }

    /// What comes until the text has been seen `times` times or the server closes.
    std::string until(std::string_view text, int times = 1)
    {
        int seen = 0;
        std::size_t from = 0;
        while (true) {
            for (std::size_t at = m_in.find(text, from); at != std::string::npos; at = m_in.find(text, from)) {
                from = at + text.size();
                if (++seen == times) {
                    std::string taken = m_in.substr(0, from);
                    m_in.erase(0, from);
                    return taken;
                }
            }
            if (!read())
                return std::exchange(m_in, {});
        }
    }

    /// All that comes until the server closes.
    std::string all()
    {
        while (read()) {
        }
        return std::exchange(m_in, {});
    }

    bool closed = false; ///< The server has closed; false after a wait in vain.

private:
    bool read()
    {
        pollfd waiting{m_fd.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 10'000) != 1)
            return false;
        char bytes[65536];
        const ssize_t count = ::recv(m_fd.get(), bytes, sizeof bytes, 0);
        closed = count <= 0;
        if (!closed)
            m_in.append(bytes, std::size_t(count));
        return !closed;
    }

    UniqueFd m_fd;
    std::string m_in;
};

int openDescriptors()
{
    int count = 0;
    DIR *folder = ::opendir("/proc/self/fd");
    while (::readdir(folder) != nullptr)
        ++count;
    ::closedir(folder);
    return count;
}

QByteArray curl(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral("curl"),
                  QStringList{QStringLiteral("-sS"), QStringLiteral("--max-time"), QStringLiteral("20")} + arguments);
    if (!process.waitForFinished(30'000))
        return "curl did not end";
    return process.readAllStandardOutput() + process.readAllStandardError();
}

QStringList words(const char *text) { return QString::fromUtf8(text).split(QLatin1Char(' ')); }

/// Gives the event back as the response's body, so that a test sees what the handler would.
std::string eventBack(const Event &event) { return *event.data; }

const std::string hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

} // namespace

class tst_HttpServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void curlGetsAnAnswer()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("curl")).isEmpty())
            QSKIP("curl is not installed");
        Bench bench;
        bench.run([&] {
            bench.sink.handler = [](const Event &) {
                return R"({"statusCode":201,"headers":{"X-Shop":"open"},"cookies":["a=1"],"body":"made\n"})";
            };
        });
        const QByteArray answer = curl(words("-i -X POST -d x=1") << bench.url("/echo/a"));
        QVERIFY2(answer.startsWith("HTTP/1.1 201 Created\r\n"), answer);
        for (const char *part : {"\r\nX-Shop: open\r\n", "\r\nset-cookie: a=1\r\n", "\r\nx-kiln-invocation-id: ",
                                 "\r\nx-amzn-requestid: ", "\r\ncontent-length: 5\r\n", "\r\n\r\nmade\n"})
            QVERIFY2(answer.contains(part), answer);
        QCOMPARE(bench.sink.last.function, std::string("echo"));
        QCOMPARE(bench.sink.last.triggerKind, std::string("http"));
    }

    void theHandlerSeesTheRequest()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("curl")).isEmpty())
            QSKIP("curl is not installed");
        Bench bench;
        bench.run([&] { bench.sink.handler = eventBack; });
        const QByteArray event =
            curl(words("-H X-Twice:1 -H X-Twice:2 -b k=v;l=w -H content-type:application/json -d {}")
                 << bench.url("/fn/checkout/a%2Fb/?q=1&q=2"));
        for (const char *part : {R"("rawPath":"/a%2Fb/")", R"("routeKey":"$default")", R"("rawQueryString":"q=1&q=2")",
                                 R"("x-twice":"1,2")", R"("cookies":["k=v","l=w"])", R"("method":"POST")",
                                 R"("sourceIp":"127.0.0.1")", R"("body":"{}")", R"("isBase64Encoded":false)"})
            QVERIFY2(event.contains(part), event);
        QCOMPARE(bench.sink.last.triggerKind, std::string("url"));
    }

    void bytesSurviveBothWays()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("curl")).isEmpty())
            QSKIP("curl is not installed");
        Bench bench;
        // Takes the base64 of the event's body into the response as it is.
        bench.run([&] {
            bench.sink.handler = [](const Event &event) {
                const std::size_t begin = event.data->find("\"body\":\"");
                const std::size_t end = event.data->find('"', begin + 8);
                const std::string body = event.data->substr(begin + 8, end - begin - 8);
                return R"({"statusCode":200,"headers":{"content-type":"application/octet-stream"},"body":")" + body +
                       R"(","isBase64Encoded":true})";
            };
        });
        QTemporaryDir folder;
        QByteArray bytes(3'000'000, Qt::Uninitialized);
        std::mt19937 random(1);
        for (char &byte : bytes)
            byte = char(random());
        QFile file(folder.filePath(QStringLiteral("in")));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
        file.close();
        // Over a megabyte curl asks first (Expect: 100-continue).
        const QStringList common = words("-H content-type:application/octet-stream --data-binary")
                                   << QStringLiteral("@") + file.fileName() << bench.url("/echo/x");
        QCOMPARE(curl(common).size(), bytes.size());
        QVERIFY(curl(common) == bytes);
        QVERIFY(curl(QStringList(common) << words("-H transfer-encoding:chunked")) == bytes);
    }

    void twentyAtOnceAreAllAnswered()
    {
        Bench bench;
        bench.run([&] { bench.sink.delay = 5ms; });
        std::atomic<int> good = 0;
        std::vector<std::thread> clients;
        for (int i = 0; i < 20; ++i) {
            clients.emplace_back([&] {
                Client client(bench.port);
                for (int k = 0; k < 10; ++k) {
                    client.send(hello);
                    if (client.until("\r\n\r\nok").starts_with("HTTP/1.1 200 OK\r\n"))
                        ++good;
                }
            });
        }
        for (std::thread &client : clients)
            client.join();
        QCOMPARE(good.load(), 200);
        QCOMPARE(bench.sink.requests.load(), 200);
    }

    void pipelinedRequestsAreAnsweredInOrder()
    {
        Bench bench;
        for (const bool atOnce : {false, true}) {
            bench.run([&] {
                bench.sink.atOnce = atOnce;
                bench.sink.handler = [](const Event &event) { return "\"<" + event.subject + ">\""; };
            });
            std::string requests;
            for (int i = 0; i < 2'000; ++i)
                requests += "GET /echo/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
            Client client(bench.port);
            std::thread sender([&] { client.send(requests); });
            const std::string answers = client.until("<GET /echo/1999>");
            sender.join();
            std::size_t at = 0;
            for (int i = 0; i < 2'000; ++i) {
                at = answers.find("<GET /echo/" + std::to_string(i) + ">", at);
                QVERIFY(at != std::string::npos);
            }
        }
    }

    void aHalfClosedClientIsAnswered()
    {
        Bench bench;
        bench.run([&] { bench.sink.delay = 20ms; });
        Client client(bench.port);
        client.send(hello);
        client.endSending();
        QVERIFY(client.all().ends_with("\r\n\r\nok"));
        QVERIFY(client.closed);
        Client half(bench.port);
        half.send("GET /hello HTTP/1.1\r\nHo");
        half.endSending();
        QCOMPARE(half.all(), std::string());
        QVERIFY(half.closed);
    }

    void connectionsCloseWhenAsked()
    {
        Bench bench;
        Client asked(bench.port);
        asked.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        QVERIFY(asked.all().find("\r\nconnection: close\r\n") != std::string::npos);
        QVERIFY(asked.closed);
        Client old(bench.port);
        old.send("GET /hello HTTP/1.0\r\n\r\n");
        QVERIFY(old.all().ends_with("\r\n\r\nok"));
        QVERIFY(old.closed);
    }

    void headTellsTheLengthAndSendsNothing()
    {
        Bench bench;
        Client client(bench.port);
        client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + hello);
        const std::string answers = client.until("\r\n\r\nok");
        QCOMPARE(answers.find("content-length: 2\r\n"), answers.find("content-length: 2\r\n\r\nHTTP/1.1 200"));
    }

    void malformedRequestsAreRefusedAndTheConnectionClosed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        QTest::newRow("no host") << QByteArray("GET / HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("both lengths") << QByteArray("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                                                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                                      << 400;
        QTest::newRow("folded") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n") << 400;
        QTest::newRow("chunk") << QByteArray(
                                      "POST /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
                               << 400;
        QTest::newRow("huge header") << "GET / HTTP/1.1\r\nHost: a\r\nX: " + QByteArray(100'000, 'x') << 431;
        QTest::newRow("huge body") << QByteArray("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n") +
                                          QByteArray(3'000'000, 'x')
                                   << 413;
        QTest::newRow("huge chunks") << QByteArray(
                                            "POST /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                            "600001\r\n")
                                     << 413;
    }
    void malformedRequestsAreRefusedAndTheConnectionClosed()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        Bench bench;
        Client client(bench.port);
        // What follows must not be taken for a request.
        client.send(bytes.toStdString() + "\r\n\r\n" + hello);
        client.endSending();
        const std::string answer = client.all();
        QVERIFY2(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " "), answer.c_str());
        QVERIFY(answer.find("\r\nconnection: close\r\n") != std::string::npos);
        QVERIFY(answer.find("{\"message\":\"") != std::string::npos);
        QCOMPARE(answer.find("HTTP/1.1", 1), std::string::npos);
        QVERIFY(client.closed);
        QCOMPARE(bench.sink.requests.load(), 0);
    }

    void unknownRoutesNameWhatWasAsked()
    {
        Bench bench;
        Client client(bench.port);
        client.send("GET /nowhere?x HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::string unknown = client.until("}");
        QVERIFY2(unknown.starts_with("HTTP/1.1 404 Not Found\r\n"), unknown.c_str());
        QVERIFY2(unknown.ends_with("{\"message\":\"no route for GET /nowhere\"}"), unknown.c_str());
        client.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::string wrong = client.until("}");
        QVERIFY2(wrong.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), wrong.c_str());
        QVERIFY2(wrong.find("\r\nallow: GET, HEAD\r\n") != std::string::npos, wrong.c_str());
        client.send("GET /echo/../x HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(client.until("}").starts_with("HTTP/1.1 400 "));
        client.send("GET /_kiln/health HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(client.until("}").ends_with("{\"status\":\"ok\"}"));
        QCOMPARE(bench.sink.requests.load(), 0);
    }

    void newRoutesHoldFromTheNextRequestOn()
    {
        Bench bench;
        Client client(bench.port);
        client.send(hello);
        QVERIFY(client.until("\r\n\r\nok").starts_with("HTTP/1.1 200 "));
        bench.run([&] { bench.server->setRoutes({}); });
        client.send(hello);
        QVERIFY(client.until("}").starts_with("HTTP/1.1 404 "));
    }

    void slowSendersAreCutOff()
    {
        HttpServer::Options options = anyPort();
        options.requestTimeout = 100ms;
        options.idleTimeout = 100ms;
        Bench bench(options);
        Client slow(bench.port);
        slow.send("GET /hello HTTP/1.1\r\nHost: a\r\n");
        const std::string answer = slow.all();
        QVERIFY2(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), answer.c_str());
        QVERIFY(slow.closed);
        Client dripping(bench.port);
        dripping.send("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        QElapsedTimer watch;
        watch.start();
        while (dripping.send("x") && watch.elapsed() < 20'000)
            QTest::qWait(5);
        QVERIFY(watch.elapsed() < 20'000);
        Client idle(bench.port);
        QCOMPARE(idle.all(), std::string());
        QVERIFY(idle.closed);
        QTRY_COMPARE(bench.connections(), std::size_t(0));
    }

    void aSlowAnswerIsNotCutOff()
    {
        HttpServer::Options options = anyPort();
        options.requestTimeout = options.idleTimeout = options.writeTimeout = 50ms;
        Bench bench(options);
        bench.run([&] { bench.sink.delay = 300ms; });
        Client client(bench.port);
        client.send(hello);
        QVERIFY(client.until("\r\n\r\nok").starts_with("HTTP/1.1 200 "));
    }

    void aClientThatTakesNothingIsCutOff()
    {
        HttpServer::Options options = anyPort();
        options.writeTimeout = 100ms;
        Bench bench(options);
        bench.run(
            [&] { bench.sink.handler = [](const Event &) { return "\"" + std::string(6'000'000, 'x') + "\""; }; });
        Client client(bench.port);
        client.send(hello + hello + hello);
        QTRY_COMPARE_WITH_TIMEOUT(bench.connections(), std::size_t(0), 10'000);
    }

    void anInvocationOutlastsItsClient()
    {
        Bench bench;
        bench.run([&] { bench.sink.delay = 50ms; });
        const int before = openDescriptors();
        for (int i = 0; i < 50; ++i) {
            Client client(bench.port);
            client.send(hello);
            client.reset();
        }
        QTRY_COMPARE(bench.sink.answered.load(), 50);
        QTRY_COMPARE(bench.connections(), std::size_t(0));
        QCOMPARE(openDescriptors(), before);
    }

    void tooManyConnectionsAreRefused()
    {
        HttpServer::Options options = anyPort();
        options.maxConnections = 2;
        Bench bench(options);
        Client one(bench.port);
        Client two(bench.port);
        one.send(hello);
        two.send(hello);
        QVERIFY(!one.until("ok").empty());
        QVERIFY(!two.until("ok").empty());
        Client three(bench.port);
        QVERIFY(three.all().starts_with("HTTP/1.1 503 "));
        one.reset();
        QTRY_COMPARE(bench.connections(), std::size_t(1));
        Client four(bench.port);
        four.send(hello);
        QVERIFY(four.until("ok").starts_with("HTTP/1.1 200 "));
    }

    void aPortInUseIsToldWithItsRemedy()
    {
        Bench bench;
        HttpServer::Options options;
        options.listen.port = bench.port;
        boost::asio::io_context io;
        AnsweringSink sink(io);
        const auto second = HttpServer::start(io, options, sink, bench.clock);
        QVERIFY(!second);
        QCOMPARE(int(second.error().code), int(Error::Code::Busy));
        QCOMPARE(second.error().place, "127.0.0.1:" + std::to_string(bench.port));
        QVERIFY(second.error().remedy.find("--listen") != std::string::npos);
        options.listen = {"192.0.2.1", 0};
        QVERIFY(!HttpServer::start(io, options, sink, bench.clock));
        options.listen = {"example.org", 0};
        QCOMPARE(int(HttpServer::start(io, options, sink, bench.clock).error().code),
                 int(Error::Code::InvalidArgument));
    }

    void saysWhereItListens()
    {
        Bench bench;
        QVERIFY(bench.server->isLoopback());
        QVERIFY(bench.server->address().port != 0);
        boost::asio::io_context io;
        AnsweringSink sink(io);
        for (const char *host : {"::1", "localhost"}) {
            const auto server = HttpServer::start(io, {.listen = {host, 0}}, sink, bench.clock);
            if (!server && std::string_view(host) == "::1")
                continue; // this machine has no IPv6
            QVERIFY2(server, host);
            QVERIFY((*server)->isLoopback());
        }
        const auto open = HttpServer::start(io, {.listen = {"0.0.0.0", 0}}, sink, bench.clock);
        QVERIFY(open && !(*open)->isLoopback());
    }

    void stoppingLetsRunningRequestsFinish()
    {
        Bench bench;
        bench.run([&] { bench.sink.delay = 100ms; });
        Client idle(bench.port);
        Client busy(bench.port);
        busy.send(hello);
        QTRY_COMPARE(bench.sink.requests.load(), 1);
        std::promise<void> stopped;
        bench.run([&] { bench.server->stop([&] { stopped.set_value(); }); });
        QCOMPARE(idle.all(), std::string());
        QVERIFY(idle.closed);
        const std::string answer = busy.all();
        QVERIFY2(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok"), answer.c_str());
        QVERIFY(answer.find("\r\nconnection: close\r\n") != std::string::npos);
        busy.reset();
        QVERIFY(stopped.get_future().wait_for(10s) == std::future_status::ready);
        QCOMPARE(bench.connections(), std::size_t(0));
    }

    void stoppingIsBounded()
    {
        HttpServer::Options options = anyPort();
        options.stopTimeout = 50ms;
        Bench bench(options);
        bench.run([&] { bench.sink.delay = 60s; });
        Client busy(bench.port);
        busy.send(hello);
        QTRY_COMPARE(bench.sink.requests.load(), 1);
        std::promise<void> stopped;
        bench.run([&] { bench.server->stop([&] { stopped.set_value(); }); });
        QVERIFY(stopped.get_future().wait_for(10s) == std::future_status::ready);
        QCOMPARE(busy.all(), std::string());
        QVERIFY(busy.closed);
    }

    void answersThatComeAfterTheEndAreDropped()
    {
        boost::asio::io_context io;
        SystemClock clock;
        AnsweringSink sink(io);
        sink.delay = 50ms;
        auto server = HttpServer::start(io, anyPort(), sink, clock);
        (*server)->setRoutes(routes());
        Client client((*server)->address().port);
        client.send(hello);
        while (sink.requests == 0)
            io.run_one();
        server->reset();
        io.run(); // the answer comes here
        QCOMPARE(sink.answered.load(), 1);
        QCOMPARE(client.all(), std::string());
    }

    void garbageHurtsNobody()
    {
        Bench bench;
        std::atomic<bool> over = false;
        std::atomic<int> sent = 0;
        std::vector<std::thread> vandals;
        for (unsigned seed = 0; seed < 3; ++seed) {
            vandals.emplace_back([&, seed] {
                std::mt19937 random(seed);
                while (!over) {
                    Client client(bench.port);
                    std::string bytes = "POST /echo/%2F?x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                                        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" +
                                        hello;
                    for (auto changes = random() % 8; changes > 0; --changes)
                        bytes[random() % bytes.size()] = char(random());
                    if (random() % 4 == 0) {
                        for (char &byte : bytes)
                            byte = char(random());
                    }
                    client.send(bytes.substr(0, random() % bytes.size()));
                    if (random() % 2 == 0) {
                        client.endSending();
                        client.all();
                    }
                    ++sent;
                }
            });
        }
        QElapsedTimer watch;
        watch.start();
        int good = 0;
        int asked = 0;
        while (watch.elapsed() < 1'000) {
            Client client(bench.port);
            client.send(hello);
            ++asked;
            good += client.until("\r\n\r\nok").starts_with("HTTP/1.1 200 ") ? 1 : 0;
        }
        over = true;
        for (std::thread &vandal : vandals)
            vandal.join();
        qInfo("%d good requests beside %d of garbage", good, sent.load());
        QCOMPARE(good, asked);
        QVERIFY(good > 0 && sent > 0);
    }
};

QTEST_GUILESS_MAIN(tst_HttpServer)
#include "tst_http_server.moc"
