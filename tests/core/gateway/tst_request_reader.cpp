// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/gateway/request_reader.h"

#include <QTest>

#include <random>

using namespace kiln;
using State = RequestReader::State;

namespace {

RequestReader::Limits small() { return {.head = 1024, .headers = 20, .body = ByteSize{1000}}; }

/// "METHOD path?query body", or "status" when refused, or "more" when not all has come.
std::string told(const RequestReader &reader)
{
    if (reader.state() == State::Refused)
        return std::to_string(reader.refusal().status);
    if (reader.state() != State::Done)
        return "more";
    const HttpRequest &request = reader.request();
    return std::string(request.method) + " " + std::string(request.path) + "?" + std::string(request.query) + " " +
           std::string(request.body);
}

} // namespace

class tst_RequestReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsARequestHoweverItIsCut_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("expected");
        auto row = [](const char *name, const QByteArray &bytes, const char *expected) {
            QTest::newRow(name) << bytes << QByteArray(expected);
        };
        const QByteArray host = " HTTP/1.1\r\nHost: a\r\n";
        row("get", "GET /a?b=c&d" + host + "\r\n", "GET /a?b=c&d ");
        row("length", "POST /" + host + "Content-Length: 5\r\n\r\nhello", "POST /? hello");
        row("no body", "POST /" + host + "Content-Length: 0\r\n\r\n", "POST /? ");
        row("chunks", "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n",
            "POST /? hello!");
        row("trailer", "POST /" + host + "Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n",
            "POST /? a");
        row("no chunks", "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST /? ");
        row("old", "GET / HTTP/1.0\r\n\r\n", "GET /? ");
        row("blank lines before", "\r\n\r\nGET /" + host + "\r\n", "GET /? ");
        row("absolute", "GET http://a:80/x?y" + host + "\r\n", "GET /x?y ");
        row("absolute without path", "GET http://a" + host + "\r\n", "GET /? ");
        row("absolute with a query alone", "GET http://a?x=/y" + host + "\r\n", "GET /?x=/y ");
        row("unknown method", "BREW /" + host + "\r\n", "BREW /? ");
        row("question marks", "GET /a??b?" + host + "\r\n", "GET /a??b? ");
        row("IPv6 host", "GET / HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n", "GET /? ");

        row("no host", "GET / HTTP/1.1\r\n\r\n", "400");
        row("two hosts", "GET /" + host + "Host: b\r\n\r\n", "400");
        row("odd host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400");
        row("both lengths", "POST /" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400");
        row("both lengths, turned",
            "POST /" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "400");
        row("length twice", "POST /" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400");
        row("same length twice", "POST /" + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "400");
        row("length list", "POST /" + host + "Content-Length: 5, 5\r\n\r\nhello", "400");
        row("negative length", "POST /" + host + "Content-Length: -5\r\n\r\nhello", "400");
        row("signed length", "POST /" + host + "Content-Length: +5\r\n\r\nhello", "400");
        row("hex length", "POST /" + host + "Content-Length: 0x5\r\n\r\nhello", "400");
        row("huge length", "POST /" + host + "Content-Length: 99999999999999999999\r\n\r\n", "400");
        row("empty length", "POST /" + host + "Content-Length: \r\n\r\n", "400");
        row("folded", "GET /" + host + "X: a\r\n b\r\n\r\n", "400");
        row("folded first", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400");
        row("blank before colon", "GET /" + host + "X : a\r\n\r\n", "400");
        row("no colon", "GET /" + host + "X\r\n\r\n", "400");
        row("NUL", "GET /" + host + QByteArray("X: a\0b\r\n\r\n", 10), "400");
        row("bare line feed", "GET / HTTP/1.1\nHost: a\n\r\n\r\n", "400");
        row("other coding", "POST /" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", "501");
        row("coding twice", "POST /" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "400");
        row("coding in quotes", "POST /" + host + "Transfer-Encoding: \"chunked\"\r\n\r\n", "501");
        row("coding, then length", "POST /" + host + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
            "501");
        row("coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400");
        row("bad chunk size", "POST /" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400");
        row("negative chunk size", "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", "400");
        row("huge chunk size", "POST /" + host + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", "400");
        row("chunk too short", "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", "400");
        row("expects odd things", "POST /" + host + "Expect: tea\r\nContent-Length: 1\r\n\r\n", "417");
        row("version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505");
        row("no version", "GET /\r\nHost: a\r\n\r\n", "400");
        row("TLS", QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), "400");
        row("two blanks", "GET  /" + host + "\r\n", "400");
        row("blank in the target", "GET /a b" + host + "\r\n", "400");
        row("body too large", "POST /" + host + "Content-Length: 1001\r\n\r\n", "413");
        row("chunks too large", "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n3E9\r\n", "413");
        row("chunks too large together",
            "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n3E8\r\n" + QByteArray(1000, 'x') + "\r\n1\r\nx\r\n",
            "413");
        row("head too large", "GET /" + QByteArray(1024, 'a') + host + "\r\n", "431");
        row("head too large, unfinished", "GET /" + QByteArray(1025, 'a'), "431");
        row("too many headers", "GET /" + host + QByteArray("a:b\r\n").repeated(21) + "\r\n", "431");
        row("endless chunk extension",
            "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n5;a=" + QByteArray(1100, 'x'), "400");
        row("endless trailers",
            "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + QByteArray("a: b\r\n").repeated(300), "400");
    }
    void readsARequestHoweverItIsCut()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, expected);
        for (const qsizetype piece : {bytes.size(), qsizetype(7), qsizetype(1)}) {
            RequestReader reader(small());
            for (qsizetype at = 0; at < bytes.size(); at += piece)
                reader.feed(bytes.mid(at, piece).toStdString());
            QCOMPARE(QByteArray::fromStdString(told(reader)), expected);
        }
    }

    void requestsFollowEachOther()
    {
        const std::string one = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
        const std::string two = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
        const std::string three =
            "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n";
        const std::string all = one + two + three + two;
        for (const std::size_t piece : {all.size(), std::size_t(10), std::size_t(1)}) {
            RequestReader reader(small());
            std::string text;
            for (std::size_t at = 0; at < all.size(); at += piece) {
                for (State state = reader.feed(all.substr(at, piece)); state == State::Done; state = reader.next())
                    text += told(reader) + "|";
            }
            QCOMPARE(text, std::string("POST /1? ab|GET /2? |POST /3? c|GET /2? |"));
            QVERIFY(reader.state() == State::Idle);
        }
    }

    void nothingIsReadAfterARefusal()
    {
        RequestReader reader(small());
        reader.feed("BAD\r\n\r\n");
        QVERIFY(reader.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == State::Refused);
        QVERIFY(reader.next() == State::Refused);
    }

    void tellsWhenToGoOn()
    {
        RequestReader reader(small());
        const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
        QVERIFY(reader.feed(head) == State::Body);
        QVERIFY(reader.takeExpectation());
        QVERIFY(!reader.takeExpectation());
        QVERIFY(reader.feed("abc") == State::Done);
        // A client that did not wait is not told to go on.
        RequestReader hasty(small());
        hasty.feed(head + "a");
        hasty.feed("bc");
        QVERIFY(!hasty.takeExpectation());
    }

    void knowsWhetherTheConnectionStays()
    {
        const auto stays = [](const char *bytes) {
            RequestReader reader(small());
            reader.feed(bytes);
            return reader.request().keepAlive;
        };
        QVERIFY(stays("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        QVERIFY(!stays("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        QVERIFY(!stays("GET / HTTP/1.0\r\n\r\n"));
        QVERIFY(stays("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    }

    void garbageIsRefusedOrAwaited()
    {
        std::mt19937 random(7);
        const std::string seed =
            "POST /a%2F?b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"
            "Connection: close, x\r\nExpect: 100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        int done = 0;
        for (int round = 0; round < 30'000; ++round) {
            std::string bytes = seed;
            for (auto changes = random() % 6; changes > 0 && !bytes.empty(); --changes) {
                const std::size_t at = random() % bytes.size();
                switch (random() % 4) {
                case 0: bytes[at] = char(random()); break;
                case 1: bytes.erase(at, random() % 30); break;
                case 2: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 30)); break;
                default: bytes.insert(at, 1, "\r\n :;,\0"[random() % 7]); break;
                }
            }
            RequestReader reader(small());
            const std::size_t piece = 1 + random() % 40;
            for (std::size_t at = 0; at < bytes.size(); at += piece) {
                for (State state = reader.feed(std::string_view(bytes).substr(at, piece)); state == State::Done;
                     state = reader.next())
                    ++done;
            }
        }
        QVERIFY(done > 10);
    }
};

QTEST_GUILESS_MAIN(tst_RequestReader)
#include "tst_request_reader.moc"
