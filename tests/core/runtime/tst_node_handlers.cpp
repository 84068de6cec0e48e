// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/function_error.h"
#include "core/runtime/kept_variables.h"
#include "tests/core/runtime/worker_process.h"

#include <QRegularExpression>
#include <QTest>

#include <boost/json.hpp>

using namespace kiln;
using test::WorkerProcess;
namespace json = boost::json;

/// The real bootstrap under the real Node, over a socketpair.
class tst_NodeHandlers : public QObject
{
    Q_OBJECT

    std::optional<Interpreter> m_node;

    std::unique_ptr<WorkerProcess> worker(const WorkerProcess::Files &files,
                                          const std::string &handler = "index.handler",
                                          std::map<std::string, std::string> environment = {})
    {
        return std::make_unique<WorkerProcess>(*m_node, files, handler, std::move(environment));
    }
    /// A worker that is Ready.
    std::unique_ptr<WorkerProcess> ready(const WorkerProcess::Files &files,
                                         const std::string &handler = "index.handler",
                                         std::map<std::string, std::string> environment = {})
    {
        auto process = worker(files, handler, std::move(environment));
        const auto answer = process->init();
        if (answer.type != FrameType::Ready)
            qWarning("not ready: %s\n%s", answer.body.c_str(), process->output().c_str());
        return process;
    }
    std::unique_ptr<WorkerProcess> ready(const std::string &code)
    {
        return ready(WorkerProcess::Files{{"index.js", code}});
    }
    /// One that takes ten events at once.
    std::unique_ptr<WorkerProcess> readyForMany(const std::string &code)
    {
        auto process = worker({{"index.js", code}});
        process->takeAtOnce(10);
        const auto answer = process->init();
        if (answer.type != FrameType::Ready)
            qWarning("not ready: %s\n%s", answer.body.c_str(), process->output().c_str());
        return process;
    }
    static FunctionError errorOf(const WorkerProcess::Answer &answer)
    {
        const auto error = readFunctionError(answer.body);
        return error ? *error : FunctionError{"?", answer.body, {}};
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_node = test::interpreterFor(Language::Node);
        if (!m_node)
            QSKIP("no usable node in /usr/bin or /usr/local/bin (apt install nodejs)");
    }

    void severalAtOnceHaveEachItsAnswerAndItsIdInAllLines()
    {
        auto process = readyForMany(
            "const wait = (ms) => new Promise((done) => setTimeout(done, ms));\n"
            "const opens = [];\n"
            "exports.handler = async (event, context) => {\n"
            "    await new Promise((open) => { opens[event.n] = open; if (opens.length === 3) opens[2](); });\n"
            "    console.log('line of %d\\nand one more', event.n);\n"
            "    opens[event.n - 1]?.();\n" // the last one first
            "    return [event.n, context.awsRequestId, context.getRemainingTimeInMillis() > 0];\n};\n");
        process->send({R"({"n":0})", R"({"n":1})", R"({"n":2})"});
        for (const int n : {2, 1, 0}) {
            const auto answer = process->receive();
            QCOMPARE(answer.type, std::optional(FrameType::Result));
            QCOMPARE(answer.serial, std::uint64_t(n + 1));
            QCOMPARE(answer.body, "[" + std::to_string(n) + ",\"" + WorkerProcess::idOf(answer.serial) + "\",true]");
        }
        process->closeChannel();
        QCOMPARE(process->wait(), 0);
        for (const int n : {0, 1, 2}) {
            const std::string id = WorkerProcess::idOf(std::uint64_t(n + 1));
            for (const std::string &line :
                 {"\t" + id + "\tINFO\tline of " + std::to_string(n) + "\n", "\t" + id + "\tINFO\tand one more\n"})
                QVERIFY2(process->output().find(line) != std::string::npos, process->output().c_str());
        }
    }

    void severalAtOnceMayBeOfAnySize()
    {
        auto process =
            readyForMany("exports.handler = async (event) => event === 0 ? 'x'.repeat(7 << 20) : event.length;");
        process->send({"\"" + std::string(300'000, 'x') + "\"", "\"a\"", "\"" + std::string(70'000, 'x') + "\""});
        for (const char *length : {"300000", "1", "70000"})
            QCOMPARE(process->receive().body, std::string(length));
        process->send({"0", "\"ab\""});
        const auto tooLarge = process->receive();
        QCOMPARE(tooLarge.flags, frameTooLarge);
        QCOMPARE(tooLarge.body, std::string());
        QCOMPARE(process->receive().body, std::string("2"));
    }

