// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/base64.h"
#include "core/runtime/adapter/runtime_api.h"

#include <QTest>

#include <boost/json.hpp>

#include <string>
#include <vector>

using namespace kiln;
using namespace kiln::adapter;

namespace {

constexpr const char *arn = "arn:aws:lambda:us-east-1:000000000000:function:shop";
constexpr const char *first = "018f0000-0000-7000-8000-000000000001";
constexpr const char *second = "018f0000-0000-7000-8000-000000000002";

/// The API with an engine that writes down what it is told.
struct Bench
{
    std::size_t atOnce = 1;
    std::vector<std::string> told{};
    RuntimeApi api{
        {.ready = [this] { told.emplace_back("ready"); },
         .initError = [this](const std::string &body) { told.push_back("init error " + body); },
         .result = [this](std::uint64_t serial,
                          const std::string &body) { told.push_back("result " + std::to_string(serial) + " " + body); },
         .resultTooLarge = [this](std::uint64_t serial) { told.push_back("too large " + std::to_string(serial)); },
         .failure =
             [this](std::uint64_t serial, const std::string &body) {
                 told.push_back("failure " + std::to_string(serial) + " " + body);
             }},
        {.arn = arn, .responseLimit = 1000, .atOnce = atOnce}};

    std::optional<ApiReply> send(const std::string &method, const std::string &path, const std::string &body = {},
                                 const std::string &fields = {}, const std::string &trailers = {})
    {
        ApiRequest request;
        request.method = method;
        request.path = "/2018-06-01" + path;
        request.fields = fields;
        request.body = body;
        request.trailers = trailers;
        return api.handle(request);
    }
    std::optional<ApiReply> next() { return send("GET", "/runtime/invocation/next"); }
    std::optional<ApiReply> answer(const std::string &id, const std::string &call, const std::string &body,
                                   const std::string &fields = {}, const std::string &trailers = {})
    {
        return send("POST", "/runtime/invocation/" + id + "/" + call, body, fields, trailers);
    }
    void offer(const std::string &id, std::uint64_t serial, const std::string &event = "{}")
    {
        std::string bytes;
        appendInvoke(bytes, serial, {1700000000123U, id, {}}, event);
        FrameReader frames(1 << 20);
        std::copy(bytes.begin(), bytes.end(), frames.prepare(bytes.size()));
        frames.filled(bytes.size());
        api.offer(*readInvoke(std::move(**frames.next())));
    }
    /// Ready and with an event.
    void begin()
    {
        (void)next();
        offer(first, 1);
        (void)api.eventForWaiting();
        told.clear();
    }
};

std::string typeOf(const std::optional<ApiReply> &reply)
{
    if (!reply)
        return "no reply";
    const auto body = boost::json::parse(reply->body);
    return std::to_string(reply->status) + " " + std::string(body.at("errorType").as_string());
}

} // namespace

