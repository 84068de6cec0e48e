// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/gateway/result_mapping.h"

#include <QTest>

#include <algorithm>

using namespace kiln;

namespace {

/// "status | name: value | … | body"
std::string told(const HttpResponse &response)
{
    std::string text = std::to_string(response.status);
    for (const auto &[name, value] : response.headers)
        text += " | " + name + ": " + value;
    return text + " | " + response.body;
}

constexpr const char *internal = "502 | content-type: application/json | {\"message\":\"Internal Server Error\"}";

constexpr const char *id = "01890a5d-ac96-774b-bcce-b302099a8057";

Result<InvocationPtr> invocation(Outcome outcome, const char *response)
{
    auto made = std::make_shared<Invocation>();
    made->id = Uuid::parse(id).value();
    made->outcome = outcome;
    made->response = payload(response);
    return made;
}

} // namespace

class tst_ResultMapping : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resultsBecomeResponses_data()
    {
        QTest::addColumn<QByteArray>("result");
        QTest::addColumn<QByteArray>("expected");
        auto row = [](const char *name, const char *result, const char *expected) {
            QTest::newRow(name) << QByteArray(result) << QByteArray(expected);
        };
        const char *json = "200 | content-type: application/json | ";
        auto plain = [json](const char *body) { return QByteArray(json) + body; };
        row("response", R"({"statusCode":201,"headers":{"Content-Type":"text/html","X-A":"1"},"body":"<p>"})",
            "201 | Content-Type: text/html | X-A: 1 | <p>");
        row("no content type", R"({"statusCode":200,"body":"hi"})",
            "200 | content-type: text/plain;charset=UTF-8 | hi");
        row("no body", R"({"statusCode":204})", "204 | ");
        row("null body", R"({"statusCode":200,"body":null,"headers":null,"cookies":null,"isBase64Encoded":null})",
            "200 | ");
        row("cookies", R"({"statusCode":200,"cookies":["a=1; Secure","b=2"]})",
            "200 | set-cookie: a=1; Secure | set-cookie: b=2 | ");
        row("binary", R"({"statusCode":200,"headers":{"content-type":"x/y"},"body":"AP8=","isBase64Encoded":true})",
            "200 | content-type: x/y | ?");
        row("status as text", R"({"statusCode":"404","body":""})", "404 | ");
        row("header values", R"({"statusCode":200,"headers":{"a":1,"b":true,"c":null,"d":1.5}})",
            "200 | a: 1 | b: true | d: 1.5E0 | ");
        row("framing is not the handler's",
            R"({"statusCode":200,"headers":{"Content-Length":"99","Transfer-Encoding":"chunked","Connection":"x","a":"b"}})",
            "200 | a: b | ");
        row("nor are the ids", R"({"statusCode":200,"headers":{"X-Kiln-Invocation-Id":"1","x-amzn-requestid":"2"}})",
            "200 | ");
        QTest::newRow("object") << QByteArray(R"({"a": [1, 2]})") << plain(R"({"a": [1, 2]})");
        QTest::newRow("string") << QByteArray("\"Hello \\\"you\\\"\"") << plain(R"(Hello "you")");
        QTest::newRow("number") << QByteArray("42") << plain("42");
        QTest::newRow("array") << QByteArray("[]") << plain("[]");
        QTest::newRow("null") << QByteArray("null") << plain("null");
        QTest::newRow("deep") << QByteArray(300, '[') + QByteArray(300, ']')
                              << plain("") + QByteArray(300, '[') + QByteArray(300, ']');
        for (const char *wrong : {"",
                                  "hello",
                                  "{",
                                  "{}x",
                                  R"({"statusCode":"ok"})",
                                  R"({"statusCode":null})",
                                  R"({"statusCode":99})",
                                  R"({"statusCode":101})",
                                  R"({"statusCode":600})",
                                  R"({"statusCode":200.5})",
                                  R"({"statusCode":99999999999999999999})",
                                  R"({"statusCode":{}})",
                                  R"({"statusCode":200,"body":{"a":1}})",
                                  R"({"statusCode":200,"body":5})",
                                  R"({"statusCode":200,"headers":[]})",
                                  R"({"statusCode":200,"headers":{"a":["1","2"]}})",
                                  R"({"statusCode":200,"headers":{"a":"1\r\nSet-Cookie: x=y"}})",
                                  R"({"statusCode":200,"headers":{"a":"1\u0000"}})",
                                  R"({"statusCode":200,"headers":{"a b":"1"}})",
                                  R"({"statusCode":200,"headers":{"":"1"}})",
                                  R"({"statusCode":200,"headers":{"a:":"1"}})",
                                  R"({"statusCode":200,"headers":{"a\n":"1"}})",
                                  R"({"statusCode":200,"cookies":"a=1"})",
                                  R"({"statusCode":200,"cookies":[1]})",
                                  R"({"statusCode":200,"cookies":["a=1\nb"]})",
                                  R"({"statusCode":200,"body":"%","isBase64Encoded":true})",
                                  R"({"statusCode":200,"body":"a","isBase64Encoded":"true"})",
                                  "\"\xFF\""})
            QTest::newRow(wrong) << QByteArray(wrong) << QByteArray(internal);
        QTest::newRow("too deep") << QByteArray(600, '[') + QByteArray(600, ']') << QByteArray(internal);
        QTest::newRow("a million brackets") << QByteArray(1'000'000, '[') << QByteArray(internal);
    }
    void resultsBecomeResponses()
    {
        QFETCH(QByteArray, result);
        QFETCH(QByteArray, expected);
        HttpResponse response = resultToResponse(result.toStdString(), FrontDoor::Route);
        if (response.body == std::string("\0\xFF", 2))
            response.body = "?";
        QCOMPARE(QByteArray::fromStdString(told(response)), expected);
    }

    void aFunctionUrlsContentTypeIsJson()
    {
        const std::string_view result = R"({"statusCode":200,"body":"{}"})";
        QCOMPARE(told(resultToResponse(result, FrontDoor::FunctionUrl)),
                 std::string("200 | content-type: application/json | {}"));
    }

    void outcomesBecomeStatuses()
    {
        const std::string json = " | content-type: application/json | x-amzn-requestid: ";
        const std::string ids = json + id + " | x-kiln-invocation-id: " + id;
        QCOMPARE(told(toResponse(invocation(Outcome::Ok, "1"), FrontDoor::Route)), "200" + ids + " | 1");
        const std::string throttled = R"({"message":"Too Many Requests"})";
        QCOMPARE(told(toResponse(invocation(Outcome::Throttled, ""), FrontDoor::Route)),
                 "429" + ids + " | x-kiln-outcome: Throttled | " + throttled);
        const std::string failed = R"({"message":"Internal Server Error"})";
        for (const Outcome outcome : {Outcome::HandlerError, Outcome::InitError, Outcome::TimedOut,
                                      Outcome::OutOfMemory, Outcome::Crashed, Outcome::Blocked, Outcome::Cancelled}) {
            // What the handler said in its error is not for the client.
            const Result<InvocationPtr> answer = invocation(outcome, R"({"errorMessage":"secret"})");
            QCOMPARE(told(toResponse(answer, FrontDoor::Route)),
                     "502" + ids + " | x-kiln-outcome: " + std::string(toWord(outcome)) + " | " + failed);
        }
    }

    void errorsOfTheEngineAreTold()
    {
        const Result<InvocationPtr> unknown = fail(Error::Code::NotFound, "no function \"a\"", "/home/x");
        const std::string said = "{\"message\":\"no function \\\"a\\\"\"}";
        QCOMPARE(told(toResponse(unknown, FrontDoor::Route)), "404 | content-type: application/json | " + said);
        const Result<InvocationPtr> busy = fail(Error::Code::Busy, "not ready yet");
        QCOMPARE(toResponse(busy, FrontDoor::Route).status, 503);
        QCOMPARE(
            toResponse(tl::make_unexpected(Error{Error::Code::LimitExceeded, "too large", {}, {}, 0}), FrontDoor::Route)
                .status,
            413);
    }

    void aResponseIsFramed()
    {
        ResponseFrame frame;
        frame.date = WallTime(std::chrono::seconds(1'583'956'800)); // 11 March 2020, 20:00:00
        const std::string date = "date: Wed, 11 Mar 2020 20:00:00 GMT\r\n";
        HttpResponse response{200, {{"a", "b"}}, "body"};
        QCOMPARE(toBytes(response, frame), "HTTP/1.1 200 OK\r\na: b\r\n" + date + "content-length: 4\r\n\r\nbody");
        frame.body = ResponseFrame::Body::Withheld;
        frame.connection = ResponseFrame::Connection::Close;
        QCOMPARE(toBytes(response, frame),
                 "HTTP/1.1 200 OK\r\na: b\r\n" + date + "connection: close\r\ncontent-length: 4\r\n\r\n");
        frame = {.connection = ResponseFrame::Connection::KeepAlive, .minorVersion = 0, .date = frame.date};
        response = {204, {{"Date", "mine"}}, "never sent"};
        QCOMPARE(toBytes(response, frame),
                 std::string("HTTP/1.1 204 No Content\r\nDate: mine\r\nconnection: keep-alive\r\n\r\n"));
    }
};

QTEST_GUILESS_MAIN(tst_ResultMapping)
#include "tst_result_mapping.moc"