    void anEmptyLoopSettlesAllThatAreLeft()
    {
        auto process =
            readyForMany("exports.handler = (event, context, callback) => {\n"
                         "    if (event === 'never') return new Promise(() => {});\n"
                         "    if (event === 'calls back') setTimeout(() => callback(null, event), 5);\n};\n");
        process->send({"\"never\"", "\"calls back\"", "\"nothing\""});
        QCOMPARE(process->receive().body, std::string("\"calls back\""));
        std::map<std::uint64_t, WorkerProcess::Answer> answers;
        for (int i = 0; i < 2; ++i) {
            const auto answer = process->receive();
            answers[answer.serial] = answer;
        }
        QCOMPARE(errorOf(answers[1]).type, std::string("Runtime.NodeJsExit"));
        QCOMPARE(answers[3].body, std::string("null"));
        QCOMPARE(process->invoke("\"calls back\"").body, std::string("\"calls back\""));
    }

    void whatNobodyCatchesIsTheErrorOfAllThatRun()
    {
        auto process = readyForMany("exports.handler = (event) => {\n"
                                    "    if (event === 'throws') setTimeout(() => { throw new RangeError('mine'); });\n"
                                    "    return new Promise(() => setTimeout(() => {}, 1e6));\n};\n");
        process->send({"1", "2", "\"throws\""});
        for (const std::uint64_t serial : {1, 2, 3}) {
            const auto answer = process->receive();
            QCOMPARE(answer.serial, serial);
            QCOMPARE(answer.flags, frameLast);
            QCOMPARE(errorOf(answer).type, std::string("RangeError"));
        }
        QCOMPARE(process->wait(), 129);
    }

    void whatOneOfSeveralReachesForIsToldWithIt()
    {
        auto process =
            readyForMany("const fs = require('fs');\n"
                         "const wait = (ms) => new Promise((done) => setTimeout(done, ms));\n"
                         "let read;\nconst done = new Promise((tell) => { read = tell; });\n"
                         "exports.handler = async (event) => {\n"
                         "    if (event === 'reads') { await wait(1); fs.readFile('/home/x', read); await done;\n"
                         "        await wait(50); }\n"
                         "    await done;\n};\n");
        process->send({"\"reads\"", "\"other\""});
        QCOMPARE(process->receive().serial, std::uint64_t(2));
        QCOMPARE(process->notes, std::string());
        QCOMPARE(process->receive().serial, std::uint64_t(1));
        QVERIFY2(process->notes.find("/home/x") != std::string::npos, process->notes.c_str());
    }

    void tellsOnceWhichVariablesAreAskedFor()
    {
        auto process =
            ready({{"index.js", "const first = process.env.GIVEN;\n"
                                "exports.handler = async (event) => {\n"
                                "    if (event === 'start') return require('child_process').spawnSync('true').status;\n"
                                "    process.env.NEW = 1; process.env.GONE = 1; delete process.env.GONE;\n"
                                "    return [first, process.env.GIVEN, process.env.MISSING ?? null,\n"
                                "            process.env.NEW, 'GONE' in process.env,\n"
                                "            Object.keys(process.env).includes('UNREAD')];\n};\n"}},
                  "index.handler", {{"GIVEN", "a"}, {"UNREAD", "b"}});
        QCOMPARE(process->invoke("1").body, std::string(R"(["a","a",null,"1",false,true])"));
        const auto noted = [](const char *name, int line) {
            return QStringLiteral("{\"kind\":%1\"variable\",%1\"target\":%1\"%2\",%1\"place\":%1\"%3:%4\"}")
                .arg(QStringLiteral(""), QString::fromLatin1(name), QStringLiteral("index.js"))
                .arg(line)
                .toStdString();
        };
        QVERIFY2(process->notes.find(noted("MISSING", 5)) != std::string::npos, process->notes.c_str());
        QVERIFY2(process->notes.find("\"NEW\"") == std::string::npos, process->notes.c_str());
        process->notes.clear();
        process->invoke("1");
        QCOMPARE(process->notes, std::string()); // once in its life
        process->invoke("\"start\"");
        QVERIFY2(process->notes.find(noted("UNREAD", 3)) != std::string::npos, process->notes.c_str()); // for the other
    }