class tst_RuntimeApi : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anEventGoesToWhoWaitsWithItsHeaders()
    {
        Bench bench;
        QVERIFY(!bench.next());
        QCOMPARE(bench.told, std::vector<std::string>{"ready"});
        QVERIFY(!bench.api.eventForWaiting());
        bench.offer(first, 7, "{\"a\": 1}");
        const auto reply = bench.api.eventForWaiting();
        QVERIFY(reply);
        QCOMPARE(reply->status, 200);
        QCOMPARE(reply->body, std::string("{\"a\": 1}"));
        for (const std::string &field :
             {"Lambda-Runtime-Aws-Request-Id: " + std::string(first),
              std::string("Lambda-Runtime-Deadline-Ms: 1700000000123"),
              "Lambda-Runtime-Invoked-Function-Arn: " + std::string(arn),
              std::string("Lambda-Runtime-Trace-Id: Root=1-018f0000-000070008000000000000001;Parent=")})
            QVERIFY2(reply->fields.find(field) != std::string::npos, reply->fields.c_str());
        QVERIFY(!bench.api.eventForWaiting());
    }

    void anAnswerIsPassedOnAndTheNextEventIsOnlyForWhoAsks()
    {
        Bench bench;
        bench.begin();
        QCOMPARE(bench.answer(first, "response", "42")->status, 202);
        QCOMPARE(bench.told, std::vector<std::string>{"result 1 42"});
        bench.offer(second, 2);
        QVERIFY(!bench.api.eventForWaiting());
        QVERIFY(bench.next());
        QCOMPARE(bench.answer(second, "response", "")->status, 202);
        QCOMPARE(bench.told.back(), std::string("result 2 "));
    }

    void anEventWhoseReplyWasLostIsGivenAgain()
    {
        Bench bench;
        bench.begin();
        const auto again = bench.next();
        QVERIFY(again);
        QVERIFY(again->fields.find(first) != std::string::npos);
        QVERIFY(bench.told.empty());
    }

    void misuseIsAnsweredAsOnLambda()
    {
        Bench bench;
        QCOMPARE(typeOf(bench.answer(first, "response", "1")), std::string("400 InvalidRequestID"));
        (void)bench.next();
        QCOMPARE(typeOf(bench.send("POST", "/runtime/init/error", "{}")), std::string("403 InvalidStateTransition"));
        bench.offer(first, 1);
        QCOMPARE(typeOf(bench.answer(first, "response", "too early")), std::string("400 InvalidRequestID"));
        (void)bench.api.eventForWaiting();
        QCOMPARE(typeOf(bench.answer(second, "response", "not mine")), std::string("400 InvalidRequestID"));
        QCOMPARE(typeOf(bench.answer("", "response", "nobody's")), std::string("400 InvalidRequestID"));
        QCOMPARE(bench.answer(first, "response", "1")->status, 202);
        QCOMPARE(typeOf(bench.answer(first, "response", "2")), std::string("403 InvalidStateTransition"));
        QCOMPARE(typeOf(bench.answer(first, "error", "{}")), std::string("403 InvalidStateTransition"));
        QCOMPARE(bench.told, (std::vector<std::string>{"ready", "result 1 1"}));
    }

    void severalEventsAreGivenAtOnceAndAnsweredById()
    {
        Bench bench{.atOnce = 2};
        QVERIFY(!bench.next());
        bench.offer(first, 1, "1");
        bench.offer(second, 2, "2");
        QCOMPARE(bench.api.eventForWaiting()->body, std::string("1"));
        QCOMPARE(bench.next()->body, std::string("2"));
        QVERIFY(!bench.next()); // never the same again: another client has it
        QCOMPARE(bench.answer(second, "error", "{}")->status, 202);
        QCOMPARE(bench.answer(first, "response", "one")->status, 202);
        QCOMPARE(bench.told[1], std::string(R"(failure 2 {"type":"Runtime.Unknown","message":"","stack":[]})"));
        QCOMPARE(bench.told[2], std::string("result 1 one"));
    }

    void anAnswerForAnIdThatDoesNotRunIsRefused()
    {
        Bench bench{.atOnce = 2};
        (void)bench.next();
        bench.offer(first, 1);
        QCOMPARE(typeOf(bench.answer(first, "response", "too early")), std::string("400 InvalidRequestID"));
        (void)bench.api.eventForWaiting();
        bench.offer(second, 2);
        (void)bench.next();
        QCOMPARE(bench.answer(first, "response", "1")->status, 202);
        QCOMPARE(typeOf(bench.answer(first, "response", "twice")), std::string("403 InvalidStateTransition"));
        QCOMPARE(typeOf(bench.answer("x", "response", "nobody's")), std::string("400 InvalidRequestID"));
        QCOMPARE(bench.answer(second, "response", "2")->status, 202);
        QCOMPARE(bench.told, (std::vector<std::string>{"ready", "result 1 1", "result 2 2"}));
    }

    void whatTheApiDoesNotHaveIsSaid()
    {
        Bench bench;
        QCOMPARE(typeOf(bench.send("GET", "/runtime/invocation/next/more")), std::string("404 NotFound"));
        QCOMPARE(typeOf(bench.send("GET", "/runtime/restore/next")), std::string("404 NotFound"));
        QCOMPARE(typeOf(bench.send("POST", "/runtime/invocation/next")), std::string("405 MethodNotAllowed"));
        QCOMPARE(typeOf(bench.send("GET", "/runtime/init/error")), std::string("405 MethodNotAllowed"));
        QCOMPARE(bench.send("GET", "/ping")->body, std::string("pong"));
        QVERIFY(bench.told.empty());
    }

    void errorsAreToldInTheEnginesWords_data()
    {
        QTest::addColumn<QByteArray>("posted");
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("told");
        QTest::newRow("Python's") << QByteArray(
                                         R"({"errorType":"KeyError","errorMessage":"'x'","stackTrace":["a","b"]})")
                                  << QByteArray("Function.KeyError")
                                  << QByteArray(R"({"type":"KeyError","message":"'x'","stack":["a","b"]})");
        QTest::newRow("Node's") << QByteArray(
                                       R"({"errorType":"Error","errorMessage":"no","trace":["Error: no","  at x"]})")
                                << QByteArray()
                                << QByteArray(R"({"type":"Error","message":"no","stack":["Error: no","  at x"]})");
        QTest::newRow("frames as objects")
            << QByteArray(R"({"errorMessage":"no","stackTrace":[{"line":1}]})") << QByteArray("Function.Broke")
            << QByteArray("{\"type\":\"Function.Broke\",\"message\":\"no\",\"stack\":[\"{\\\"line\\\":1}\"]}");
        QTest::newRow("plain text") << QByteArray("it broke") << QByteArray("Function.Broke")
                                    << QByteArray(R"({"type":"Function.Broke","message":"it broke","stack":[]})");
        QTest::newRow("nothing") << QByteArray() << QByteArray()
                                 << QByteArray(R"({"type":"Runtime.Unknown","message":"","stack":[]})");
        QTest::newRow("not UTF-8") << QByteArray("\xff") << QByteArray()
                                   << QByteArray(
                                          "{\"type\":\"Runtime.Unknown\",\"message\":\"\xEF\xBF\xBD\",\"stack\":[]}");
        QTest::newRow("other kinds") << QByteArray(R"({"errorType":1,"errorMessage":[],"stackTrace":"x"})")
                                     << QByteArray()
                                     << QByteArray(R"({"type":"Runtime.Unknown","message":"","stack":[]})");
    }
    void errorsAreToldInTheEnginesWords()
    {
        QFETCH(QByteArray, posted);
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, told);
        const std::string fields = "Lambda-Runtime-Function-Error-Type: " + header.toStdString() + "\r\n";
        Bench bench;
        bench.begin();
        QCOMPARE(bench.answer(first, "error", posted.toStdString(), fields)->status, 202);
        QCOMPARE(bench.told, std::vector<std::string>{"failure 1 " + told.toStdString()});
        Bench starting;
        QCOMPARE(starting.send("POST", "/runtime/init/error", posted.toStdString(), fields)->status, 202);
        QCOMPARE(starting.told, std::vector<std::string>{"init error " + told.toStdString()});
        QCOMPARE(typeOf(starting.next()), std::string("403 InvalidStateTransition"));
    }

    void aStreamedResponseIsWholeAtItsEndUnlessItsTrailersTellAnError()
    {
        const std::string streaming = "Lambda-Runtime-Function-Response-Mode: streaming\r\n";
        Bench bench;
        bench.begin();
        QCOMPARE(bench.answer(first, "response", "parts", streaming)->status, 202);
        QCOMPARE(bench.told, std::vector<std::string>{"result 1 parts"});
        Bench broken;
        broken.begin();
        const std::string trailers = "Lambda-Runtime-Function-Error-Type: Function.Late\r\n"
                                     "Lambda-Runtime-Function-Error-Body: " +
                                     toBase64(R"({"errorType":"Late","errorMessage":"midway"})") + "\r\n";
        QCOMPARE(broken.answer(first, "response", "part", streaming, trailers)->status, 202);
        QCOMPARE(broken.told, std::vector<std::string>{R"(failure 1 {"type":"Late","message":"midway","stack":[]})"});
        Bench other;
        other.begin();
        QCOMPARE(typeOf(other.answer(first, "response", "x", "Lambda-Runtime-Function-Response-Mode: fast\r\n")),
                 std::string("400 InvalidFunctionResponseMode"));
        QVERIFY(other.told.front().find("Runtime.InvalidResponseModeHeader") != std::string::npos);
    }

    void aStreamedHttpResponseIsAnsweredAsABufferedOne()
    {
        const std::string fields = "Content-Type: application/vnd.awslambda.http-integration-response\r\n";
        const std::string zeros(8, '\0');
        Bench bench;
        bench.begin();
        (void)bench.answer(first, "response", R"({"statusCode":201,"headers":{"x":"y"}})" + zeros + "hi", fields);
        QCOMPARE(bench.told,
                 std::vector<std::string>{
                     R"(result 1 {"statusCode":201,"headers":{"x":"y"},"body":"hi","isBase64Encoded":false})"});
        Bench binary;
        binary.begin();
        (void)binary.answer(first, "response", "{}" + zeros + "\xff", fields);
        QCOMPARE(binary.told,
                 std::vector<std::string>{R"(result 1 {"statusCode":200,"body":"/w==","isBase64Encoded":true})"});
        Bench plain;
        plain.begin();
        (void)plain.answer(first, "response", "no prelude", fields);
        QCOMPARE(plain.told, std::vector<std::string>{"result 1 no prelude"});
    }

    void aResponseOverTheLimitEndsTheInvocation()
    {
        ApiRequest request;
        request.method = "POST";
        request.path = std::string("/2018-06-01/runtime/invocation/") + first + "/response";
        Bench bench;
        QCOMPARE(typeOf(bench.api.handleTooLarge(request)), std::string("400 InvalidRequestID"));
        bench.begin();
        QCOMPARE(typeOf(bench.api.handleTooLarge(request)), std::string("413 RequestEntityTooLarge"));
        QCOMPARE(bench.told, std::vector<std::string>{"too large 1"});
        QCOMPARE(typeOf(bench.api.handleTooLarge(request)), std::string("403 InvalidStateTransition"));
        QVERIFY(!bench.next());
    }

    void aResponseThatBreaksOffEndsTheInvocation()
    {
        ApiRequest request;
        request.method = "POST";
        request.path = std::string("/2018-06-01/runtime/invocation/") + second + "/response";
        Bench bench;
        bench.begin();
        bench.api.handleTruncated(request);
        QVERIFY(bench.told.empty());
        request.path = std::string("/2018-06-01/runtime/invocation/") + first + "/response";
        bench.api.handleTruncated(request);
        QVERIFY(bench.told.front().find("Runtime.TruncatedResponse") != std::string::npos);
    }

    void theContextOfAnEventBecomesHeaders()
    {
        FrameReader::Frame frame;
        std::string bytes;
        const std::string context = R"({"trace_id":"Root=1-5;Parent=6;Sampled=1","client_context":{"a":"é😀"}})";
        appendInvoke(bytes, 3, {5, first, context}, "event");
        FrameReader frames(1 << 20);
        std::copy(bytes.begin(), bytes.end(), frames.prepare(bytes.size()));
        frames.filled(bytes.size());
        const auto invocation = readInvoke(std::move(**frames.next()));
        QVERIFY(invocation);
        QCOMPARE(invocation->traceId, std::string("Root=1-5;Parent=6;Sampled=1"));
        QCOMPARE(invocation->clientContext, std::string(R"({"a":"\u00e9\ud83d\ude00"})"));
        QCOMPARE(invocation->event, std::string("event"));
        frame.header.type = FrameType::Invoke;
        frame.body = std::string(47, 'x');
        QVERIFY(!readInvoke(std::move(frame)));
    }
};

QTEST_APPLESS_MAIN(tst_RuntimeApi)
#include "tst_runtime_api.moc"
