// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/engine_harness.h"

#include <QTest>

#include <filesystem>
#include <string>

using namespace kiln;
namespace fs = std::filesystem;

/// `runtime: exec` by real programs in real sandboxes: a process per event, however it behaves.
class tst_ExecRuntime : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::EngineHarness> m_harness;

    void add(const std::string &name, const std::string &script, const std::string &settings = {})
    {
        m_harness->addProgram(name, "exec", "#!/bin/sh\n" + script, settings);
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (!fs::exists("/usr/bin/python3"))
            QSKIP("no /usr/bin/python3 (apt install python3)");
        m_harness = std::make_unique<test::EngineHarness>();
        add("echo", "exec cat\n");
        add("who", "echo $$; pwd; echo \"$AWS_LAMBDA_REQUEST_ID $AWS_LAMBDA_DEADLINE_MS $AWS_LAMBDA_FUNCTION_NAME "
                   "$_HANDLER $_X_AMZN_TRACE_ID\"; cat /proc/self/environ | tr '\\0' '\\n' | grep -c KILN || :\n");
        add("fails", "echo 'it went wrong' >&2\necho 'half a response'\nexit 3\n");
        add("signalled", "kill -s SEGV $$\n");
        add("deaf", "echo 'I do not listen'\n");
        add("leaves", "cat /proc/[0-9]*/comm | grep -c sleep\nsetsid sleep 1000 &\n(sleep 1000 | sleep 1000) &\n");
        add("pipes", "sleep 1000 &\necho answered\n");
        add("slow", "if [ \"$(cat)\" = '\"tame\"' ]; then echo 1; else sleep 60 & sleep 60; fi\n", "timeout: 300ms\n");
        // Slowly enough that it is seen where memory is looked at from time to time (tier B).
        m_harness->addProgram("eats", "exec",
                              "#!/usr/bin/python3\nimport sys, time\nhog = []\n"
                              "while 'tame' not in sys.stdin.read():\n    for i in range(200):\n"
                              "        hog.append(b'x' * (2 << 20) + bytes(i))\n        time.sleep(0.02)\nprint(1)\n",
                              "timeout: 60s\n");
        add("huge", "if [ \"$(cat)\" = '\"tame\"' ]; then echo 1; else head -c 7000000 /dev/zero; fi\n",
            "timeout: 20s\n");
        add("endless", "cat /dev/zero\n", "timeout: 20s\n");
        add("attacks", "kill -s \"$(cat)\" $PPID; sleep 10\n", "timeout: 500ms\n");
        add("curious", "if [ -e /proc/self/fd/3 ]; then echo open; else echo closed; fi\n");
        add("noexec", "echo 1\n");
        fs::permissions(m_harness->folder() + "/functions/noexec/main", fs::perms(0644));
        add("nofile", "");
        fs::remove(m_harness->folder() + "/functions/nofile/main");
        m_harness->addProgram("noshebang", "exec", "echo 1\n");
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

    void bytesGoInAndComeOutAsTheyAre()
    {
        std::string event = "{\"a\": 1}\n";
        for (int i = 0; i < 256; ++i)
            event += char(i);
        for (const std::string &data : {event, std::string(), std::string(5 << 20, 'x')}) {
            const auto result = m_harness->fire("echo", data);
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
            QVERIFY(*(*result)->response == data);
        }
    }

    void eachEventHasAProcessOfItsOwn()
    {
        const auto first = m_harness->fire("who"), second = m_harness->fire("who");
        QVERIFY2(first && (*first)->outcome == Outcome::Ok, test::textOf(first).c_str());
        QVERIFY2(second && (*second)->outcome == Outcome::Ok, test::textOf(second).c_str());
        QCOMPARE((*second)->start, Start::Warm);
        const std::string &one = *(*first)->response, &two = *(*second)->response;
        QVERIFY(one.substr(0, one.find('\n')) != two.substr(0, two.find('\n')));
        const std::string id = (*second)->id.text();
        QVERIFY2(two.find("/var/task\n" + id + " 1") != std::string::npos, two.c_str());
        QVERIFY2(two.find(" who ./main Root=1-") != std::string::npos, two.c_str());
        QVERIFY2(two.ends_with("\n0\n"), two.c_str());
    }

    void theExitStatusTells()
    {
        const auto failed = m_harness->fire("fails");
        QVERIFY2(failed && (*failed)->outcome == Outcome::HandlerError, test::textOf(failed).c_str());
        QCOMPARE((*failed)->error.type, std::string("ExitError"));
        QCOMPARE((*failed)->error.message, std::string("exit status 3"));
        QCOMPARE((*failed)->logs.size(), std::size_t(4)); // START, this, END, REPORT
        QCOMPARE((*failed)->logs[1].text, std::string("it went wrong"));
        const auto signalled = m_harness->fire("signalled");
        QVERIFY2(signalled && (*signalled)->outcome == Outcome::HandlerError, test::textOf(signalled).c_str());
        QCOMPARE((*signalled)->error.message, std::string("signal: segmentation fault"));
        const auto again = m_harness->fire("signalled");
        QVERIFY(again);
        QCOMPARE((*again)->start, Start::Warm);
    }

    void anEventNeedNotBeRead()
    {
        const auto result = m_harness->fire("deaf", std::string(5 << 20, 'x'));
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string("I do not listen\n"));
    }

    void whatIsLeftRunningEndsWithTheEvent()
    {
        for (int i = 0; i < 3; ++i) {
            const auto result = m_harness->fire("leaves");
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
            QCOMPARE(*(*result)->response, std::string("0\n"));
            const auto pipes = m_harness->fire("pipes");
            QVERIFY2(pipes && (*pipes)->outcome == Outcome::Ok, test::textOf(pipes).c_str());
            QCOMPARE(*(*pipes)->response, std::string("answered\n"));
        }
    }

    void timeMemoryAndSizeAreLimited()
    {
        const auto slow = m_harness->fire("slow");
        QVERIFY2(slow && (*slow)->outcome == Outcome::TimedOut, test::textOf(slow).c_str());
        const auto eats = m_harness->fire("eats");
        QVERIFY2(eats && (*eats)->outcome == Outcome::OutOfMemory, test::textOf(eats).c_str());
        for (const char *name : {"huge", "endless"}) {
            const auto result = m_harness->fire(name);
            QVERIFY2(result && (*result)->outcome == Outcome::Blocked, test::textOf(result).c_str());
            QCOMPARE((*result)->error.type, std::string("Function.ResponseSizeTooLarge"));
        }
        for (const char *name : {"slow", "eats", "huge"}) {
            const auto result = m_harness->fire(name, "\"tame\"");
            QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        }
    }

    void aProgramThatAttacksItsAdapterOnlyHarmsItself()
    {
        const auto killed = m_harness->fire("attacks", "KILL");
        QVERIFY2(killed && (*killed)->outcome == Outcome::Crashed, test::textOf(killed).c_str());
        const auto stopped = m_harness->fire("attacks", "STOP");
        QVERIFY2(stopped && (*stopped)->outcome == Outcome::TimedOut, test::textOf(stopped).c_str());
    }

    void aProgramHasNoChannelToTheEngine()
    {
        const auto result = m_harness->fire("curious");
        QVERIFY2(result && (*result)->outcome == Outcome::Ok, test::textOf(result).c_str());
        QCOMPARE(*(*result)->response, std::string("closed\n"));
    }

    void aProgramThatCannotBeRunIsTold()
    {
        for (const auto &[name, words, outcome] :
             {std::tuple("noexec", "chmod +x main", Outcome::InitError),
              std::tuple("nofile", "/var/task/main is not there", Outcome::InitError),
              std::tuple("noshebang", "a script with a first line such as #!/bin/sh", Outcome::HandlerError)}) {
            const auto result = m_harness->fire(name);
            QVERIFY2(result && (*result)->outcome == outcome, test::textOf(result).c_str());
            QVERIFY2((*result)->error.type == "Runtime.InvalidEntrypoint", test::textOf(result).c_str());
            QVERIFY2((*result)->error.message.find(words) != std::string::npos, test::textOf(result).c_str());
        }
    }
};

QTEST_GUILESS_MAIN(tst_ExecRuntime)
#include "tst_exec_runtime.moc"
