// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "tests/support/engine_harness.h"

#include <QTest>

#include <csignal>
#include <string>
#include <vector>

using namespace kiln;

/// Every way an invocation can end, by real functions that do wrong. After each the next invocation must work.
class tst_EngineOutcomes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_harness = std::make_unique<test::EngineHarness>();
        m_harness->addPython("good", "def handler(event, context):\n    return {'ok': True, 'got': event}\n");
        m_harness->addPython("raises", "def handler(event, context):\n    return {}['sku']\n");
        m_harness->addPython("syntax", "def handler(event, context:\n    return 1\n");
        m_harness->addPython("nomodule", "import xlsx_is_not_here\ndef handler(event, context):\n    return 1\n");
        m_harness->addPython("nohandler", "def other(event, context):\n    return 1\n");
        m_harness->addPython("loops", "def handler(event, context):\n    while True:\n        pass\n",
                             "timeout: 300ms\n");
        m_harness->addPython(
            "eats",
            "def handler(event, context):\n    if event.get('tame'): return 1\n    hog = []\n    while True:\n"
            "        hog.append(bytearray(8 << 20))\n",
            "timeout: 20s\n");
        m_harness->addPython(
            "forks",
            "import os\ndef handler(event, context):\n    made = 0\n    try:\n        while made < 5000:\n"
            "            if os.fork() == 0:\n                import time; time.sleep(60)\n            made += 1\n"
            "    except OSError as e:\n        return {'made': made, 'stopped': str(e)}\n    return made\n",
            "timeout: 20s\nmemory: 512MB\n");
        m_harness->addPython(
            "exits", "import os\ndef handler(event, context):\n    if event.get('tame'): return 1\n    os._exit(0)\n");
        m_harness->addPython("huge",
                             "def handler(event, context):\n    return 'x' * (1 if event.get('tame') else 100 << 20)\n",
                             "memory: 512MB\ntimeout: 20s\n");
        m_harness->addPython("floods",
                             "import os\ndef handler(event, context):\n    for i in range(500 * 16):\n"
                             "        os.write(1, b'y' * 65535 + b'\\n')\n    return 'done'\n",
                             "timeout: 60s\n");
        m_harness->addPython(
            "bytes",
            "import os\ndef handler(event, context):\n    os.write(1, b'\\xff\\xfe caf\\xc3\\xa9\\n')\n    return 1\n");
        m_harness->addPython("segv",
                             "import os, signal\ndef handler(event, context):\n    if event.get('tame'): return 1\n"
                             "    os.kill(os.getpid(), signal.SIGSEGV)\n");
        m_harness->addPython("children", "import subprocess, sys\ndef handler(event, context):\n"
                                         "    subprocess.run(['/bin/echo', 'from a child'])\n"
                                         "    print('to stderr', file=sys.stderr)\n    return 1\n");
        m_harness->addNode("jsgood",
                           "export const handler = async (event, context) => ({ id: context.awsRequestId, event });\n");
        m_harness->addNode("jsthrows", "export const handler = async () => { throw new TypeError('no order'); };\n");
        m_harness->addNode("jseats",
                           "export const handler = async (event) => { if (event.tame) return 1; const hog = [];\n"
                           "  for (;;) hog.push(Buffer.alloc(8 << 20, 1)); };\n",
                           "timeout: 20s\n");
        const std::string problem = m_harness->open();
        QVERIFY2(problem.empty(), problem.c_str());
    }
    void cleanupTestCase()
    {
        m_harness->close();
        QCOMPARE(test::EngineHarness::descendants(), 0);
        m_harness.reset();
    }

    void aFunctionAnswers()
    {
        const auto result = m_harness->fire("good", R"({"x":1})");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string(R"({"ok": true, "got": {"x": 1}})"));
        QCOMPARE((*result)->start, Start::Cold);
        const auto spans = (*result)->phases.spans();
        for (std::size_t i = 0; i < spans.size(); ++i)
            QVERIFY2(spans[i].count() >= 0, Phases::names[i].data());
        // The runtime's may be nothing: on a busy machine the engine hears of the execution and of the hello at once.
        QVERIFY((*result)->phases.sandbox.count() > 0 && (*result)->phases.init.count() > 0);
        const auto again = m_harness->fire("good");
        QVERIFY(again && (*again)->start == Start::Warm);
        QCOMPARE((*again)->phases.init.count(), 0);
        const auto cold = m_harness->fire("good", "{}", true);
        QVERIFY(cold && (*cold)->start == Start::Cold);
    }

    void errorsEndWithTheirOutcome_data()
    {
        QTest::addColumn<QString>("function");
        QTest::addColumn<int>("outcome");
        QTest::addColumn<QString>("type");
        const auto row = [](const char *function, Outcome outcome, const char *type) {
            QTest::newRow(function) << QString::fromLatin1(function) << int(outcome) << QString::fromLatin1(type);
        };
        row("raises", Outcome::HandlerError, "KeyError");
        row("syntax", Outcome::InitError, "Runtime.UserCodeSyntaxError");
        row("nomodule", Outcome::InitError, "Runtime.ImportModuleError");
        row("nohandler", Outcome::InitError, "Runtime.HandlerNotFound");
        row("loops", Outcome::TimedOut, "Sandbox.Timedout");
        row("eats", Outcome::OutOfMemory, "Runtime.OutOfMemory");
        row("exits", Outcome::Crashed, "Runtime.ExitError");
        row("huge", Outcome::Blocked, "Function.ResponseSizeTooLarge");
        row("segv", Outcome::Crashed, "Runtime.ExitError");
        row("jsthrows", Outcome::HandlerError, "TypeError");
        row("jseats", Outcome::OutOfMemory, "Runtime.OutOfMemory");
    }

    void errorsEndWithTheirOutcome()
    {
        QFETCH(QString, function);
        QFETCH(int, outcome);
        QFETCH(QString, type);
        const auto result = m_harness->fire(function.toStdString());
        QVERIFY(result);
        if (Outcome(outcome) == Outcome::OutOfMemory && (*result)->tier != Tier::Full &&
            (*result)->outcome == Outcome::HandlerError)
            QSKIP("tier A is missing: with a soft limit the interpreter itself may refuse the memory (MemoryError)");
        QVERIFY2((*result)->outcome == Outcome(outcome), test::textOf(result).c_str());
        QCOMPARE(QString::fromStdString((*result)->error.type), type);

        const auto next = m_harness->fire(function.toStdString(), R"({"tame":true})");
        QVERIFY(next); // whatever it does, there is an answer
        const auto good = m_harness->fire("good");
        QVERIFY2(good && (*good)->outcome == Outcome::Ok, test::textOf(good).c_str());
    }

    /// Not that it was killed, which it only would be if it were not waited for.
    void howAProcessExitedIsTold()
    {
        for (const auto &[function, how] :
             {std::pair("exits", "exit status 0"), std::pair("segv", "segmentation fault")}) {
            for (int i = 0; i < 5; ++i) {
                const auto result = m_harness->fire(function);
                QVERIFY2(result && (*result)->error.message.find(how) != std::string::npos,
                         test::textOf(result).c_str());
            }
        }
    }

    void aFunctionThatCrashedServesAgain()
    {
        for (const char *function : {"exits", "segv", "huge", "eats", "jseats"}) {
            QVERIFY(m_harness->fire(function));
            const auto next = m_harness->fire(function, R"({"tame":true})");
            QVERIFY2(next && (*next)->outcome == Outcome::Ok, test::textOf(next).c_str());
        }
    }

    void theStackHasTheUsersOwnLines()
    {
        const auto result = m_harness->fire("raises");
        QVERIFY(result && !(*result)->error.stack.empty());
        QVERIFY2((*result)->error.stack.front().find("/var/task/handler.py\", line 2") != std::string::npos,
                 test::textOf(result).c_str());
        for (const std::string &frame : (*result)->error.stack)
            QVERIFY2(frame.find("/opt/kiln") == std::string::npos, frame.c_str());
    }

    void aForkBombIsHeldAtTheLimitOfProcesses()
    {
        const auto result = m_harness->fire("forks");
        QVERIFY(result);
        // held either by the limit of processes, or, as its copies are memory too, by that
        QVERIFY2((*result)->outcome == Outcome::Ok || (*result)->outcome == Outcome::OutOfMemory ||
                     (*result)->outcome == Outcome::TimedOut,
                 test::textOf(result).c_str());
        const auto good = m_harness->fire("good");
        QVERIFY2(good && (*good)->outcome == Outcome::Ok, test::textOf(good).c_str());
    }

    void aFloodOfOutputIsCutAndSaysSo()
    {
        const auto result = m_harness->fire("floods");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QVERIFY((*result)->logsCut);
        QCOMPARE((*result)->usage.log.count, std::int64_t(500) * 16 * 65536);
        std::size_t kept = 0;
        for (const LogLine &line : (*result)->logs)
            kept += line.text.size();
        QVERIFY(kept < (2u << 20));
    }

    void outputThatIsNotUtf8IsShownAllTheSame()
    {
        const auto result = m_harness->fire("bytes");
        QVERIFY2(result && (*result)->logs.size() >= 3, test::textOf(result).c_str());
        QCOMPARE((*result)->logs[1].text, std::string("\xEF\xBF\xBD\xEF\xBF\xBD caf\xC3\xA9"));
    }

    void childrensOutputIsCaptured()
    {
        const auto result = m_harness->fire("children");
        const std::string text = test::textOf(result);
        QVERIFY2(text.find("from a child") != std::string::npos && text.find("to stderr") != std::string::npos,
                 text.c_str());
    }

    void anEventThatIsNotJsonIsTheFunctionsError()
    {
        const auto result = m_harness->fire("good", "{oops");
        QVERIFY2(result && (*result)->outcome == Outcome::HandlerError, test::textOf(result).c_str());
        QCOMPARE((*result)->error.type, std::string("Runtime.UnmarshalError"));
    }

    void aFunctionThatIsNotThereIsAnError()
    {
        const auto result = m_harness->fire("nobody");
        QVERIFY(!result);
        QCOMPARE(result.error().code, Error::Code::NotFound);
    }

    void aKilledIdleWorkerIsReplaced()
    {
        QVERIFY(m_harness->fire("good"));
        int pid = 0;
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            for (const WorkerView &worker : snapshot.workers) {
                if (worker.function == "good" && worker.state == WorkerState::Idle)
                    pid = worker.pid;
            }
            return pid > 0;
        }));
        QCOMPARE(::kill(pid, SIGKILL), 0);
        QVERIFY(m_harness->waitFor([&](const Snapshot &snapshot) {
            for (const WorkerView &worker : snapshot.workers) {
                if (worker.pid == pid)
                    return false;
            }
            return true;
        }));
        const auto next = m_harness->fire("good");
        QVERIFY2(next && (*next)->outcome == Outcome::Ok, test::textOf(next).c_str());
    }

    void everyInvocationIsInHistory()
    {
        const auto result = m_harness->fire("good", R"({"mark":42})");
        QVERIFY(result);
        const auto found =
            m_harness->history({.function = "good", .limit = 1, .payloads = InvocationQuery::Payloads::Load});
        QVERIFY(found && found->size() == 1);
        QCOMPARE(found->front()->id, (*result)->id);
        QCOMPARE(*found->front()->event.data, std::string(R"({"mark":42})"));
        QCOMPARE(*found->front()->response, *(*result)->response);
        QCOMPARE(found->front()->tier, (*result)->tier);
    }

private:
    std::unique_ptr<test::EngineHarness> m_harness;
};

QTEST_GUILESS_MAIN(tst_EngineOutcomes)
#include "tst_engine_outcomes.moc"
