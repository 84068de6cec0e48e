// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace kiln;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr auto waiting = "import fs from 'fs';\n"
                         "const wait = (ms) => new Promise((done) => setTimeout(done, ms));\n"
                         "const gate = async () => { while (!fs.existsSync('../../data/open')) await wait(10); };\n";
/// Each waits at a gate that the test opens by a file.
constexpr auto gated = "export const handler = async (event, context) => {\n"
                       "    console.log('begin', event.n);\n"
                       "    await gate();\n"
                       "    console.log('end', event.n);\n"
                       "    return { n: event.n, id: context.awsRequestId, pid: process.pid };\n"
                       "};\n";
constexpr auto gate = "timeout: 120s\npermissions:\n  files: [{path: ../../data}]\n";

std::string fileBytes(const std::string &name)
{
    std::ifstream in(std::string(KILN_SOURCE_DIR "/tests/core/api/") + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

int runningIn(const Snapshot &snapshot)
{
    return std::accumulate(snapshot.workers.begin(), snapshot.workers.end(), 0,
                           [](int sum, const WorkerView &worker) { return sum + worker.running; });
}

} // namespace

/// Workers that have several invocations at once, with real ones.
class tst_PerWorker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_harness = std::make_unique<test::EngineHarness>();
        m_harness->write("data/note", "");
    }
    void cleanup()
    {
        m_harness.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void tenRunAtOnceInOneWorkerAndEachHasItsOwnAnswerIdAndLines()
    {
        m_harness->addNode("f", std::string(waiting) + gated,
                           std::string("concurrency: {max: 1, per_worker: 10}\n") + gate);
        open();
        auto answers = fire("f", 10);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            return snapshot.workers.size() == 1 && snapshot.workers[0].running == 10;
        }));
        QCOMPARE(m_harness->engine().snapshot()->workers[0].perWorker, 10);
        m_harness->write("data/open", "");
        std::set<std::uint64_t> workers;
        for (std::size_t n = 0; n < answers.size(); ++n) {
            const auto result = answers[n].get();
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
            const auto response = json::parse(*(*result)->response);
            QCOMPARE(response.at("n").as_int64(), std::int64_t(n));
            QCOMPARE(std::string(response.at("id").as_string()), (*result)->id.text());
            workers.insert((*result)->worker);
            std::vector<std::string> lines;
            for (const LogLine &line : (*result)->logs)
                lines.push_back(line.text);
            QCOMPARE(lines.size(), std::size_t(5));
            QVERIFY2(lines[0].starts_with("START RequestId: " + (*result)->id.text()), lines[0].c_str());
            QCOMPARE(lines[1], "begin " + std::to_string(n));
            QCOMPARE(lines[2], "end " + std::to_string(n));
            QCOMPARE(lines[3], "END RequestId: " + (*result)->id.text());
            QVERIFY2(lines[4].starts_with("REPORT RequestId: " + (*result)->id.text()), lines[4].c_str());
        }
        QCOMPARE(workers.size(), std::size_t(1));
        // The worker serves on, and is one that was used before.
        const auto again = m_harness->fire("f", R"({"n":11})");
        QVERIFY2(again && (*again)->start == Start::Warm, test::textOf(again).c_str());
    }

    void twoWorkersOfThreeHaveSixAndTheSeventhWaits()
    {
        m_harness->addNode("f", std::string(waiting) + gated,
                           std::string("concurrency: {max: 2, per_worker: 3}\n") + gate);
        open();
        auto answers = fire("f", 7);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) {
            return snapshot.workers.size() == 2 && runningIn(snapshot) == 6 && snapshot.functions[0].queued == 1;
        }));
        m_harness->write("data/open", "");
        for (auto &answer : answers) {
            const auto result = answer.get();
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        }
        QCOMPARE(m_harness->engine().snapshot()->workers.size(), std::size_t(2));
    }

    /// They share a process, so that the others know how much time the one that is stuck has left: the first of them
    /// waits until it is half, and the second, which begins only then, until it is over.
    void oneThatTimesOutLeavesTheOthers()
    {
        m_harness->addNode("f",
                           std::string(waiting) + "let end = Infinity;\n"
                                                  "export const handler = async (event, context) => {\n"
                                                  "    if (event.stuck) {\n"
                                                  "        end = Date.now() + context.getRemainingTimeInMillis();\n"
                                                  "        await new Promise(() => wait(1e6));\n"
                                                  "    }\n"
                                                  "    while (Date.now() < end - event.left) await wait(10);\n"
                                                  "    return event.left;\n"
                                                  "};\n",
                           "timeout: 8s\nconcurrency: {max: 1, per_worker: 10}\n");
        open();
        auto stuck = fireOne("f", R"({"stuck":true})");
        auto half = fireOne("f", R"({"left":4000})");
        auto result = half.get();
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        auto beyond = fireOne("f", R"({"left":-100})");
        const auto timedOut = stuck.get();
        QVERIFY2(timedOut && (*timedOut)->outcome == Outcome::TimedOut, test::textOf(timedOut).c_str());
        result = beyond.get();
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE((*result)->worker, (*timedOut)->worker);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.workers.empty(); }));
    }

    void aCrashEndsAllThatRun_data()
    {
        QTest::addColumn<QString>("end");
        QTest::addColumn<int>("outcome");
        QTest::addColumn<QString>("type");
        QTest::newRow("it exits") << "process.exit(3);" << int(Outcome::Crashed) << "Runtime.ExitError";
        QTest::newRow("it is killed") << "process.kill(process.pid, 'SIGKILL');" << int(Outcome::Crashed)
                                      << "Runtime.ExitError";
        QTest::newRow("nobody catches what it throws")
            << "setTimeout(() => { throw new RangeError('mine'); });" << int(Outcome::HandlerError) << "RangeError";
    }
    void aCrashEndsAllThatRun()
    {
        QFETCH(QString, end);
        QFETCH(int, outcome);
        QFETCH(QString, type);
        m_harness->addNode("f",
                           std::string(waiting) + "export const handler = async (event) => {\n    if (event.end) { " +
                               end.toStdString() + " }\n    await gate();\n};\n",
                           std::string("concurrency: {max: 1, per_worker: 10}\n") + gate);
        open();
        auto answers = fire("f", 3);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return runningIn(snapshot) == 3; }));
        answers.push_back(fireOne("f", R"({"end":true})"));
        std::set<std::uint64_t> workers;
        for (auto &answer : answers) {
            const auto result = answer.get();
            QVERIFY2(result && int((*result)->outcome) == outcome && (*result)->error.type == type.toStdString(),
                     test::textOf(result).c_str());
            workers.insert((*result)->worker);
        }
        QCOMPARE(workers.size(), std::size_t(1));
        m_harness->write("data/open", "");
        const auto next = m_harness->fire("f");
        QVERIFY2(next && (*next)->outcome == Outcome::Ok, test::textOf(next).c_str());
    }

    void aProcessThatAnswersForOthersEndsAllThatRun_data()
    {
        QTest::addColumn<QString>("serials");
        QTest::addColumn<int>("answered");
        QTest::newRow("for no call that runs") << "[99]" << 0;
        QTest::newRow("for another one, twice") << "[1, 1]" << 1;
        QTest::newRow("for another one, and then that one itself") << "[1], true" << 1;
    }
    void aProcessThatAnswersForOthersEndsAllThatRun()
    {
        QFETCH(QString, serials);
        QFETCH(int, answered);
        m_harness->addNode("f",
                           std::string(waiting) +
                               "const forge = (serials, open) => {\n"
                               "    for (const serial of serials) {\n"
                               "        const frame = Buffer.alloc(17);\n"
                               "        frame.writeUInt32LE(1, 0); frame[4] = 19; frame.writeUInt32LE(serial, 8);\n"
                               "        frame[16] = 0x37;\n"
                               "        fs.writeSync(3, frame);\n"
                               "    }\n"
                               "    forged = open;\n"
                               "};\n"
                               "let forged;\n"
                               "export const handler = async (event) => {\n    if (event.forge) forge(" +
                               serials.toStdString() +
                               ");\n    while (!forged || event.forge) await wait(10);\n    return 1;\n};\n",
                           std::string("concurrency: {max: 1, per_worker: 10}\n") + gate);
        open();
        auto answers = fire("f", 3);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return runningIn(snapshot) == 3; }));
        answers.push_back(fireOne("f", R"({"forge":true})"));
        int forged = 0;
        for (auto &answer : answers) {
            const auto result = answer.get();
            if (result && (*result)->outcome == Outcome::Ok && *(*result)->response == "7")
                ++forged;
            else if (result && (*result)->outcome == Outcome::Ok)
                QCOMPARE(*(*result)->response, std::string("1")); // of its own, before the breach was seen
            else
                QVERIFY2(result && (*result)->outcome == Outcome::Crashed &&
                             (*result)->error.type == "Runtime.ProtocolError",
                         test::textOf(result).c_str());
        }
        QCOMPARE(forged, answered);
        QVERIFY(m_harness->waitFor([](const Snapshot &snapshot) { return snapshot.workers.empty(); }));
    }

    void aBootstrapWithTwoThreadsGetsTwoEventsAtOnce()
    {
        if (!std::filesystem::exists("/usr/bin/python3"))
            QSKIP("no /usr/bin/python3 (apt install python3)");
        // Neither answers before both have their event.
        m_harness->addProgram("f", "custom",
                              fileBytes("runtime_api_client.py") +
                                  "import threading\n"
                                  "both = threading.Barrier(2)\n"
                                  "def serve_one():\n"
                                  "    own = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])\n"
                                  "    def ask(method, path, body=None):\n"
                                  "        own.request(method, '/2018-06-01/runtime/invocation/' + path, body)\n"
                                  "        answer = own.getresponse()\n"
                                  "        return answer.headers, answer.read()\n"
                                  "    while True:\n"
                                  "        headers, event = ask('GET', 'next')\n"
                                  "        id = headers['Lambda-Runtime-Aws-Request-Id']\n"
                                  "        both.wait()\n"
                                  "        os.write(1, f'RequestId: {id} has {event.decode()}\\n'.encode())\n"
                                  "        both.wait()\n"
                                  "        ask('POST', id + '/response', event)\n"
                                  "threads = [threading.Thread(target=serve_one)\n"
                                  "           for _ in range(int(os.environ['AWS_LAMBDA_MAX_CONCURRENCY']))]\n"
                                  "for thread in threads: thread.start()\n"
                                  "for thread in threads: thread.join()\n",
                              "timeout: 60s\nconcurrency: {max: 1, per_worker: 2}\n");
        open();
        auto answers = fire("f", 2);
        for (std::size_t n = 0; n < answers.size(); ++n) {
            const auto result = answers[n].get();
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
            const std::string event = "{\"n\":" + std::to_string(n) + "}";
            QCOMPARE(*(*result)->response, event);
            std::vector<std::string> own;
            for (const LogLine &line : (*result)->logs)
                if (line.text.find(" has ") != std::string::npos)
                    own.push_back(line.text);
            QCOMPARE(own, std::vector<std::string>{"RequestId: " + (*result)->id.text() + " has " + event});
        }
    }

    void aLanguageThatCannotIsToldWithItsLine()
    {
        m_harness->addPython("p", "def handler(event, context):\n    return 1\n", "concurrency: {per_worker: 2}\n");
        open();
        const SnapshotPtr snapshot = m_harness->engine().snapshot();
        const FunctionView &view = snapshot->workspace->functions.front();
        QVERIFY(!view.problems.empty());
        QCOMPARE(view.problems.front().text(),
                 std::string("functions/p/function.yaml:3: concurrency.per_worker: python runs one event at a time in "
                             "a worker; use concurrency.max"));
    }

    void theIsolationOfAWorkerSaysThatThereIsNoneBetweenItsInvocations()
    {
        m_harness->addNode("f", std::string(waiting) + gated, std::string("concurrency: {per_worker: 10}\n") + gate);
        m_harness->write("data/open", "");
        open();
        const auto result = m_harness->fire("f", R"({"n":1})");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        std::promise<Result<WorkerInspection>> promise;
        m_harness->engine().inspectWorker((*result)->worker,
                                          [&](Result<WorkerInspection> seen) { promise.set_value(std::move(seen)); });
        const auto seen = promise.get_future().get();
        QVERIFY(seen);
        const IsolationLayer &last = seen->layers.back();
        QCOMPARE(last.name, std::string("Between invocations"));
        QVERIFY(last.state == IsolationLayer::State::Off);
    }

private:
    using Answer = std::future<Result<InvocationPtr>>;

    void open()
    {
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
    }
    [[nodiscard]] Answer fireOne(const std::string &function, const std::string &data)
    {
        auto promise = std::make_shared<std::promise<Result<InvocationPtr>>>();
        m_harness->engine().fire({.function = function, .data = data},
                                 [promise](Result<InvocationPtr> result) { promise->set_value(std::move(result)); });
        return promise->get_future();
    }
    /// With {"n": 0} and so on.
    [[nodiscard]] std::vector<Answer> fire(const std::string &function, int count)
    {
        std::vector<Answer> answers;
        for (int n = 0; n < count; ++n)
            answers.push_back(fireOne(function, "{\"n\":" + std::to_string(n) + "}"));
        return answers;
    }

    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_PerWorker)
#include "tst_per_worker.moc"
