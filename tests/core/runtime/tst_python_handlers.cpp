// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/function_error.h"
#include "core/runtime/kept_variables.h"
#include "tests/core/runtime/worker_process.h"

#include <QRegularExpression>
#include <QTest>

#include <boost/json.hpp>

using namespace kiln;
using namespace Qt::StringLiterals;
using test::WorkerProcess;
namespace json = boost::json;

/// The real bootstrap under the real interpreter, over a socketpair.
class tst_PythonHandlers : public QObject
{
    Q_OBJECT

    std::optional<Interpreter> m_python;

    std::unique_ptr<WorkerProcess> worker(const std::string &code, const std::string &handler = "handler.handler",
                                          std::map<std::string, std::string> environment = {})
    {
        return worker(WorkerProcess::Files{{"handler.py", code}}, handler, std::move(environment));
    }
    std::unique_ptr<WorkerProcess> worker(const WorkerProcess::Files &files, const std::string &handler,
                                          std::map<std::string, std::string> environment = {})
    {
        return std::make_unique<WorkerProcess>(*m_python, files, handler, std::move(environment));
    }
    /// A worker that is Ready.
    std::unique_ptr<WorkerProcess> ready(const std::string &code)
    {
        auto process = worker(code);
        const auto answer = process->init();
        if (answer.type != FrameType::Ready)
            qWarning("not ready: %s\n%s", answer.body.c_str(), process->output().c_str());
        return process;
    }
    static std::string repeated(const std::string &text, int times)
    {
        std::string all;
        for (int i = 0; i < times; ++i)
            all += text;
        return all;
    }
    static std::vector<CarriedState::Variable> sorted(std::vector<CarriedState::Variable> variables)
    {
        std::sort(variables.begin(), variables.end(),
                  [](const auto &left, const auto &right) { return left.name < right.name; });
        return variables;
    }
    static FunctionError errorOf(const WorkerProcess::Answer &answer)
    {
        const auto error = readFunctionError(answer.body);
        return error ? *error : FunctionError{"?", answer.body, {}};
    }
    FunctionError initErrorOf(const std::string &code, const std::string &handler = "handler.handler")
    {
        auto process = worker(code, handler);
        const auto answer = process->init();
        if (answer.type != FrameType::InitError)
            return {"no InitError", answer.body, {}};
        auto error = errorOf(answer);
        if (process->wait() != 1)
            error.type = "did not exit with 1";
        for (auto &line : error.stack) {
            if (const auto at = line.find(process->code()); at != std::string::npos)
                line.replace(at, process->code().size(), "/var/task");
        }
        return error;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_python = test::interpreterFor(Language::Python);
        if (!m_python)
            QSKIP("no usable python3 in /usr/bin or /usr/local/bin (apt install python3)");
    }

    void tellsOnceWhichVariablesAreAskedFor()
    {
        auto process =
            worker("import os, subprocess, urllib.request\nfirst = os.environ['GIVEN']\n"
                   "def handler(event, context):\n"
                   "    if event == 'start': return subprocess.run(['true']).returncode\n"
                   "    if event == 'proxies': return urllib.request.getproxies_environment()\n"
                   "    os.environ['NEW'] = '1'\n"
                   "    return [first, os.environ['GIVEN'], os.getenv('MISSING'), os.environ['NEW'],\n"
                   "            os.environb[b'NEW'].decode(), 'MISSING' in os.environ, 'UNREAD' in list(os.environ)]\n",
                   "handler.handler", {{"GIVEN", "a"}, {"UNREAD", "b"}});
        QCOMPARE(process->init().type, FrameType::Ready);
        QCOMPARE(process->invoke("1").body, std::string(R"(["a", "a", null, "1", "1", false, true])"));
        const auto noted = [](const char *name, int line) {
            return QStringLiteral("{\"kind\":%1\"variable\",%1\"target\":%1\"%2\",%1\"place\":%1\"%3:%4\"}")
                .arg(QStringLiteral(" "), QString::fromLatin1(name), QStringLiteral("handler.py"))
                .arg(line)
                .toStdString();
        };
        QVERIFY2(process->notes.find(noted("GIVEN", 2)) != std::string::npos, process->notes.c_str());
        QVERIFY2(process->notes.find(noted("MISSING", 7)) != std::string::npos, process->notes.c_str());
        QVERIFY2(process->notes.find("\"NEW\"") == std::string::npos, process->notes.c_str());
        process->notes.clear();
        process->invoke("1");
        QCOMPARE(process->notes, std::string()); // once in its life
        process->invoke("\"proxies\"");
        // It goes through all of them, and has no use for this one.
        QVERIFY2(process->notes.find("UNREAD") == std::string::npos, process->notes.c_str());
        process->invoke("\"start\"");
        QVERIFY2(process->notes.find(noted("UNREAD", 4)) != std::string::npos, process->notes.c_str()); // for the other
    }