    void answersInEveryStyle_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("response");
        QTest::newRow("async") << "exports.handler = async (event) => event;"
                               << "{\"a\":[1,2.5,null,\"é\"]}";
        QTest::newRow("promise") << "exports.handler = (event) => new Promise(r => setTimeout(() => r(event.a), 5));"
                                 << "[1,2.5,null,\"é\"]";
        QTest::newRow("undefined") << "exports.handler = async () => {};"
                                   << "null";
        QTest::newRow("a function") << "exports.handler = async () => () => 1;"
                                    << "null";
        QTest::newRow("thenable") << "exports.handler = () => ({then: (done) => done(3)});"
                                  << "3";
        QTest::newRow("callback") << "exports.handler = (event, context, callback) => callback(null, 'called');"
                                  << "\"called\"";
        QTest::newRow("late callback")
            << "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 7), 5); };"
            << "7";
        QTest::newRow("callback waits for the loop")
            << "exports.handler = (e, c, callback) => { const r = []; setTimeout(() => r.push('late'), 20);"
               "callback(null, r); };"
            << "[\"late\"]";
        QTest::newRow("callback does not wait")
            << "exports.handler = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false; const r = [];"
               "setTimeout(() => r.push('late'), 20); callback(null, r); };"
            << "[]";
        QTest::newRow("never calls back") << "exports.handler = (e, c, callback) => 'ignored, as on Lambda';"
                                          << "null";
        QTest::newRow("succeed") << "exports.handler = (e, context) => context.succeed(1);"
                                 << "1";
        QTest::newRow("done") << "exports.handler = (e, context) => context.done(null, 2);"
                              << "2";
    }
    void answersInEveryStyle()
    {
        QFETCH(QString, code);
        QFETCH(QString, response);
        auto process = ready(code.toStdString());
        for (int i = 0; i < 3; ++i) {
            const auto answer = process->invoke(" {\"a\": [1, 2.5, null, \"é\"]} ");
            QVERIFY2(answer.type == FrameType::Result, answer.body.c_str());
            QCOMPARE(QString::fromStdString(answer.body), response);
            QCOMPARE(answer.serial, process->serial);
        }
    }

    void theHandlerMayBeInsideAnExport()
    {
        auto process =
            ready({{"index.js", "exports.api = {users: {get: async () => 'nested'}};"}}, "index.api.users.get");
        QCOMPARE(process->invoke("{}").body, std::string("\"nested\""));
    }

    void findsTheModuleByLambdasRules_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("handler");
        QTest::newRow(".mjs") << QStringList{QStringLiteral("index.mjs")} << "index.handler";
        QTest::newRow(".cjs") << QStringList{QStringLiteral("index.cjs")} << "index.handler";
        QTest::newRow("type module") << QStringList{QStringLiteral("index.js"), QStringLiteral("package.json")}
                                     << "index.handler";
        QTest::newRow("type module above")
            << QStringList{QStringLiteral("src/api/app.js"), QStringLiteral("package.json")} << "src/api/app.handler";
        QTest::newRow("folder") << QStringList{QStringLiteral("src/app.js")} << "src/app.handler";
        QTest::newRow("package") << QStringList{QStringLiteral("node_modules/lib/index.js")} << "lib.handler";
    }
    void findsTheModuleByLambdasRules()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, handler);
        const bool isModule = files.size() > 1 || files.first().endsWith(QLatin1String(".mjs"));
        WorkerProcess::Files written;
        for (const auto &file : files) {
            written[file.toStdString()] =
                file == QLatin1String("package.json") ? "{\"type\": \"module\"}"
                : isModule ? "const n = await Promise.resolve(5); export const handler = async () => n;"
                           : "exports.handler = async () => 5;";
        }
        auto process = ready(written, handler.toStdString());
        QCOMPARE(process->invoke("{}").body, std::string("5"));
    }

    void aModuleThatDoesNotLoadIsAnInitError_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("handler");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("place");
        QTest::newRow("missing module") << "index.js"
                                        << "\nrequire('xlsx');"
                                        << "index.handler"
                                        << "Runtime.ImportModuleError"
                                        << "Error: Cannot find module 'xlsx'"
                                        << "/index.js:2";
        QTest::newRow("missing ES module") << "index.mjs"
                                           << "import 'xlsx';"
                                           << "index.handler"
                                           << "Runtime.ImportModuleError"
                                           << "Error: Cannot find package 'xlsx'"
                                           << "";
        QTest::newRow("no such file") << "index.js"
                                      << ""
                                      << "other.handler"
                                      << "Runtime.ImportModuleError"
                                      << "Error: Cannot find module 'other'"
                                      << "";
        QTest::newRow("no such export") << "index.js"
                                        << "exports.main = 1"
                                        << "index.handler"
                                        << "Runtime.HandlerNotFound"
                                        << "index.handler is undefined or not exported"
                                        << "";
        QTest::newRow("not a function") << "index.js"
                                        << "exports.handler = 1"
                                        << "index.handler"
                                        << "Runtime.HandlerNotFound"
                                        << "index.handler is not a function"
                                        << "";
        QTest::newRow("no dot") << "index.js"
                                << ""
                                << "handler"
                                << "Runtime.MalformedHandlerName"
                                << "Bad handler"
                                << "";
        QTest::newRow("outside") << "index.js"
                                 << ""
                                 << "../evil.handler"
                                 << "Runtime.MalformedHandlerName"
                                 << "'../evil.handler' is not a valid handler name"
                                 << "";
        QTest::newRow("syntax") << "index.js"
                                << "const a = 1;\nconst b = ;\n"
                                << "index.handler"
                                << "Runtime.UserCodeSyntaxError"
                                << "SyntaxError: Unexpected token ';'"
                                << "/index.js:2";
        QTest::newRow("syntax of a module") << "index.mjs"
                                            << "export const b = ;\n"
                                            << "index.handler"
                                            << "Runtime.UserCodeSyntaxError"
                                            << "SyntaxError: Unexpected token ';'"
                                            << "/index.mjs:1";
        QTest::newRow("throws") << "index.js"
                                << "\n\nthrow new RangeError('no');"
                                << "index.handler"
                                << "RangeError"
                                << "no"
                                << "/index.js:3";
        QTest::newRow("rejects elsewhere")
            << "index.mjs"
            << "Promise.reject(new Error('lost'));\nawait new Promise(r => setTimeout(r, 50));\n"
            << "index.handler"
            << "Runtime.UnhandledPromiseRejection"
            << "Error: lost"
            << "/index.mjs:1";
        QTest::newRow("never ends loading") << "index.mjs"
                                            << "await new Promise(() => {});"
                                            << "index.handler"
                                            << "Runtime.NodeJsExit"
                                            << "The event loop is empty"
                                            << "";
    }
    void aModuleThatDoesNotLoadIsAnInitError()
    {
        QFETCH(QString, file);
        QFETCH(QString, code);
        QFETCH(QString, handler);
        QFETCH(QString, type);
        QFETCH(QString, message);
        QFETCH(QString, place);
        auto process = worker({{file.toStdString(), code.toStdString()}}, handler.toStdString());
        const auto answer = process->init();
        QVERIFY(answer.type == FrameType::InitError);
        QVERIFY(process->wait() != 0);
        const auto error = errorOf(answer);
        QCOMPARE(QString::fromStdString(error.type), type);
        QVERIFY2(QString::fromStdString(error.message).startsWith(message), error.message.c_str());
        if (!place.isEmpty()) {
            QVERIFY(!error.stack.empty());
            const std::string expected = process->code() + place.toStdString();
            QVERIFY2(error.stack.front().find(expected) != std::string::npos, error.stack.front().c_str());
        }
        for (const auto &line : error.stack) {
            QVERIFY2(line.find("node:") == std::string::npos, line.c_str());
            QVERIFY2(line.find("resources/runtimes") == std::string::npos, line.c_str());
        }
    }

    void anErrorTellsTypeMessageAndTheUsersOwnLines_data()
    {
        QTest::addColumn<QString>("code");
        QTest::newRow("rejected") << "async (event) =>\n  event.missing.field";
        QTest::newRow("thrown") << "(event) =>\n  event.missing.field";
        QTest::newRow("to callback")
            << "(event, c, callback) => { try {\n event.missing.field } catch (e) { callback(e); } }";
        QTest::newRow("to fail") << "(event, c) => { try {\n event.missing.field } catch (e) { c.fail(e); } }";
        QTest::newRow("to done") << "(event, c) => { try {\n event.missing.field } catch (e) { c.done(e); } }";
    }
    void anErrorTellsTypeMessageAndTheUsersOwnLines()
    {
        QFETCH(QString, code);
        auto process = ready("exports.handler = " + code.toStdString());
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        QCOMPARE(int(answer.flags), 0);
        const auto error = errorOf(answer);
        QCOMPARE(error.type, std::string("TypeError"));
        QCOMPARE(error.message, std::string("Cannot read properties of undefined (reading 'field')"));
        QCOMPARE(error.stack.size(), std::size_t(1));
        QVERIFY2(error.stack[0].find(process->code() + "/index.js:2:") != std::string::npos, error.stack[0].c_str());
        QVERIFY(process->invoke("{}").type == FrameType::Failure); // and it still serves
    }

    void strangeErrorsAreToldToo_data()
    {
        QTest::addColumn<QString>("thrown");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::newRow("text") << "'plain'"
                              << "string"
                              << "plain";
        QTest::newRow("undefined") << "undefined"
                                   << "undefined"
                                   << "undefined";
        QTest::newRow("null") << "null"
                              << "null"
                              << "null";
        QTest::newRow("object") << "{a: 1}"
                                << "object"
                                << "[object Object]";
        QTest::newRow("without text") << "Object.create(null)"
                                      << "handled"
                                      << "there was a problem";
        QTest::newRow("own name") << "Object.assign(new Error('m'), {name: 'MyError'})"
                                  << "MyError"
                                  << "m";
        QTest::newRow("odd stack") << "Object.assign(new Error('m'), {stack: 5})"
                                   << "Error"
                                   << "m";
        QTest::newRow("getter that throws") << "Object.defineProperty(new Error('m'), 'message', {get() { throw 1; }})"
                                            << "handled"
                                            << "there was a problem";
        QTest::newRow("own cause") << "(() => { const e = new Error('m'); e.cause = e; return e; })()"
                                   << "Error"
                                   << "m";
        QTest::newRow("recursion") << "(() => { try { (function f() { f(); })(); } catch (e) { return e; } })()"
                                   << "RangeError"
                                   << "Maximum call stack size exceeded";
    }
    void strangeErrorsAreToldToo()
    {
        QFETCH(QString, thrown);
        QFETCH(QString, type);
        QFETCH(QString, message);
        auto process = ready("exports.handler = async () => { throw " + thrown.toStdString() + "; };");
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        const auto error = errorOf(answer);
        QCOMPARE(QString::fromStdString(error.type), type);
        QVERIFY2(QString::fromStdString(error.message).startsWith(message), error.message.c_str());
    }

    void causesComeAfterTheError()
    {
        auto process = ready("exports.handler = async () => { throw new Error('a', {cause: new TypeError('b')}); };");
        const auto error = errorOf(process->invoke("{}"));
        QCOMPARE(error.stack.size(), std::size_t(3));
        QCOMPARE(error.stack[1], std::string("Caused by: TypeError: b"));
    }

    void whatCannotBeWrittenAsJsonIsAMarshalError_data()
    {
        QTest::addColumn<QString>("value");
        QTest::newRow("BigInt") << "10n";
        QTest::newRow("circle") << "(() => { const a = {}; a.a = a; return a; })()";
        QTest::newRow("toJSON that throws") << "{toJSON() { throw new Error('x'); }}";
    }
    void whatCannotBeWrittenAsJsonIsAMarshalError()
    {
        QFETCH(QString, value);
        auto process = ready("exports.handler = async () => (" + value.toStdString() + ");");
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        QCOMPARE(errorOf(answer).type, std::string("Runtime.MarshalError"));
        QVERIFY(process->invoke("{}").type == FrameType::Failure);
    }

    void everyInterpreterOfThisMachineServes()
    {
        for (const auto &interpreter : test::allInterpreters(Language::Node)) {
            WorkerProcess process(interpreter,
                                  {{"index.mjs", "export const handler = async (e) => { console.log(e); if (!e) throw "
                                                 "new Error(); return [e, 0.5]; };"}},
                                  "index.handler");
            QVERIFY2(process.init().type == FrameType::Ready, interpreter.path.c_str());
            QCOMPARE(process.invoke("2").body, std::string("[2,0.5]"));
            QVERIFY(process.invoke("0").type == FrameType::Failure);
            QCOMPARE(process.invoke("2").body, std::string("[2,0.5]"));
        }
    }

    void anEventThatIsNotJsonIsAnUnmarshalError()
    {
        auto process = ready("exports.handler = async (event) => event;");
        for (const std::string_view bad : {"", "{", "x", "1 2"}) {
            const auto answer = process->invoke(bad);
            QVERIFY(answer.type == FrameType::Failure);
            QCOMPARE(errorOf(answer).type, std::string("Runtime.UnmarshalError"));
        }
        QCOMPARE(process->invoke("7").body, std::string("7"));
    }

    void whatNobodyCatchesEndsTheWorkerAndIsTold_data()
    {
        QTest::addColumn<QString>("statement");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::addColumn<int>("code");
        QTest::newRow("rejection") << "Promise.reject(new Error('lost'))"
                                   << "Runtime.UnhandledPromiseRejection"
                                   << "Error: lost" << 128;
        QTest::newRow("exception") << "setTimeout(() => { throw new RangeError('late'); }, 1)"
                                   << "RangeError"
                                   << "late" << 129;
    }
    void whatNobodyCatchesEndsTheWorkerAndIsTold()
    {
        QFETCH(QString, statement);
        QFETCH(QString, type);
        QFETCH(QString, message);
        QFETCH(int, code);
        auto process = ready("exports.handler = async () => {\n" + statement.toStdString() +
                             ";\nawait new Promise(r => setTimeout(r, 10000)); };");
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        QCOMPARE(answer.flags, frameLast);
        QCOMPARE(answer.serial, process->serial);
        const auto error = errorOf(answer);
        QCOMPARE(QString::fromStdString(error.type), type);
        QCOMPARE(QString::fromStdString(error.message), message);
        QVERIFY(error.stack.at(0).find("index.js:2") != std::string::npos);
        QCOMPARE(process->wait(), code);
    }

    void aPromiseThatNothingCanSettleIsAFailureAtOnce()
    {
        auto process = ready("exports.handler = (event) => event ? new Promise(() => {}) : Promise.resolve(1);");
        const auto error = errorOf(process->invoke("true"));
        QCOMPARE(error.type, std::string("Runtime.NodeJsExit"));
        QCOMPARE(process->invoke("false").body, std::string("1"));
    }

    void callingBackTwiceIsOneAnswer()
    {
        auto process = ready("exports.handler = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false;"
                             "callback(null, 1); callback(null, 2); c.succeed(3); callback(new Error('x')); };");
        for (int i = 0; i < 3; ++i) {
            const auto answer = process->invoke("{}");
            QCOMPARE(answer.body, std::string("1"));
            QCOMPARE(answer.serial, process->serial);
        }
        process->closeChannel();
        process->wait();
        QVERIFY(process->output().find("already been reported as done") != std::string::npos);
    }

    void theContextHasLambdasFields()
    {
        auto process =
            ready("exports.handler = async (e, c) => { const t = c.getRemainingTimeInMillis();"
                  "if (!(t > 0 && t <= 60000)) throw new Error('time ' + t); return [c.awsRequestId,"
                  "c.functionName, c.functionVersion, c.invokedFunctionArn, c.memoryLimitInMB, c.logGroupName,"
                  "c.logStreamName, c.callbackWaitsForEmptyEventLoop, c.clientContext]; };");
        QCOMPARE(QString::fromStdString(process->invoke("{}", "{\"client_context\":{\"custom\":{\"a\":1}}}").body),
                 QStringLiteral("[\"%1\",\"shop\",\"$LATEST\",\"arn:aws:lambda:us-east-1:000000000000:function:shop\","
                                "\"128\",\"/aws/lambda/shop\",\"2026/11/23/[$LATEST]01\",true,{\"custom\":{\"a\":1}}]")
                     .arg(QLatin1String(WorkerProcess::requestId)));
    }

    void theEnvironmentIsTheFunctionsAndLambdas()
    {
        auto process = ready({{"index.js", "const {execFileSync} = require('child_process');"
                                           "const child = String(execFileSync('/usr/bin/env'));"
                                           "exports.handler = async () => [process.env.CURRENCY, process.env._HANDLER,"
                                           "child.includes('CURRENCY=€'), new Date(0).getHours(), process.env.HOME];"}},
                             "index.handler", {{"CURRENCY", "€"}, {"TZ", "Asia/Tokyo"}});
        QCOMPARE(QString::fromStdString(process->invoke("{}").body),
                 QStringLiteral("[\"€\",\"index.handler\",true,9,\"/tmp\"]"));
    }

    void consoleIsFormattedAsOnLambda()
    {
        auto process = ready("console.log('in init'); exports.handler = async () => { console.log('a', {b: 1});"
                             "console.warn('w %d', 3); console.error(new Error('e').message); console.debug('d'); };");
        process->invoke("{}");
        process->closeChannel();
        process->wait();
        const QRegularExpression expected(
            QStringLiteral(
                "^@\tundefined\tINFO\tin init\n@\t%1\tINFO\ta \\{ b: 1 \\}\n@\t%1\tWARN\tw 3\n@\t%1\tERROR\te\n"
                "@\t%1\tDEBUG\td\n$")
                .replace(QLatin1Char('@'), QStringLiteral("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"))
                .arg(QLatin1String(WorkerProcess::requestId)));
        QVERIFY2(expected.match(QString::fromStdString(process->output())).hasMatch(), process->output().c_str());
    }

    void allOutputIsThereBeforeTheAnswerInOrder()
    {
        auto process = ready("const fs = require('fs'), {execFileSync} = require('child_process');"
                             "exports.handler = async () => { process.stdout.write('one\\n');"
                             "execFileSync('/bin/echo', ['two'], {stdio: 'inherit'}); process.stderr.write('three\\n');"
                             "fs.writeSync(1, 'four\\n'); process.stdout.write('x'.repeat(3000000));"
                             "process.stdout.write('no line break'); };");
        QVERIFY(process->invoke("{}").type == FrameType::Result);
        const std::string expected = "one\ntwo\nthree\nfour\n" + std::string(3'000'000, 'x') + "no line break";
        QTRY_COMPARE(process->output().size(), expected.size()); // only the reader's own thread is waited for
        QVERIFY(process->output() == expected);
    }

    void exitingReallyEndsTheProcess_data()
    {
        QTest::addColumn<QString>("statement");
        QTest::addColumn<int>("code");
        QTest::newRow("process.exit(3)") << "process.exit(3)" << 3;
        QTest::newRow("process.exit()") << "process.exit()" << 0;
        QTest::newRow("abort") << "process.abort()" << 128 + 6;
    }
    void exitingReallyEndsTheProcess()
    {
        QFETCH(QString, statement);
        QFETCH(int, code);
        auto process =
            ready("exports.handler = async () => { console.log('last words'); " + statement.toStdString() + "; };");
        QVERIFY(!process->invoke("{}").type);
        QCOMPARE(process->wait(), code);
        QVERIFY(process->output().find("last words\n") != std::string::npos);
    }

    void endsAtOnceWhenTheEngineIsGone()
    {
        auto process = ready("setInterval(() => {}, 1000); exports.handler = async () => 1;");
        QCOMPARE(process->invoke("{}").body, std::string("1"));
        process->closeChannel();
        QCOMPARE(process->wait(), 0);
    }

    void tellsWhatItsModuleKeeps_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("begin");
        QTest::newRow("CommonJS") << "index.js"
                                  << "const fs = require('fs'); exports.handler =";
        QTest::newRow("an ES module") << "index.mjs"
                                      << "import fs from 'fs'; export const handler =";
    }
    void tellsWhatItsModuleKeeps()
    {
        QFETCH(QString, file);
        QFETCH(QString, begin);
        const std::string code = "let count = 0, word = 'a\\n'.repeat(200); const seen = new Map(), list = [1, 2];\n"
                                 "const mine = { get trap() { process.exit(9); } }; let nothing;\n" +
                                 begin.toStdString() +
                                 " async (event) => { count++; seen.set(count, event); list.push(word, mine, nothing);"
                                 " fs.existsSync('/'); return count; };\n";
        WorkerProcess process(*m_node, {{file.toStdString(), code}}, "index.handler");
        QVERIFY(process.init().type == FrameType::Ready);
        process.invoke("7");
        const auto told = process.askKept();
        QVERIFY2(told.type == FrameType::Kept, told.body.c_str());
        const auto kept = readKeptVariables(told.body);
        QVERIFY2(kept, told.body.c_str());
        std::map<std::string, std::string> values;
        for (const CarriedState::Variable &variable : kept->variables)
            values[variable.name] = variable.value;
        QCOMPARE(values["count"], std::string("1"));
        QCOMPARE(values["seen"], std::string("Map(1)"));
        QCOMPARE(values["list"], std::string("Array(5)"));
        QCOMPARE(values["mine"], std::string("Object"));
        QCOMPARE(values["nothing"], std::string("undefined"));
        QVERIFY2(values["word"].starts_with("\"a\\na\\n") && values["word"].ends_with("…"), values["word"].c_str());
        QVERIFY(!values.contains("handler") && !values.contains("exports"));
        QCOMPARE(process.invoke("8").body, std::string("2")); // and it still serves
    }

    void anUnexpectedFrameEndsTheWorker()
    {
        auto process = ready("exports.handler = async (event) => event;");
        std::string bytes;
        appendFrame(bytes, FrameType::Ready, 0, "");
        process->sendRaw(bytes);
        QCOMPARE(process->wait(), 1);
    }

    void timersLeftBehindGoOnDuringTheNextInvocation()
    {
        auto process = ready(
            "let ticks = 0; exports.handler = async (e) => { if (e === 0) { setTimeout(() => ++ticks, 1); return 0; }"
            "await new Promise(r => setTimeout(r, 20)); return ticks; };");
        QCOMPARE(process->invoke("0").body, std::string("0"));
        QCOMPARE(process->invoke("1").body, std::string("1"));
    }

    void childrenDoNotGetTheChannel()
    {
        // A child has sockets of its own as 0, 1 and 2; what this test itself inherited is not of interest.
        auto process = ready("const {execFileSync} = require('child_process');"
                             "exports.handler = async () => String(execFileSync('/bin/ls', ['-l', '/proc/self/fd']))"
                             ".match(/\\d+ -> socket/g);");
        QCOMPARE(process->invoke("{}").body, std::string("[\"0 -> socket\",\"1 -> socket\",\"2 -> socket\"]"));
    }

    void largeEventsAndResultsGoThrough()
    {
        auto process = ready("exports.handler = async (event) => event;");
        const std::string event = "\"" + std::string(6 << 20, 'a') + "\"";
        QVERIFY(process->invoke(event).body == event);
        const std::string wide = "\"" + QString(30'000, QChar(0x20AC)).toStdString() + "\""; // 90 KB of UTF-8
        QVERIFY(process->invoke(wide).body == wide);
        QCOMPARE(process->invoke("1").body, std::string("1"));
    }

    void framesMayComeInAnyPieces()
    {
        auto process = ready("exports.handler = async (event) => event;");
        std::string bytes;
        for (int i = 0; i < 3; ++i)
            appendInvoke(bytes, (std::uint64_t(1) << 40) + std::uint64_t(i), {0, WorkerProcess::requestId, {}},
                         std::to_string(i));
        for (const char byte : bytes)
            process->sendRaw({&byte, 1});
        for (int i = 0; i < 3; ++i) {
            const auto answer = process->receive();
            QCOMPARE(answer.body, std::to_string(i));
            QCOMPARE(answer.serial, (std::uint64_t(1) << 40) + std::uint64_t(i));
        }
    }
};

QTEST_APPLESS_MAIN(tst_NodeHandlers)
#include "tst_node_handlers.moc"
