// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/egress.h"
#include "core/model/grant.h"
#include "tests/support/test_loop.h"

#include <QTest>

#include <arpa/inet.h>
#include <map>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

/// Answers what the test says, and counts.
class FakeNames final : public NameLookup
{
public:
    FakeNames(std::map<std::string, std::vector<std::vector<std::string>>> &answers, int &asked)
        : m_answers(answers)
        , m_asked(asked)
    {}
    void find(const std::string &name, Found found) override
    {
        ++m_asked;
        auto &turns = m_answers[name];
        std::vector<IpAddress> addresses;
        if (!turns.empty()) {
            for (const std::string &text : turns.front())
                addresses.push_back(IpAddress::parse(text).value());
            if (turns.size() > 1)
                turns.erase(turns.begin());
        }
        found(std::move(addresses));
    }

private:
    std::map<std::string, std::vector<std::vector<std::string>>> &m_answers;
    int &m_asked;
};

struct Listener
{
    UniqueFd socket;
    std::uint16_t port = 0;

    explicit Listener(int type = SOCK_STREAM)
        : socket(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(socket.get(), reinterpret_cast<sockaddr *>(&address), size) != 0 ||
            (type == SOCK_STREAM && ::listen(socket.get(), 64) != 0) ||
            ::getsockname(socket.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0)
            qFatal("no listener");
        port = ntohs(address.sin_port);
    }
};

UniqueFd connectTo(std::uint16_t port)
{
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(socket.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        qFatal("cannot connect");
    return socket;
}

} // namespace

/// The outside of one worker's doors, with real sockets on this machine's loopback: which is private, so what the tests
/// reach is granted by number, and what they don't is refused.
class tst_Gate : public QObject
{
    Q_OBJECT

    struct Bench
    {
        test::TestLoop loop;
        std::map<std::string, std::vector<std::vector<std::string>>> answers;
        int asked = 0;
        Listener server;
        Permissions permissions;
        Egress::Options options;
        std::unique_ptr<Egress> egress;
        std::unique_ptr<EgressGate> gate;
        std::uint16_t proxy = 0, direct = 0;
        std::vector<Egress::Ended> ended;

        Bench() { permissions.network = Permissions::Network::Hosts; }

        void grant(const std::string &text) { permissions.hosts.push_back(parseHostPort(text).value()); }
        std::string server4() const { return "127.0.0.1:" + std::to_string(server.port); }

        /// All doors at free ports of this machine; the direct one's is the server's in truth.
        void open()
        {
            options.names = std::make_unique<FakeNames>(answers, asked);
            options.ended = [this](const Egress::Ended &one) { ended.push_back(one); };
            egress = std::make_unique<Egress>(loop, std::move(options));
            gate = egress->gate(permissions);
            std::vector<UniqueFd> sockets;
            for (const EgressDoor &door : egressDoors(permissions)) {
                Listener at(door.use == EgressDoor::Use::Names ? SOCK_DGRAM : SOCK_STREAM);
                (door.use == EgressDoor::Use::Proxy ? proxy : direct) = at.port;
                sockets.push_back(std::move(at.socket));
            }
            gate->open(std::move(sockets));
        }

