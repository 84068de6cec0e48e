// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_harness.h"

#include <QTest>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace kiln;
namespace fs = std::filesystem;

namespace {

/// The whole of a file beside this one.
std::string fileBytes(const std::string &name)
{
    std::ifstream in(std::string(KILN_SOURCE_DIR "/tests/core/api/") + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

/// `runtime: custom` by real bootstraps in real sandboxes: right ones, and ones that misuse the Runtime API.
class tst_CustomRuntime : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::EngineHarness> m_harness;

    void add(const std::string &name, const std::string &code, const std::string &settings = {})
    {
        m_harness->addProgram(name, "custom", fileBytes("runtime_api_client.py") + code, settings);
    }
    /// The function's own next invocation works, whatever the last one did.
    void checkGoesOn(const std::string &function)
    {
        const auto result = m_harness->fire(function, R"({"tame":true})");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (!fs::exists("/usr/bin/python3"))
            QSKIP("no /usr/bin/python3 (apt install python3)");
        m_harness = std::make_unique<test::EngineHarness>();
        add("good", "serve(lambda event, headers: {'event': event, 'headers': dict(headers), 'pid': os.getpid(),\n"
                    "    'environment': dict(os.environ), 'folder': os.getcwd()})\n");
        add("fails", "while True:\n"
                     "    id, event, _ = next_event()\n"
                     "    print('before it fails', file=sys.stderr, flush=True)\n"
                     "    call('POST', f'runtime/invocation/{id}/error', json.dumps({'errorType': 'Shop.Empty',\n"
                     "        'errorMessage': 'no stock', 'stackTrace': ['a.py:1', 'b.py:2']}),\n"
                     "        {'Lambda-Runtime-Function-Error-Type': 'Function.Shop'})\n");
        add("initfails", "call('POST', 'runtime/init/error', json.dumps({'errorType': 'Shop.Closed',\n"
                         "    'errorMessage': 'come back later'}))\ntime.sleep(60)\n");
        add("initexits", "print('last words', flush=True)\nsys.exit(3)\n");
        add("initsleeps", "time.sleep(60)\n");
        add("exits",
            "while True:\n    id, event, _ = next_event()\n    if not event.get('tame'): os._exit(event['code'])\n"
            "    respond(id, 1)\n");
        add("answersandexits", "id, event, _ = next_event()\nrespond(id, 'the last')\nos._exit(0)\n");
        add("killed", "import signal\nwhile True:\n    id, event, _ = next_event()\n"
                      "    if not event.get('tame'): os.kill(os.getpid(), signal.SIGSEGV)\n    respond(id, 1)\n");
        add("killsall",
            "import signal\nwhile True:\n    id, event, _ = next_event()\n"
            "    if not event.get('tame'): os.kill(os.getppid(), event['signal'])\n    respond(id, 1)\n",
            "timeout: 500ms\n");
        add("slow",
            "while True:\n    id, event, _ = next_event()\n    if not event.get('tame'): time.sleep(60)\n"
            "    respond(id, 1)\n",
            "timeout: 300ms\n");
        add("eats",
            "while True:\n    id, event, _ = next_event()\n    hog = []\n"
            "    while not event.get('tame'): hog.append(bytearray(8 << 20))\n    respond(id, 1)\n",
            "timeout: 20s\n");
        add("huge",
            "seen = None\nwhile True:\n    id, event, _ = next_event()\n    if event.get('tame'):\n"
            "        respond(id, seen)\n        continue\n    how = event['how']\n"
            "    body = whole = b'x' * (7 << 20)\n"
            "    if how == 'chunks':\n"
            "        body = (whole[i:i + 65536] for i in range(0, len(whole), 65536))\n"
            "    try:\n"
            "        status, _, text = call('POST', f'runtime/invocation/{id}/response', body)\n"
            "        seen = [status, json.loads(text)['errorType']]\n"
            "    except OSError as e:\n        seen = str(e)\n"
            "    api.close()\n",
            "memory: 256MB\ntimeout: 20s\n");
        add("streams",
            "while True:\n    id, event, _ = next_event()\n"
            "    s = socket.create_connection(('127.0.0.1', 9001))\n"
            "    s.sendall(f'POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\\r\\nHost: x\\r\\n'\n"
            "        'Lambda-Runtime-Function-Response-Mode: streaming\\r\\n'\n"
            "        'Transfer-Encoding: chunked\\r\\n\\r\\n'.encode())\n"
            "    for part in event['parts']:\n"
            "        s.sendall(f'{len(part):x}\\r\\n{part}\\r\\n'.encode())\n"
            "    if event.get('break'):\n        s.close()\n        continue\n"
            "    s.sendall(b'0\\r\\n' + event.get('trailers', '').encode() + b'\\r\\n')\n"
            "    s.recv(65536)\n    s.close()\n");
        add("misuses", fileBytes("runtime_api_misuse.py"));
        add("silentmisuse",
            "while True:\n    id, event, _ = next_event()\n    if not event.get('tame'):\n"
            "        for i in range(200):\n"
            "            s = socket.create_connection(('127.0.0.1', 9001))\n"
            "            s.sendall(os.urandom(2000) if i % 2 else b'POST /')\n            s.close()\n"
            "        held = [socket.create_connection(('127.0.0.1', 9001)) for i in range(60)]\n"
            "        for s in held: s.sendall(b'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\n')\n"
            "    respond(id, 'alive')\n",
            "timeout: 20s\n");
        add("leaves", "import subprocess\nid, event, _ = next_event()\n"
                      "subprocess.Popen(['sh', '-c', 'sleep 1000 & exec sleep 1000'], start_new_session=True)\n"
                      "respond(id, 'left')\nserve(lambda event, headers: 'still there')\n");
        add("curious", "links = []\nfor n in os.listdir('/proc/self/fd'):\n    try: "
                       "links.append(os.readlink(f'/proc/self/fd/{n}'))\n    except OSError: pass\n"
                       "def look(event, headers):\n    s = socket.socket()\n    s.settimeout(2)\n"
                       "    try:\n        s.connect(('192.0.2.1', 80)); network = 'reached'\n"
                       "    except OSError as e:\n        network = 'unreachable'\n"
                       "    return {'sockets': [l for l in links if l.startswith('socket')], 'network': network}\n"
                       "serve(look)\n");
        m_harness->addProgram("nofile", "custom", "");
        fs::remove(m_harness->folder() + "/functions/nofile/bootstrap");
        m_harness->addProgram("noexec", "custom", "#!/bin/sh\n");
        fs::permissions(m_harness->folder() + "/functions/noexec/bootstrap", fs::perms(0644));
        m_harness->addProgram("noshebang", "custom", "echo hello\n");
        m_harness->addProgram("nointerpreter", "custom", "#!/usr/bin/no-such-thing\n");
        m_harness->addProgram("windows", "custom", "#!/bin/sh\r\necho hello\r\n");
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
    }
    void cleanupTestCase()
    {
        if (!m_harness)
            return;
        m_harness->close();
        QCOMPARE(test::EngineHarness::descendants(), 0);
        m_harness.reset();
    }

    void aBootstrapServesEventAfterEvent()
    {
        const auto first = m_harness->fire("good", R"({"x":1})");
        QVERIFY2(first && (*first)->outcome == Outcome::Ok, test::textOf(first).c_str());
        const std::string &response = *(*first)->response;
        for (const std::string &part :
             {std::string(R"("event": {"x": 1})"), std::string(R"("folder": "/var/task")"),
              "\"Lambda-Runtime-Aws-Request-Id\": \"" + (*first)->id.text(),
              std::string(
                  R"("Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:good")"),
              std::string("\"Lambda-Runtime-Trace-Id\": \"Root=1-"), std::string("\"Lambda-Runtime-Deadline-Ms\": \"1"),
              std::string(R"("AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001")"),
              std::string(R"("AWS_LAMBDA_FUNCTION_NAME": "good")"), std::string(R"("_HANDLER": "./main")"),
              std::string(R"("LAMBDA_TASK_ROOT": "/var/task")")})
            QVERIFY2(response.find(part) != std::string::npos, (part + " in " + response).c_str());
        QVERIFY(response.find("KILN_") == std::string::npos);
        const auto second = m_harness->fire("good", "2");
        QVERIFY2(second && (*second)->outcome == Outcome::Ok, test::textOf(second).c_str());
        QCOMPARE((*second)->start, Start::Warm);
    }

    void largeEventsAndResponsesPass()
    {
        const std::string event = "\"" + std::string(5 << 20, 'e') + "\"";
        const auto result = m_harness->fire("good", event);
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).substr(0, 500).c_str());
        QVERIFY((*result)->response->find(event) != std::string::npos);
    }

