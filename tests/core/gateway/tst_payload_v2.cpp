// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/base/wall_time.h"
#include "core/gateway/payload_v2.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace kiln;

namespace {

const Route orders{"orders", 0, HttpTrigger{"POST", "/orders/{id}"}};
const Route checkout{"checkout", 0, UrlTrigger{}};

RequestContext context() { return {"id-1", "127.0.0.1", 7070, parseIso8601("2020-03-12T19:03:58.390Z").value()}; }

HttpRequest request(std::string_view body = {}, std::string_view contentType = {})
{
    HttpRequest made{"POST", "/orders/4%202", "", "HTTP/1.1", {{"Host", "shop.localhost:7070"}}, body, true};
    if (!contentType.empty())
        made.headers.emplace_back("Content-Type", contentType);
    return made;
}

Router::Match match(const Route &route = orders)
{
    Router::Match made;
    made.kind = Router::Match::Kind::Found;
    made.route = &route;
    made.routeKey = "$default";
    made.rawPath = "/orders/4%202";
    return made;
}

QJsonObject object(const std::string &json)
{
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(json));
    if (!document.isObject())
        qFatal("no JSON object: %s", json.c_str());
    return document.object();
}

} // namespace

class tst_PayloadV2 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// The sample of the platform's documentation, as far as it speaks of what is here.
    void aRequestBecomesTheDocumentedEvent()
    {
        HttpRequest sample{"POST",
                           "/my/path",
                           "parameter1=value1&parameter1=value2&parameter2=value",
                           "HTTP/1.1",
                           {{"Host", "id.execute-api.us-east-1.amazonaws.com"},
                            {"Header1", "value1"},
                            {"Header2", "value1"},
                            {"header2", "value2"},
                            {"Cookie", "cookie1; cookie2"},
                            {"User-Agent", "agent"}},
                           "Hello from Lambda",
                           true};
        Router::Match found = match();
        found.routeKey = "$default";
        found.rawPath = "/my/path";
        found.parameters = {{"parameter1", "value1"}};
        QCOMPARE(payloadV2(sample, found, {"id", "192.0.2.1", 443, context().time}),
                 std::string(R"({"version":"2.0","routeKey":"$default","rawPath":"/my/path",)"
                             R"("rawQueryString":"parameter1=value1&parameter1=value2&parameter2=value",)"
                             R"("cookies":["cookie1","cookie2"],)"
                             R"("headers":{"host":"id.execute-api.us-east-1.amazonaws.com","header1":"value1",)"
                             R"("header2":"value1,value2","user-agent":"agent","x-forwarded-for":"192.0.2.1",)"
                             R"("x-forwarded-port":"443","x-forwarded-proto":"http"},)"
                             R"("queryStringParameters":{"parameter1":"value1,value2","parameter2":"value"},)"
                             R"("requestContext":{"accountId":"000000000000","apiId":"kiln",)"
                             R"("domainName":"id.execute-api.us-east-1.amazonaws.com","domainPrefix":"id",)"
                             R"("http":{"method":"POST","path":"/my/path","protocol":"HTTP/1.1",)"
                             R"("sourceIp":"192.0.2.1","userAgent":"agent"},)"
                             R"("requestId":"id","routeKey":"$default","stage":"$default",)"
                             R"("time":"12/Mar/2020:19:03:58 +0000","timeEpoch":1584039838390},)"
                             R"("pathParameters":{"parameter1":"value1"},)"
                             R"("body":"Hello from Lambda","isBase64Encoded":false})"));
    }

    void whatIsNotThereIsLeftOut()
    {
        const QJsonObject event = object(payloadV2(request(), match(), context()));
        for (const char *key : {"cookies", "body", "queryStringParameters", "pathParameters", "stageVariables"})
            QVERIFY2(!event.contains(QLatin1String(key)), key);
        QCOMPARE(event[QLatin1String("rawQueryString")].toString(), QString());
        QCOMPARE(event[QLatin1String("isBase64Encoded")].toBool(true), false);
    }

    void aFunctionUrlIsAnonymous()
    {
        const QJsonObject event = object(payloadV2(request(), match(checkout), context()));
        const QJsonObject about = event[QLatin1String("requestContext")].toObject();
        QCOMPARE(about[QLatin1String("accountId")].toString(), QLatin1String("anonymous"));
        QCOMPARE(about[QLatin1String("apiId")].toString(), QLatin1String("checkout"));
        QCOMPARE(about[QLatin1String("domainName")].toString(), QLatin1String("shop.localhost"));
        QCOMPARE(about[QLatin1String("domainPrefix")].toString(), QLatin1String("shop"));
    }

    void bodiesAreTextOrBase64_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("text");
        QTest::newRow("json") << QByteArray("application/json") << QByteArray("{\"a\":\"\xC3\xA9\"}") << true;
        QTest::newRow("json, with charset")
            << QByteArray("Application/JSON; charset=utf-8") << QByteArray("{}") << true;
        QTest::newRow("text") << QByteArray("text/csv") << QByteArray("a\r\nb\t\"") << true;
        QTest::newRow("+json") << QByteArray("application/ld+json") << QByteArray("{}") << true;
        QTest::newRow("form") << QByteArray("application/x-www-form-urlencoded") << QByteArray("a=1&b=2") << true;
        QTest::newRow("none") << QByteArray() << QByteArray("hello") << true;
        QTest::newRow("none, binary") << QByteArray() << QByteArray("\xFF\xFE", 2) << false;
        QTest::newRow("text that is none") << QByteArray("text/plain") << QByteArray("\xE9t\xE9") << false;
        QTest::newRow("image") << QByteArray("image/png") << QByteArray("\x89PNG\r\n\0", 7) << false;
        QTest::newRow("image that looks like text") << QByteArray("image/png") << QByteArray("abc") << false;
        QTest::newRow("multipart") << QByteArray("multipart/form-data; boundary=x") << QByteArray("--x") << false;
        QTest::newRow("NUL in text") << QByteArray("text/plain") << QByteArray("a\0b", 3) << true;
    }
    void bodiesAreTextOrBase64()
    {
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, body);
        QFETCH(bool, text);
        const std::string bodyBytes = body.toStdString();
        const std::string typeBytes = type.toStdString();
        const QJsonObject event = object(payloadV2(request(bodyBytes, typeBytes), match(), context()));
        QCOMPARE(event[QLatin1String("isBase64Encoded")].toBool(), !text);
        const QByteArray got = event[QLatin1String("body")].toString().toUtf8();
        QCOMPARE(text ? got : QByteArray::fromBase64(got), body);
    }

    void oddBytesStillMakeJson()
    {
        HttpRequest odd = request();
        odd.query = "%FF=%22&a&=b&&a=2&c=d=e";
        odd.headers.emplace_back("X-Latin", "caf\xE9 \"q\" \\");
        odd.headers.emplace_back("cookie", ";; a=1 ;b");
        odd.headers.emplace_back("X-Forwarded-For", "10.0.0.1");
        odd.headers.emplace_back("X-Forwarded-Proto", "https");
        const QJsonObject event = object(payloadV2(odd, match(), context()));
        const QJsonObject query = event[QLatin1String("queryStringParameters")].toObject();
        QCOMPARE(query[QString(QChar(0xFFFD))].toString(), QLatin1String("\""));
        QCOMPARE(query[QLatin1String("a")].toString(), QLatin1String(",2"));
        QCOMPARE(query[QString()].toString(), QLatin1String("b"));
        QCOMPARE(query[QLatin1String("c")].toString(), QLatin1String("d=e"));
        const QJsonObject headers = event[QLatin1String("headers")].toObject();
        QCOMPARE(headers[QLatin1String("x-latin")].toString(), QString::fromUtf8("caf\uFFFD \"q\" \\"));
        QCOMPARE(headers[QLatin1String("x-forwarded-for")].toString(), QLatin1String("10.0.0.1,127.0.0.1"));
        QCOMPARE(headers[QLatin1String("x-forwarded-proto")].toString(), QLatin1String("http"));
        QVERIFY(!headers.contains(QLatin1String("cookie")));
        QCOMPARE(event[QLatin1String("cookies")].toArray().size(), 2);
    }

    void thousandsOfParametersAreJoinedInTime()
    {
        std::string query;
        for (int i = 0; i < 200'000; ++i)
            query += "&k" + std::to_string(i % 100'000) + "=v";
        HttpRequest many = request();
        many.query = query;
        QElapsedTimer watch;
        watch.start();
        const QJsonObject event = object(payloadV2(many, match(), context()));
        qInfo("%lld ms", watch.elapsed());
        const QJsonObject parameters = event[QLatin1String("queryStringParameters")].toObject();
        QCOMPARE(parameters.size(), 100'000);
        QCOMPARE(parameters[QLatin1String("k99999")].toString(), QLatin1String("v,v"));
    }
};

QTEST_GUILESS_MAIN(tst_PayloadV2)
#include "tst_payload_v2.moc"
