// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/api_request.h"

#include <QTest>

#include <string>

using namespace kiln::adapter;
using State = ApiRequestReader::State;

namespace {

constexpr ApiRequestReader::Limits limits{.head = 400, .body = 20};

std::string post(const std::string &fields, const std::string &body)
{
    return "POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\n" + fields + "\r\n" + body;
}

} // namespace

class tst_ApiRequest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRequestIsTheSameHoweverItsBytesAreCut_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("no body") << QByteArray("GET /next HTTP/1.1\r\nHost: x\r\n\r\n") << QByteArray();
        QTest::newRow("length") << QByteArray::fromStdString(post("Content-Length: 5\r\n", "hello"))
                                << QByteArray("hello");
        QTest::newRow("chunks") << QByteArray::fromStdString(
                                       post("transfer-encoding: Chunked\r\n", "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"))
                                << QByteArray("hello");
        const std::string head = "GET /next HTTP/1.1\r\nA: ";
        QTest::newRow("a head at the limit")
            << QByteArray::fromStdString(head + std::string(limits.head - head.size(), 'a') + "\r\n\r\n")
            << QByteArray();
        QTest::newRow("at the limit") << QByteArray::fromStdString(post("Content-Length: 20\r\n", std::string(20, 'x')))
                                      << QByteArray(20, 'x');
    }
    void aRequestIsTheSameHoweverItsBytesAreCut()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, body);
        const std::string whole = bytes.toStdString();
        for (std::size_t cut = 1; cut <= whole.size(); ++cut) {
            ApiRequestReader reader(limits);
            State state = State::Head;
            for (std::size_t at = 0; at < whole.size(); at += cut)
                state = reader.feed(std::string_view(whole).substr(at, cut));
            QCOMPARE(state, State::Done);
            QCOMPARE(reader.request().body, body.toStdString());
            QVERIFY(reader.request().keepAlive);
            QCOMPARE(reader.next(), State::Head);
            QVERIFY(!reader.begun());
        }
    }

    void oneRequestComesAfterTheOther()
    {
        ApiRequestReader reader(limits);
        QCOMPARE(reader.feed("\r\nGET /a?b=c HTTP/1.1\r\n\r\n" + post("Content-Length: 2\r\n", "hiGET /z HT")),
                 State::Done);
        QCOMPARE(reader.request().path, std::string("/a"));
        QCOMPARE(reader.next(), State::Done);
        QCOMPARE(reader.request().body, std::string("hi"));
        QCOMPARE(reader.next(), State::Head);
        QVERIFY(reader.begun());
        QCOMPARE(reader.feed("TP/1.0\r\n\r\n"), State::Done);
        QCOMPARE(reader.request().path, std::string("/z"));
        QVERIFY(!reader.request().keepAlive);
    }

    void headersAndTrailersAreFoundWithoutCase()
    {
        ApiRequestReader reader(limits);
        QCOMPARE(reader.feed(post("X-One:  a b \r\nx-one: second\r\nTransfer-Encoding: chunked\r\n",
                                  "1\r\nx\r\n0\r\nThe-Type: Function.Broke\r\nother:1\r\n\r\n")),
                 State::Done);
        QCOMPARE(reader.request().header("x-ONE").value(), std::string_view("a b"));
        QVERIFY(!reader.request().header("absent"));
        QCOMPARE(fieldOf(reader.request().trailers, "the-type").value(), std::string_view("Function.Broke"));
        QCOMPARE(fieldOf(reader.request().trailers, "other").value(), std::string_view("1"));
    }

    void aClientThatWaitsForContinueIsToldOnce()
    {
        ApiRequestReader reader(limits);
        QCOMPARE(reader.feed(post("Content-Length: 1\r\nExpect: 100-continue\r\n", "")), State::Body);
        QVERIFY(reader.takeExpectation());
        QVERIFY(!reader.takeExpectation());
        QCOMPARE(reader.feed("x"), State::Done);
    }

    void aBodyOverTheLimitKeepsItsHeadOnly_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("length") << QByteArray::fromStdString(post("Content-Length: 21\r\n", "x"));
        QTest::newRow("absurd length") << QByteArray::fromStdString(
            post("Content-Length: 18446744073709551615\r\n", ""));
        QTest::newRow("chunk") << QByteArray::fromStdString(post("Transfer-Encoding: chunked\r\n", "15\r\n"));
        QTest::newRow("chunks") << QByteArray::fromStdString(
            post("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n14\r\n"));
    }
    void aBodyOverTheLimitKeepsItsHeadOnly()
    {
        QFETCH(QByteArray, bytes);
        ApiRequestReader reader(limits);
        QCOMPARE(reader.feed(bytes.toStdString()), State::TooLarge);
        QVERIFY(reader.request().path.ends_with("/response"));
        QVERIFY(reader.request().body.empty());
        QCOMPARE(reader.feed("GET / HTTP/1.1\r\n\r\n"), State::TooLarge);
    }

    void whatIsNoRequestIsRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, const std::string &bytes, int status) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << status;
        };
        row("garbage", "\x16\x03\x01\x02\r\n\r\n", 400);
        row("no version", "GET /\r\n\r\n", 400);
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505);
        row("four words", "GET / a HTTP/1.1\r\n\r\n", 400);
        row("no path", "GET next HTTP/1.1\r\n\r\n", 400);
        row("a method that is no word", "G\tT / HTTP/1.1\r\n\r\n", 400);
        row("a line without colon", "GET / HTTP/1.1\r\nhello\r\n\r\n", 400);
        row("a blank before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400);
        row("a folded line", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400);
        row("a NUL", std::string("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24), 400);
        row("two lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "x"), 400);
        row("length and chunks", post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "x"), 400);
        row("a length with a sign", post("Content-Length: +1\r\n", "x"), 400);
        row("a negative length", post("Content-Length: -1\r\n", "x"), 400);
        row("a length beyond counting", post("Content-Length: 99999999999999999999\r\n", "x"), 400);
        row("gzip", post("Transfer-Encoding: gzip\r\n", "x"), 501);
        row("a chunk without size", post("Transfer-Encoding: chunked\r\n", "\r\n"), 400);
        row("a chunk longer than said", post("Transfer-Encoding: chunked\r\n", "1\r\nxy\r\n"), 400);
        row("a huge head", "GET / HTTP/1.1\r\nA: " + std::string(400, 'a') + "\r\n\r\n", 431);
        row("an endless head", "GET /" + std::string(500, 'a'), 431);
    }
    void whatIsNoRequestIsRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        ApiRequestReader reader(limits);
        QCOMPARE(reader.feed(bytes.toStdString()), State::Broken);
        QCOMPARE(reader.status(), status);
        QCOMPARE(reader.feed("GET / HTTP/1.1\r\n\r\n"), State::Broken);
    }
};

QTEST_APPLESS_MAIN(tst_ApiRequest)
#include "tst_api_request.moc"