    void errorsAreTheInvocations()
    {
        for (int i = 0; i < 2; ++i) {
            const auto result = m_harness->fire("fails");
            QVERIFY2(result && (*result)->outcome == Outcome::HandlerError, test::textOf(result).c_str());
            QCOMPARE((*result)->error.type, std::string("Shop.Empty"));
            QCOMPARE((*result)->error.message, std::string("no stock"));
            QCOMPARE((*result)->error.stack, (std::vector<std::string>{"a.py:1", "b.py:2"}));
            QVERIFY((*result)->logs.size() > 1); // START comes first
            QCOMPARE((*result)->logs[1].text, std::string("before it fails"));
        }
    }

    void whatGoesWrongBeforeTheFirstEventIsAnInitError_data()
    {
        QTest::addColumn<QString>("function");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *function, const char *type, const char *message) {
            QTest::newRow(function) << QString::fromLatin1(function) << QString::fromLatin1(type)
                                    << QString::fromLatin1(message);
        };
        row("initfails", "Shop.Closed", "come back later");
        row("initexits", "Runtime.ExitError", "exit status 3");
        row("nofile", "Runtime.InvalidEntrypoint", "/var/task/bootstrap is not there");
        row("noexec", "Runtime.InvalidEntrypoint", "chmod +x bootstrap");
        row("noshebang", "Runtime.InvalidEntrypoint", "a script with a first line such as #!/bin/sh");
        row("nointerpreter", "Runtime.InvalidEntrypoint", "/usr/bin/no-such-thing");
        row("windows", "Runtime.InvalidEntrypoint", "carriage return");
    }
    void whatGoesWrongBeforeTheFirstEventIsAnInitError()
    {
        QFETCH(QString, function);
        QFETCH(QString, type);
        QFETCH(QString, message);
        const auto result = m_harness->fire(function.toStdString());
        QVERIFY2(result && (*result)->outcome == Outcome::InitError, test::textOf(result).c_str());
        QCOMPARE(QString::fromStdString((*result)->error.type), type);
        QVERIFY2((*result)->error.message.find(message.toStdString()) != std::string::npos,
                 test::textOf(result).c_str());
    }

    void aBootstrapThatEndsEndsItsWorker()
    {
        const auto exited = m_harness->fire("exits", R"({"code":7})");
        QVERIFY2(exited && (*exited)->outcome == Outcome::Crashed, test::textOf(exited).c_str());
        QCOMPARE((*exited)->error.type, std::string("Runtime.ExitError"));
        QVERIFY((*exited)->error.message.ends_with("exit status 7"));
        checkGoesOn("exits");
        const auto killed = m_harness->fire("killed");
        QVERIFY2(killed && (*killed)->outcome == Outcome::Crashed, test::textOf(killed).c_str());
        QVERIFY((*killed)->error.message.ends_with("signal: segmentation fault"));
        checkGoesOn("killed");
        const auto last = m_harness->fire("answersandexits");
        QVERIFY2(last && (*last)->outcome == Outcome::Ok, test::textOf(last).c_str());
        QCOMPARE(*(*last)->response, std::string("\"the last\""));
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            return std::none_of(snapshot.workers.begin(), snapshot.workers.end(),
                                [](const WorkerView &worker) { return worker.function == "answersandexits"; });
        }));
    }

    void aBootstrapThatAttacksItsAdapterOnlyHarmsItself()
    {
        const auto killed = m_harness->fire("killsall", R"({"signal":9})");
        QVERIFY2(killed && (*killed)->outcome == Outcome::Crashed, test::textOf(killed).c_str());
        const auto stopped = m_harness->fire("killsall", R"({"signal":19})");
        QVERIFY2(stopped && (*stopped)->outcome == Outcome::TimedOut, test::textOf(stopped).c_str());
        checkGoesOn("killsall");
    }

    void timeAndMemoryAreLimitedAsForAnyOther()
    {
        const auto slow = m_harness->fire("slow");
        QVERIFY2(slow && (*slow)->outcome == Outcome::TimedOut, test::textOf(slow).c_str());
        checkGoesOn("slow");
        const auto eats = m_harness->fire("eats");
        QVERIFY2(eats && (*eats)->outcome == Outcome::OutOfMemory, test::textOf(eats).c_str());
        checkGoesOn("eats");
    }

    void aResponseOverTheLimitIsRefusedAndTheWorkerGoesOn()
    {
        for (const char *how : {"whole", "chunks"}) {
            const auto result = m_harness->fire("huge", "{\"how\":\"" + std::string(how) + "\"}");
            QVERIFY2(result && (*result)->outcome == Outcome::Blocked, test::textOf(result).c_str());
            QCOMPARE((*result)->error.type, std::string("Function.ResponseSizeTooLarge"));
            const auto next = m_harness->fire("huge", R"({"tame":true})");
            QVERIFY2(next && (*next)->outcome == Outcome::Ok, test::textOf(next).c_str());
            QCOMPARE((*next)->start, Start::Warm);
            QCOMPARE(*(*next)->response, std::string(R"([413, "RequestEntityTooLarge"])"));
        }
    }

    void aStreamedResponseIsCollected()
    {
        const auto whole = m_harness->fire("streams", R"({"parts":["[","1, 2","]"]})");
        QVERIFY2(whole && (*whole)->outcome == Outcome::Ok, test::textOf(whole).c_str());
        QCOMPARE(*(*whole)->response, std::string("[1, 2]"));
        const auto late =
            m_harness->fire("streams", "{\"parts\":[\"a\"],\"trailers\":\"Lambda-Runtime-Function-Error-Type: "
                                       R"(Function.Late\r\nLambda-Runtime-Function-Error-Body: eyJlcnJv)"
                                       "clR5cGUiOiJMYXRlIiwiZXJyb3JNZXNzYWdlIjoibWlkd2F5In0=\\r\\n\"}");
        QVERIFY2(late && (*late)->outcome == Outcome::HandlerError, test::textOf(late).c_str());
        QCOMPARE((*late)->error.type, std::string("Late"));
        QCOMPARE((*late)->error.message, std::string("midway"));
        const auto broken = m_harness->fire("streams", R"({"parts":["half"],"break":true})");
        QVERIFY2(broken && (*broken)->outcome == Outcome::HandlerError, test::textOf(broken).c_str());
        QCOMPARE((*broken)->error.type, std::string("Runtime.TruncatedResponse"));
        QCOMPARE((*broken)->start, Start::Warm);
    }

    void misuseIsAnsweredAndHarmsNothing()
    {
        const auto result = m_harness->fire("misuses");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string("[]"));
        const auto after = m_harness->fire("misuses", R"({"after":true})");
        QVERIFY2(after && (*after)->outcome == Outcome::Ok, test::textOf(after).c_str());
        QCOMPARE((*after)->start, Start::Warm);
        QCOMPARE(*(*after)->response, std::string(R"([400, "InvalidRequestID"])"));
        const auto silent = m_harness->fire("silentmisuse");
        QVERIFY2(silent && (*silent)->outcome == Outcome::Ok, test::textOf(silent).c_str());
        checkGoesOn("silentmisuse");
    }

    void whatABootstrapLeavesRunningEndsWithItsWorker()
    {
        const auto left = m_harness->fire("leaves");
        QVERIFY2(left && (*left)->outcome == Outcome::Ok, test::textOf(left).c_str());
        const auto next = m_harness->fire("leaves");
        QVERIFY2(next && (*next)->outcome == Outcome::Ok, test::textOf(next).c_str());
    }

    void aBootstrapHasNoChannelToTheEngineAndNoNetwork()
    {
        const auto result = m_harness->fire("curious");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string(R"({"sockets": [], "network": "unreachable"})"));
    }
};

QTEST_GUILESS_MAIN(tst_CustomRuntime)
#include "tst_custom_runtime.moc"