        std::string receive(const UniqueFd &socket, const std::function<bool(const std::string &)> &enough)
        {
            std::string got;
            bool closed = false;
            (void)loop.runUntil([&] {
                char bytes[4096];
                ssize_t count = 0;
                while ((count = ::recv(socket.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
                    got.append(bytes, std::size_t(count));
                closed = count == 0 || (count < 0 && errno != EAGAIN);
                return closed || enough(got);
            });
            return got + (closed ? "<closed>" : "");
        }
        std::string proxied(const std::string &request, const std::function<bool(const std::string &)> &enough)
        {
            client = connectTo(proxy);
            ::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL);
            return receive(client, enough);
        }
        UniqueFd accepted()
        {
            UniqueFd one;
            (void)loop.runUntil([&] {
                one.reset(::accept4(server.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
                return bool(one);
            });
            return one;
        }
        UniqueFd client;
    };

    static bool headDone(const std::string &text) { return text.find("\r\n\r\n") != std::string::npos; }
    static bool never(const std::string &) { return false; }

private Q_SLOTS:
    void aGrantedHostIsReachedBothWaysAndTheRestIsTold()
    {
        Bench bench;
        bench.grant(bench.server4());
        bench.open();
        const std::string head = bench.proxied("CONNECT " + bench.server4() + " HTTP/1.1\r\n\r\nearly ", headDone);
        QVERIFY2(head.starts_with("HTTP/1.1 200 "), head.c_str());
        const UniqueFd peer = bench.accepted();
        QVERIFY(peer);
        ::send(bench.client.get(), "and late", 8, 0);
        QCOMPARE(bench.receive(peer, [](const std::string &got) { return got.size() >= 14; }),
                 std::string("early and late"));
        ::send(peer.get(), "answer", 6, 0);
        QCOMPARE(bench.receive(bench.client, [](const std::string &got) { return got.size() >= 6; }),
                 std::string("answer"));
        // One side has ended, the other still speaks.
        ::shutdown(bench.client.get(), SHUT_WR);
        QCOMPARE(bench.receive(peer, never), std::string("<closed>"));
        ::send(peer.get(), "last", 4, 0);
        ::shutdown(peer.get(), SHUT_WR);
        QCOMPARE(bench.receive(bench.client, never), std::string("last<closed>"));
        QVERIFY(bench.loop.runUntil([&] { return bench.ended.size() == 1; }));
        QCOMPARE(bench.ended[0].target, bench.server4());
        QCOMPARE(bench.ended[0].sent, std::uint64_t(14));
        QCOMPARE(bench.egress->connections(), std::size_t(0));
        const auto accesses = bench.gate->take();
        QCOMPARE(accesses.size(), std::size_t(1));
        QCOMPARE(accesses[0].source, Access::Source::Allowed);
        QVERIFY(bench.gate->take().empty());
    }

    void whatIsNotGrantedIsRefusedAndItsNameNeverLookedUp()
    {
        Bench bench;
        bench.grant("a.example:443");
        bench.open();
        const std::string answer = bench.proxied("CONNECT b.example:443 HTTP/1.1\r\n\r\n", never);
        QVERIFY2(answer.starts_with("HTTP/1.1 403 ") && answer.find("network:b.example:443") != std::string::npos,
                 answer.c_str());
        QCOMPARE(bench.asked, 0);
        const auto accesses = bench.gate->take();
        QCOMPARE(accesses.size(), std::size_t(1));
        QCOMPARE(accesses[0].source, Access::Source::Refused);
        QCOMPARE(accesses[0].target, std::string("b.example:443"));
    }

    void aNameThatLeadsToAPrivateAddressIsRefused_data()
    {
        QTest::addColumn<QString>("address");
        for (const char *address : {"127.0.0.1", "10.0.0.7", "169.254.169.254", "fd00:ec2::254", "::1",
                                    "::ffff:127.0.0.1", "192.168.0.1", "100.100.100.200", "0.0.0.0", "fe80::1"})
            QTest::newRow(address) << QString::fromLatin1(address);
    }
    void aNameThatLeadsToAPrivateAddressIsRefused()
    {
        QFETCH(QString, address);
        Bench bench;
        bench.grant("a.example:" + std::to_string(bench.server.port));
        bench.answers["a.example"] = {{address.toStdString()}};
        bench.open();
        const std::string answer =
            bench.proxied("CONNECT a.example:" + std::to_string(bench.server.port) + " HTTP/1.1\r\n\r\n", never);
        QVERIFY2(answer.starts_with("HTTP/1.1 403 "), answer.c_str());
        QVERIFY(::accept4(bench.server.socket.get(), nullptr, nullptr, 0) < 0);
        QCOMPARE(bench.gate->take().at(0).source, Access::Source::Refused);
    }

    void aNameThatChangesItsAddressIsAskedOnceAndPinned()
    {
        Bench bench;
        bench.permissions.network = Permissions::Network::All;
        bench.grant(bench.server4());
        // First what may be reached, then what may not: the second answer must never count.
        bench.answers["rebind.example"] = {{"127.0.0.1"}, {"10.0.0.7"}};
        bench.open();
        const std::string request = "CONNECT rebind.example:" + std::to_string(bench.server.port) + " HTTP/1.1\r\n\r\n";
        QVERIFY(bench.proxied(request, headDone).starts_with("HTTP/1.1 200 "));
        QVERIFY(bench.accepted());
        QCOMPARE(bench.asked, 1);
        QVERIFY(bench.proxied(request, never).starts_with("HTTP/1.1 403 "));
        QCOMPARE(bench.asked, 2);
    }

    void oneGoodAddressAmongBadOnesIsTheOneThatIsUsed()
    {
        Bench bench;
        bench.permissions.network = Permissions::Network::All;
        bench.grant(bench.server4());
        bench.answers["a.example"] = {{"169.254.169.254", "127.0.0.1", "10.0.0.1"}};
        bench.open();
        QVERIFY(bench.proxied("CONNECT a.example:" + std::to_string(bench.server.port) + " HTTP/1.1\r\n\r\n", headDone)
                    .starts_with("HTTP/1.1 200 "));
        QVERIFY(bench.accepted());
    }

    void kilnsOwnListenerIsNeverReached()
    {
        Bench bench;
        bench.grant(bench.server4());
        bench.options.forbidden = [&](const IpAddress &, std::uint16_t port) { return port == bench.server.port; };
        bench.open();
        QVERIFY(bench.proxied("CONNECT " + bench.server4() + " HTTP/1.1\r\n\r\n", never).starts_with("HTTP/1.1 403 "));
        QVERIFY(!bench.gate->take().at(0).reason.empty());
    }

    void plainRequestsAndSocksReachTheirTarget()
    {
        Bench bench;
        bench.grant(bench.server4());
        bench.open();
        bench.client = connectTo(bench.proxy);
        const std::string request = "GET http://" + bench.server4() + "/x HTTP/1.1\r\nHost: other\r\n\r\n";
        ::send(bench.client.get(), request.data(), request.size(), 0);
        const UniqueFd peer = bench.accepted();
        const std::string seen = bench.receive(peer, headDone);
        QVERIFY2(seen.starts_with("GET /x HTTP/1.1\r\nHost: " + bench.server4()), seen.c_str());

        const UniqueFd socks = connectTo(bench.proxy);
        std::string hello{5, 1, 0, 5, 1, 0, 3, 9};
        hello += "127.0.0.1";
        hello += char(bench.server.port >> 8);
        hello += char(bench.server.port & 0xff);
        ::send(socks.get(), hello.data(), hello.size(), 0);
        const UniqueFd second = bench.accepted();
        QVERIFY(second);
        const std::string reply = bench.receive(socks, [](const std::string &got) { return got.size() >= 12; });
        QCOMPARE(reply, std::string({5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0}));
    }

    void whoConnectsToAnAddressMeansThatAddress()
    {
        Bench bench;
        bench.grant(bench.server4());
        bench.open(); // the direct door is reached at 127.0.0.1, and its port is taken for the granted one
        const UniqueFd client = connectTo(bench.direct);
        const UniqueFd peer = bench.accepted();
        QVERIFY(peer);
        ::send(client.get(), "raw", 3, 0);
        QCOMPARE(bench.receive(peer, [](const std::string &got) { return got.size() >= 3; }), std::string("raw"));
        QCOMPARE(bench.gate->take().at(0).target, bench.server4());
    }

    void aClientThatSaysNothingOrFloodsIsLetGo()
    {
        Bench bench;
        bench.grant(bench.server4());
        bench.options.requestPatience = 50ms;
        bench.options.maxConnections = 4;
        bench.open();
        const UniqueFd silent = connectTo(bench.proxy);
        QCOMPARE(bench.receive(silent, never), std::string("<closed>"));
        const UniqueFd flood = connectTo(bench.proxy);
        const std::string line(1000, 'a');
        for (int i = 0; i < 40; ++i)
            ::send(flood.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        const std::string told = bench.receive(flood, never);
        QVERIFY2(told.starts_with("HTTP/1.1 431 ") || told == "<closed>", told.c_str());
        std::vector<UniqueFd> many;
        for (int i = 0; i < 20; ++i)
            many.push_back(connectTo(bench.proxy));
        bench.loop.runReady();
        QVERIFY(bench.egress->connections() <= 4);
        bench.gate.reset();
        QCOMPARE(bench.egress->connections(), std::size_t(0));
    }

    void aSlowReaderMakesTheOtherWaitAndLosesNothing()
    {
        Bench bench;
        bench.grant(bench.server4());
        bench.open();
        QVERIFY(
            bench.proxied("CONNECT " + bench.server4() + " HTTP/1.1\r\n\r\n", headDone).starts_with("HTTP/1.1 200"));
        const UniqueFd peer = bench.accepted();
        constexpr std::size_t total = 8u << 20;
        const auto byteAt = [](std::size_t at) { return char(at % 251); };
        std::size_t sent = 0, got = 0, wrong = 0;
        const auto fill = [&] {
            char bytes[32768];
            for (ssize_t count = 1; sent < total && count > 0; sent += count > 0 ? std::size_t(count) : 0) {
                for (std::size_t i = 0; i < sizeof bytes; ++i)
                    bytes[i] = byteAt(sent + i);
                count = ::send(peer.get(), bytes, std::min(sizeof bytes, total - sent), MSG_DONTWAIT | MSG_NOSIGNAL);
            }
        };
        const bool done = bench.loop.runUntil(
            [&] {
                fill();
                char small[5000];
                const ssize_t count = ::recv(bench.client.get(), small, sizeof small, MSG_DONTWAIT);
                for (ssize_t i = 0; i < count; ++i)
                    wrong += small[i] == byteAt(got + std::size_t(i)) ? 0 : 1;
                got += count > 0 ? std::size_t(count) : 0;
                return got == total || wrong > 0;
            },
            60s);
        QVERIFY(done);
        QCOMPARE(got, total);
        QCOMPARE(wrong, std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(tst_Gate)
#include "tst_gate.moc"