    void answersWithWhatTheHandlerReturns_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("response");
        QTest::newRow("the event") << "event"
                                   << R"({"a": [1, 2.5, null, true, "é"]})";
        QTest::newRow("nothing") << "None"
                                 << "null";
        QTest::newRow("text") << "'grüße \\n'"
                              << R"("grüße \n")";
        QTest::newRow("a tuple") << "(1, 'x')"
                                 << R"([1, "x"])";
        QTest::newRow("keys that are no text") << "{1: 2, None: 3, True: 4}"
                                               << R"({"1": 4, "null": 3})";
        QTest::newRow("bytes are passed on, as Lambda's own runtime does")
            << "b'raw \\x00'" << QString(QStringLiteral("raw ") + QChar(0));
        QTest::newRow("bytes inside") << "{'b': b'abc'}"
                                      << R"({"b": "abc"})";
        QTest::newRow("decimals") << "[__import__('decimal').Decimal('1.5'), __import__('decimal').Decimal('12')]"
                                  << "[1.5, 12]";
        QTest::newRow("text without UTF-8") << "'\\ud800'"
                                            << R"("\ud800")";
    }
    void answersWithWhatTheHandlerReturns()
    {
        QFETCH(QString, expression);
        QFETCH(QString, response);
        auto process = ready("def handler(event, context):\n    return " + expression.toStdString());
        const auto answer = process->invoke(R"(  {"a": [1, 2.5, null, true, "é"]} )");
        QVERIFY(answer.type == FrameType::Result);
        QCOMPARE(QString::fromStdString(answer.body), response);
        QCOMPARE(answer.serial, process->serial);
    }

    void whatCannotBeWrittenAsJsonIsAMarshalError_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("message");
        QTest::newRow("set") << "return {1}"
                             << "Object of type set is not JSON serializable";
        QTest::newRow("generator") << "yield 1"
                                   << "Object of type generator is not JSON serializable";
        QTest::newRow("object") << "return object()"
                                << "Object of type object is not JSON serializable";
        QTest::newRow("circle") << "a = []; a.append(a); return a"
                                << "Circular reference detected";
        QTest::newRow("key") << "return {(1, 2): 3}"
                             << "keys must be str, int, float, bool or None, not tuple";
        QTest::newRow("coroutine") << "async def f(): pass\n    return f()"
                                   << "Object of type coroutine is not JSON serializable";
    }
    void whatCannotBeWrittenAsJsonIsAMarshalError()
    {
        QFETCH(QString, body);
        QFETCH(QString, message);
        auto process = ready("def handler(event, context):\n    " + body.toStdString());
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        QCOMPARE(errorOf(answer).type, std::string("Runtime.MarshalError"));
        QCOMPARE(QString::fromStdString(errorOf(answer).message), u"Unable to marshal response: "_s + message);
        QVERIFY(process->invoke("{}").type == FrameType::Failure); // and it still serves
    }

    void everyInterpreterOfThisMachineServes()
    {
        for (const auto &interpreter : test::allInterpreters(Language::Python)) {
            WorkerProcess process(interpreter,
                                  {{"handler.py", "def handler(e, c):\n    print(c)\n    return [e, 1 / e]"}},
                                  "handler.handler");
            QVERIFY2(process.init().type == FrameType::Ready, interpreter.path.c_str());
            QCOMPARE(process.invoke("2").body, std::string("[2, 0.5]"));
            QVERIFY(process.invoke("0").type == FrameType::Failure);
            QCOMPARE(process.invoke("2").body, std::string("[2, 0.5]"));
        }
    }

    void anEventThatIsNotJsonIsAnUnmarshalError()
    {
        auto process = ready("def handler(event, context):\n    return event");
        for (const std::string_view bad : {"", "{", "x", "1 2", "\xff", "{\"a\":}"}) {
            const auto answer = process->invoke(bad);
            QVERIFY(answer.type == FrameType::Failure);
            QCOMPARE(errorOf(answer).type, std::string("Runtime.UnmarshalError"));
            QVERIFY(errorOf(answer).message.starts_with("Unable to unmarshal input: "));
        }
        const std::string where = errorOf(process->invoke("{\"x\": 1,\n \"y\" 2}")).message;
        QVERIFY2(where.find("line 2 column 6") != std::string::npos, where.c_str());
        QCOMPARE(process->invoke("7").body, std::string("7"));
    }

    void anExceptionTellsTypeMessageAndTheUsersOwnLines()
    {
        auto process = ready("def inner(event):\n"
                             "    return event['missing']\n"
                             "\n"
                             "def handler(event, context):\n"
                             "    return inner(event)\n");
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        const auto error = errorOf(answer);
        QCOMPARE(error.type, std::string("KeyError"));
        QCOMPARE(error.message, std::string("'missing'"));
        const std::string file = "  File \"" + process->code() + "/handler.py\", line ";
        QCOMPARE(error.stack, (std::vector<std::string>{file + "5, in handler\n    return inner(event)",
                                                        file + "2, in inner\n    return event['missing']"}));
        process->closeChannel();
        process->wait();
        QVERIFY(process->output().find("[ERROR] KeyError: 'missing'\nTraceback (most recent call last):\n" + file) !=
                std::string::npos);
    }

    void causesComeBeforeTheExceptionTheyLedTo()
    {
        auto process = ready("def handler(event, context):\n"
                             "    try:\n"
                             "        {}['a']\n"
                             "    except KeyError as e:\n"
                             "        raise ValueError('bad') from e\n");
        const auto error = errorOf(process->invoke("{}"));
        QCOMPARE(error.type, std::string("ValueError"));
        QCOMPARE(error.stack.size(), std::size_t(4));
        QVERIFY(error.stack[0].find("line 3") != std::string::npos);
        QCOMPARE(error.stack[1], std::string("KeyError: 'a'"));
        QVERIFY(error.stack[2].find("direct cause") != std::string::npos);
        QVERIFY(error.stack[3].find("line 5") != std::string::npos);
    }

    void strangeExceptionsAreToldToo_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::newRow("endless recursion") << "def handler(e, c):\n    return handler(e, c)"
                                           << "RecursionError"
                                           << "maximum recursion depth exceeded";
        QTest::newRow("no text") << "class E(Exception):\n    def __str__(self): raise KeyError\n"
                                    "def handler(e, c):\n    raise E()"
                                 << "E"
                                 << "<unprintable E object>";
        QTest::newRow("not an Exception") << "def handler(e, c):\n    raise KeyboardInterrupt('x')"
                                          << "KeyboardInterrupt"
                                          << "x";
        QTest::newRow("no memory") << "def handler(e, c):\n    raise MemoryError"
                                   << "MemoryError"
                                   << "";
        QTest::newRow("wrong arguments") << "def handler(event):\n    pass"
                                         << "TypeError"
                                         << "handler() takes 1 positional argument but 2 were given";
        QTest::newRow("not callable") << "handler = 3"
                                      << "TypeError"
                                      << "'int' object is not callable";
        QTest::newRow("surrogate in its text") << "def handler(e, c):\n    raise ValueError('\\ud800')"
                                               << "ValueError"
                                               << "\\ud800";
    }
    void strangeExceptionsAreToldToo()
    {
        QFETCH(QString, code);
        QFETCH(QString, type);
        QFETCH(QString, message);
        auto process = ready(code.toStdString());
        const auto answer = process->invoke("{}");
        QVERIFY(answer.type == FrameType::Failure);
        const auto error = errorOf(answer);
        QCOMPARE(QString::fromStdString(error.type), type);
        QVERIFY2(QString::fromStdString(error.message).startsWith(message), error.message.c_str());
        QVERIFY(error.stack.size() < 50); // repetitions are folded
        QVERIFY(process->invoke("{}").type == FrameType::Failure);
    }

    void aModuleThatDoesNotLoadIsAnInitError_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("handler");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("place");
        QTest::newRow("missing module") << "\nimport xlsx\n"
                                        << "handler.handler"
                                        << "Runtime.ImportModuleError"
                                        << "Unable to import module 'handler': No module named 'xlsx'"
                                        << "  File \"/var/task/handler.py\", line 2, in <module>\n    import xlsx";
        QTest::newRow("no such file") << ""
                                      << "other.handler"
                                      << "Runtime.ImportModuleError"
                                      << "Unable to import module 'other': No module named 'other'"
                                      << "";
        QTest::newRow("no such function") << "x = 1"
                                          << "handler.main"
                                          << "Runtime.HandlerNotFound"
                                          << "Handler 'main' missing on module 'handler'"
                                          << "";
        QTest::newRow("no dot") << ""
                                << "handler"
                                << "Runtime.MalformedHandlerName"
                                << "Bad handler 'handler': not enough values to unpack (expected 2, got 1)"
                                << "";
        QTest::newRow("no file") << ""
                                 << ".handler"
                                 << "Runtime.MalformedHandlerName"
                                 << "Bad handler '.handler': expected file.function"
                                 << "";
        QTest::newRow("builtin") << ""
                                 << "time.handler"
                                 << "Runtime.BuiltInModuleConflict"
                                 << "Cannot use built-in module time as a handler module"
                                 << "";
        QTest::newRow("outside") << ""
                                 << "../evil.handler"
                                 << "Runtime.ImportModuleError"
                                 << "Unable to import module '../evil': "
                                 << "";
        QTest::newRow("syntax") << "x = 1\ny = = 2\n"
                                << "handler.handler"
                                << "Runtime.UserCodeSyntaxError"
                                << "Syntax error in module 'handler': "
                                << "  File \"/var/task/handler.py\", line 2";
        QTest::newRow("raises") << "def f():\n    raise RuntimeError('no')\nf()\n"
                                << "handler.handler"
                                << "RuntimeError"
                                << "no"
                                << "  File \"/var/task/handler.py\", line 3, in <module>\n    f()";
    }
    void aModuleThatDoesNotLoadIsAnInitError()
    {
        QFETCH(QString, code);
        QFETCH(QString, handler);
        QFETCH(QString, type);
        QFETCH(QString, message);
        QFETCH(QString, place);
        const auto error = initErrorOf(code.toStdString(), handler.toStdString());
        QCOMPARE(QString::fromStdString(error.type), type);
        QVERIFY2(QString::fromStdString(error.message).startsWith(message), error.message.c_str());
        QCOMPARE(error.stack.empty(), place.isEmpty());
        if (!place.isEmpty())
            QVERIFY2(QString::fromStdString(error.stack.front()).startsWith(place), error.stack.front().c_str());
    }

    void handlersMayBeInFolders()
    {
        auto process = worker(
            {{"src/api/app.py", "from . import part\ndef main(e, c): return part.N"}, {"src/api/part.py", "N = 5"}},
            "src/api/app.main");
        QVERIFY(process->init().type == FrameType::Ready);
        QCOMPARE(process->invoke("{}").body, std::string("5"));
    }

    void moduleCodeRunsOnce()
    {
        auto process = ready("n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    return n");
        QCOMPARE(process->invoke("{}").body, std::string("1"));
        QCOMPARE(process->invoke("{}").body, std::string("2"));
    }

    void theContextHasLambdasFields()
    {
        auto process =
            ready("def handler(e, c):\n"
                  "    assert 0 < c.get_remaining_time_in_millis() <= 60000\n"
                  "    assert c.identity.cognito_identity_id is None and c.client_context is None\n"
                  "    c.log('logged\\n')\n"
                  "    return [c.aws_request_id, c.function_name, c.function_version, c.invoked_function_arn,\n"
                  "            c.memory_limit_in_mb, c.log_group_name, c.log_stream_name, c.tenant_id]");
        const auto answer = process->invoke("{}");
        QCOMPARE(
            QString::fromStdString(answer.body),
            QStringLiteral(R"(["%1", "shop", "$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:shop", "128", )"
                           R"("/aws/lambda/shop", "2026/11/23/[$LATEST]01", null])")
                .arg(QLatin1String(WorkerProcess::requestId)));
        QTRY_VERIFY(process->output().find("logged") != std::string::npos);
    }

    void theCallersContextIsHandedOn()
    {
        auto process = ready(
            "import os\ndef handler(e, c):\n"
            "    return [c.client_context.custom, c.client_context.client.app_title, os.environ['_X_AMZN_TRACE_ID']]");
        const auto answer = process->invoke(
            "{}", R"({"client_context":{"custom":{"a":1},"client":{"app_title":"t"}},"trace_id":"Root=1-2"})");
        QCOMPARE(answer.body, std::string(R"([{"a": 1}, "t", "Root=1-2"])"));
    }

    void theEnvironmentIsTheFunctionsAndLambdas()
    {
        auto process =
            worker("import os, time, subprocess\n"
                   "child = subprocess.run(['/usr/bin/env'], capture_output=True, text=True).stdout\n"
                   "def handler(e, c):\n"
                   "    assert 'CURRENCY=€\\n' in child\n"
                   "    return [os.environ[k] for k in ('CURRENCY', '_HANDLER', 'AWS_LAMBDA_FUNCTION_NAME', "
                   "'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',\n"
                   "            'LAMBDA_TASK_ROOT', 'HOME', 'AWS_REGION')] + [time.localtime(0).tm_hour, "
                   "len(os.environ) < 25]",
                   "handler.handler", {{"CURRENCY", "€"}, {"TZ", "Asia/Tokyo"}, {"AWS_LAMBDA_FUNCTION_NAME", "no"}});
        QVERIFY(process->init().type == FrameType::Ready);
        QCOMPARE(QString::fromStdString(process->invoke("{}").body),
                 QStringLiteral(R"(["€", "handler.handler", "shop", "128", "%1", "/tmp", "us-east-1", 9, true])")
                     .arg(QString::fromStdString(process->code())));
    }

    void loggingIsSetUpAsOnLambda()
    {
        auto process = ready("import logging\n"
                             "logging.basicConfig(format='no effect')\n"
                             "def handler(e, c):\n"
                             "    logging.info('hidden')\n"
                             "    logging.warning('low on %s', 'x')\n"
                             "    logging.getLogger().setLevel('DEBUG')\n"
                             "    logging.getLogger('a.b').debug('deep')\n");
        process->invoke("{}");
        process->closeChannel();
        process->wait();
        const QRegularExpression expected(
            QStringLiteral("^\\[WARNING\\]\t\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\t%1\tlow on x\n"
                           "\\[DEBUG\\]\t[^\t]+\t%1\tdeep\n$")
                .arg(QLatin1String(WorkerProcess::requestId)));
        QVERIFY2(expected.match(QString::fromStdString(process->output())).hasMatch(), process->output().c_str());
    }

    void allOutputIsThereBeforeTheAnswerInOrder()
    {
        auto process = ready("import os, subprocess, sys\n"
                             "def handler(e, c):\n"
                             "    print('one')\n"
                             "    subprocess.run(['/bin/echo', 'two'])\n"
                             "    print('three', file=sys.stderr)\n"
                             "    os.write(1, b'four\\n')\n"
                             "    print('x' * 300000)\n"
                             "    print('no line break', end='')\n");
        QVERIFY(process->invoke("{}").type == FrameType::Result);
        const std::string expected = "one\ntwo\nthree\nfour\n" + std::string(300'000, 'x') + "\nno line break";
        QTRY_COMPARE(process->output().size(), expected.size()); // only the reader's own thread is waited for
        QCOMPARE(process->output(), expected);
    }

    void whatACLibraryPrintsIsThereToo()
    {
        auto process = ready("import ctypes\n"
                             "def handler(e, c):\n"
                             "    ctypes.CDLL(None).printf(b'native\\n')\n");
        process->invoke("{}");
        QTRY_COMPARE(process->output(), std::string("native\n"));
    }

    void aClosedOrReplacedStdoutBreaksNothing_data()
    {
        QTest::addColumn<QString>("body");
        QTest::newRow("closed") << "sys.stdout.close(); sys.stderr.close()";
        QTest::newRow("replaced") << "sys.stdout = io.StringIO(); sys.stderr = None";
        QTest::newRow("deleted") << "del sys.stdout";
        QTest::newRow("descriptor closed") << "os.close(1); os.close(2)";
        QTest::newRow("a flush that raises") << "sys.stdout = type('S', (), {'flush': lambda s: 1/0})()";
    }
    void aClosedOrReplacedStdoutBreaksNothing()
    {
        QFETCH(QString, body);
        auto process = ready("import io, os, sys\nn = 0\n"
                             "def handler(e, c):\n"
                             "    global n\n"
                             "    n += 1\n"
                             "    if n == 1:\n"
                             "        " +
                             body.toStdString() +
                             "\n"
                             "    if n == 3:\n"
                             "        raise ValueError('x')\n"
                             "    return n");
        QCOMPARE(process->invoke("{}").body, std::string("1"));
        QCOMPARE(process->invoke("{}").body, std::string("2"));
        QVERIFY(process->invoke("{}").type == FrameType::Failure);
        QCOMPARE(process->invoke("{}").body, std::string("4"));
    }

    void exitingReallyEndsTheProcess_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<int>("code");
        QTest::newRow("sys.exit(3)") << "sys.exit(3)" << 3;
        QTest::newRow("exit(0)") << "exit(0)" << 0;
        QTest::newRow("os._exit(4)") << "os._exit(4)" << 4;
        QTest::newRow("text") << "sys.exit('reason')" << 1;
        QTest::newRow("a crash") << "os.kill(os.getpid(), 11)" << 128 + 11;
    }
    void exitingReallyEndsTheProcess()
    {
        QFETCH(QString, body);
        QFETCH(int, code);
        auto process = ready("import os, sys\ndef handler(e, c):\n    print('last words')\n    " + body.toStdString());
        QVERIFY(!process->invoke("{}").type);
        QCOMPARE(process->wait(), code);
        QVERIFY(process->output().starts_with("last words\n"));
    }

    void exitingInTheModuleReallyEndsTheProcess()
    {
        auto process = worker("import sys\nsys.exit(5)");
        QVERIFY(!process->init().type);
        QCOMPARE(process->wait(), 5);
    }

    void endsAtOnceWhenTheEngineIsGone()
    {
        auto process = ready("def handler(e, c): pass");
        process->closeChannel();
        QCOMPARE(process->wait(), 0);
    }

    void endsWhenTheEngineIsGoneBeforeInit()
    {
        auto process = worker("");
        process->closeChannel();
        QCOMPARE(process->wait(), 0);
    }

    void theChannelIsOutOfTheUsersReach()
    {
        auto process = ready("import os, subprocess, sys\n"
                             "def handler(e, c):\n"
                             "    os.closerange(3, 256)\n"
                             "    if os.fork() == 0:\n"
                             "        return 'the child must not answer'\n"
                             "    os.wait()\n"
                             "    return subprocess.run(['/bin/ls', '-l', '/proc/self/fd'], capture_output=True, "
                             "text=True).stdout.count('socket:')");
        const auto answer = process->invoke("{}");
        QCOMPARE(answer.body, std::string("0"));
        QVERIFY(process->invoke("{}").type == FrameType::Result);
    }

    void stdinIsEmpty()
    {
        auto process = ready("import sys\ndef handler(e, c): return sys.stdin.read()");
        QCOMPARE(process->invoke("{}").body, std::string(R"("")"));
    }

    void largeEventsAndResultsGoThrough()
    {
        auto process = ready("def handler(e, c): return e");
        const std::string event = "\"" + std::string(6 << 20, 'a') + "\"";
        const auto answer = process->invoke(event);
        QVERIFY(answer.body == event);
        QCOMPARE(process->invoke("1").body, std::string("1"));
    }

    void framesMayComeInAnyPieces()
    {
        auto process = ready("def handler(e, c): return e");
        std::string bytes;
        for (int i = 0; i < 3; ++i)
            appendInvoke(bytes, std::uint64_t(i), {0, WorkerProcess::requestId, {}}, std::to_string(i));
        for (const char byte : bytes) // each byte a packet of its own, and frames behind each other
            process->sendRaw({&byte, 1});
        for (int i = 0; i < 3; ++i) {
            const auto answer = process->receive();
            QCOMPARE(answer.body, std::to_string(i));
            QCOMPARE(answer.serial, std::uint64_t(i));
        }
    }

    void tellsWhatItsModulesKeep()
    {
        auto process = worker({{"handler.py", "import helper, json\nfrom typing import Any\nT = Any\n"
                                              "class Mine:\n    def __repr__(self): raise SystemExit\n"
                                              "count, ratio, word, none = 0, 0.5, 'a\\n' * 200, None\n"
                                              "few, many, table, mine = [1, 'b'], list(range(99)), {}, Mine()\n"
                                              "def handler(event, context):\n"
                                              "    global count\n    count += 1\n"
                                              "    table[count] = mine\n    helper.seen.add(event)\n"
                                              "    return count\n"},
                               {"helper.py", "seen = set()\n"}},
                              "handler.handler");
        QCOMPARE(process->init().type, FrameType::Ready);
        process->invoke("7");
        const auto told = process->askKept();
        QCOMPARE(told.type, FrameType::Kept);
        const auto kept = readKeptVariables(told.body);
        QVERIFY2(kept, told.body.c_str());
        const std::vector<CarriedState::Variable> expected{{"handler.count", "1"},
                                                           {"handler.ratio", "0.5"},
                                                           {"handler.word", "'" + repeated("a\\n", 33) + "…"},
                                                           {"handler.none", "None"},
                                                           {"handler.few", "[1, 'b']"},
                                                           {"handler.many", "list of 99"},
                                                           {"handler.table", "dict of 1"},
                                                           {"handler.mine", "Mine"},
                                                           {"helper.seen", "{7}"}};
        QVERIFY2(sorted(kept->variables) == sorted(expected), told.body.c_str());
        QCOMPARE(process->invoke("8").body, std::string("2")); // and it still serves
    }

    void anUnexpectedFrameEndsTheWorker()
    {
        auto process = ready("def handler(e, c): return e");
        std::string bytes;
        appendFrame(bytes, FrameType::Ready, 0, "");
        process->sendRaw(bytes);
        QCOMPARE(process->wait(), 1);
    }

    void librariesOfTheSystemCanBeImported()
    {
        auto process =
            ready("import sys\ndef handler(e, c): return [p for p in sys.path if 'packages' in p or p == sys.path[0]]");
        const auto paths = json::parse(process->invoke("{}").body).as_array();
        QCOMPARE(std::string(paths.at(0).as_string()), process->code());
        if (m_python->path.string().starts_with("/usr/bin") &&
            std::filesystem::exists("/usr/lib/python3/dist-packages"))
            QVERIFY(std::find(paths.begin(), paths.end(), json::value("/usr/lib/python3/dist-packages")) !=
                    paths.end());
    }
};

QTEST_APPLESS_MAIN(tst_PythonHandlers)
#include "tst_python_handlers.moc"
