// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/proxy_negotiation.h"
#include "core/model/grant.h"

#include <QTest>

using namespace kiln;
using State = ProxyNegotiation::State;

namespace {

std::string bytes(std::initializer_list<int> numbers)
{
    std::string text;
    for (const int number : numbers)
        text += char(number);
    return text;
}

} // namespace

class tst_ProxyNegotiation : public QObject
{
    Q_OBJECT

    static std::string targetOf(std::string_view request)
    {
        ProxyNegotiation whole;
        const State state = whole.feed(request);
        // However it is cut, it is the same.
        ProxyNegotiation cut;
        for (const char &c : request)
            cut.feed({&c, 1});
        if (cut.state() != state ||
            (state == State::Ready && (cut.target() != whole.target() || cut.takeForward() != whole.takeForward())))
            return "depends on the cuts";
        return state == State::Ready ? toText(whole.target()) : state == State::More ? "more" : "refused";
    }

private Q_SLOTS:
    void whereToIsRead_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<QString>("target");
        const auto row = [](const char *name, const std::string &request, const char *target) {
            QTest::newRow(name) << QByteArray::fromStdString(request) << QString::fromLatin1(target);
        };
        row("connect", "CONNECT Example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", "example.com:443");
        row("connect, IPv6", "CONNECT [::1]:443 HTTP/1.1\r\n\r\n", "[::1]:443");
        row("connect, mapped", "CONNECT [::ffff:127.0.0.1]:443 HTTP/1.1\r\n\r\n", "127.0.0.1:443");
        row("plain", "GET http://a.example/x HTTP/1.1\r\n\r\n", "a.example:80");
        row("plain, port", "POST HTTP://a.example:81?q HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "a.example:81");
        row("half", "CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n", "more");
        row("connect without port", "CONNECT a.example HTTP/1.1\r\n\r\n", "refused");
        row("a number in disguise", "CONNECT 2130706433:80 HTTP/1.1\r\n\r\n", "refused");
        row("another", "CONNECT 0x7f.1:80 HTTP/1.1\r\n\r\n", "refused");
        row("user", "GET http://a.example@127.0.0.1/ HTTP/1.1\r\n\r\n", "refused");
        row("origin form", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "refused");
        row("https", "GET https://a.example/ HTTP/1.1\r\n\r\n", "refused");
        row("two spaces", "GET  http://a.example/ HTTP/1.1\r\n\r\n", "refused");
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "refused");
        row("TLS", bytes({22, 3, 1, 0, 5, 1, 0, 0, 1, 0}), "refused");
        row("folded", "CONNECT a.example:1 HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "refused");
        row("bare line break", "GET http://a.example/ HTTP/1.1\r\nA: b\nHost: c\r\n\r\n", "refused");
        row("NUL", std::string("GET http://a.example/ HTTP/1.1\r\nA: ") + '\0' + "\r\n\r\n", "refused");
        row("space before the colon", "GET http://a.example/ HTTP/1.1\r\nHost : c\r\n\r\n", "refused");
        row("socks, name", bytes({5, 1, 0}) + bytes({5, 1, 0, 3, 3}) + "a.b" + bytes({1, 187}), "a.b:443");
        row("socks, IPv4", bytes({5, 2, 0, 2}) + bytes({5, 1, 0, 1, 10, 0, 0, 7, 0, 80}), "10.0.0.7:80");
        row("socks, IPv6", bytes({5, 1, 0, 5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80}),
            "[::1]:80");
        row("socks, number as a name", bytes({5, 1, 0, 5, 1, 0, 3, 9}) + "127.0.0.1" + bytes({0, 80}), "127.0.0.1:80");
        row("socks, half", bytes({5, 1, 0, 5, 1, 0, 3, 3}) + "a.", "more");
        row("socks, password only", bytes({5, 1, 2}), "refused");
        row("socks, bind", bytes({5, 1, 0, 5, 2, 0, 1, 1, 1, 1, 1, 0, 80}), "refused");
        row("socks, unknown kind", bytes({5, 1, 0, 5, 1, 0, 9, 1, 1, 1}), "refused");
        row("socks, no port", bytes({5, 1, 0, 5, 1, 0, 1, 1, 1, 1, 1, 0, 0}), "refused");
        row("socks 4", bytes({4, 1, 0, 80, 1, 1, 1, 1, 0}), "refused");
    }
    void whereToIsRead()
    {
        QFETCH(QByteArray, request);
        QFETCH(QString, target);
        QCOMPARE(QString::fromStdString(targetOf(request.toStdString())), target);
    }

    void aPlainRequestGoesOnInOriginFormAndWithoutTheHopsFields()
    {
        ProxyNegotiation negotiation;
        QCOMPARE(
            negotiation.feed("POST http://a.example:81?q=1#top HTTP/1.1\r\nHost: evil.example\r\nX-A: 1\r\n"
                             "Proxy-Authorization: secret\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nh"),
            State::Ready);
        negotiation.feed("i");
        QCOMPARE(negotiation.takeForward(), std::string("POST /?q=1 HTTP/1.1\r\nHost: a.example:81\r\n"
                                                        "Connection: close\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"));
        QCOMPARE(negotiation.acceptance(), std::string());
    }

    void whatComesEarlyBelongsToTheTarget()
    {
        ProxyNegotiation connect;
        QCOMPARE(connect.feed("CONNECT a.example:1 HTTP/1.1\r\n\r\nhello"), State::Ready);
        QCOMPARE(connect.takeForward(), std::string("hello"));
        QVERIFY(connect.acceptance().starts_with("HTTP/1.1 200 "));
        ProxyNegotiation socks;
        QCOMPARE(socks.feed(bytes({5, 1, 0})), State::More);
        QCOMPARE(socks.takeReply(), bytes({5, 0}));
        QCOMPARE(socks.feed(bytes({5, 1, 0, 1, 1, 1, 1, 1, 0, 80}) + "hello"), State::Ready);
        QCOMPARE(socks.takeForward(), std::string("hello"));
        QCOMPARE(socks.acceptance(), bytes({5, 0, 0, 1, 0, 0, 0, 0, 0, 0}));
        QCOMPARE(socks.refusal(ProxyNegotiation::Why::NotAllowed, "x"), bytes({5, 2, 0, 1, 0, 0, 0, 0, 0, 0}));
    }

    void aFloodOfFieldsEndsInARefusal()
    {
        ProxyNegotiation negotiation;
        State state = negotiation.feed("CONNECT a.example:1 HTTP/1.1\r\n");
        std::size_t fed = 0;
        while (state == State::More && fed < 10 * ProxyNegotiation::maxHead) {
            state = negotiation.feed("X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
            fed += 55;
        }
        QCOMPARE(state, State::Refused);
        QVERIFY(fed < ProxyNegotiation::maxHead + 100);
        QVERIFY(negotiation.takeReply().starts_with("HTTP/1.1 431 "));
        QCOMPARE(negotiation.feed("GET http://a.example/ HTTP/1.1\r\n\r\n"), State::Refused);
    }
};

QTEST_GUILESS_MAIN(tst_ProxyNegotiation)
#include "tst_proxy_negotiation.moc"
