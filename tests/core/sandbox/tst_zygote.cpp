// SPDX-License-Identifier: GPL-3.0-or-later
// Sandboxes that come out of another's process. That they hold what all others hold is shown by the hostile tests,
// which run in them, too; here is how they come about and end.
#include "tests/support/sandbox_runner.h"

#include <QTest>

#include <csignal>

using namespace kiln;
using namespace kiln::test;

class TestZygote : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_runner = std::make_unique<SandboxRunner>();
        QVERIFY2(m_runner->problem().empty(), m_runner->problem().c_str());
        if (m_runner->tier().tier != Tier::Full)
            QSKIP("zygotes need tier A");
        if (!SandboxRunner::hasPython())
            QSKIP("no /usr/bin/python3");
    }
    void cleanup() { m_runner.reset(); }

    void aChildHasItsMothersMemoryAndNothingElseOfHers()
    {
        const SandboxPolicy policy = SandboxRunner::python(
            "import os\n"
            "caps = [line.split()[1] for line in open('/proc/self/status') if line.startswith('Cap')]\n"
            "print(prepared, os.getpid(), os.getuid(), os.getgid(), os.listdir('/tmp'), set(caps[:3]))\n"
            "print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))\n"
            "open('/tmp/mine', 'w').write('x')\n"
            "print(os.listdir('/tmp'), os.stat('/proc/self/environ').st_uid)");
        const auto zygote = m_runner->startZygote(policy, "import builtins\nbuiltins.prepared = 6 * 7\n"
                                                          "open('/tmp/hers', 'w').write('x')\n");
        QVERIFY2(zygote->pid() != 0, zygote->text().c_str());
        for (int i = 0; i < 2; ++i) {
            SandboxPolicy own = policy;
            own.owner = "child " + std::to_string(i);
            const auto run = m_runner->bear(*zygote, Launcher::Code::There, own);
            QVERIFY2(run->pid() != 0, run->text().c_str());
            m_runner->tell(*run, policy);
            QVERIFY2(m_runner->waitEnded(*run), run->text().c_str());
            QCOMPARE(run->output, std::string("42 1 1000 1000 [] {'0000000000000000'}\n[1]\n['mine'] 1000\n"));
            QCOMPARE(run->ended->code, 0);
        }
        QVERIFY(!zygote->ended);
    }

    void eachChildsEndIsItsOwn_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<int>("signal");
        QTest::newRow("exit") << QStringLiteral("import os; os._exit(7)") << 7 << 0;
        QTest::newRow("crash") << QStringLiteral("import ctypes; ctypes.string_at(0)") << 0 << SIGSEGV;
        QTest::newRow("memory") << QStringLiteral("x = bytearray(1 << 30)") << 0 << SIGKILL;
    }
    void eachChildsEndIsItsOwn()
    {
        QFETCH(QString, code);
        QFETCH(int, exitCode);
        QFETCH(int, signal);
        const auto zygote = m_runner->startZygote(SandboxRunner::python("pass"));
        const SandboxPolicy waits = SandboxRunner::python("import time; print('here', flush=True); time.sleep(1000)");
        const auto other = m_runner->bear(*zygote, Launcher::Code::There, waits);
        m_runner->tell(*other, waits);
        QVERIFY2(m_runner->waitOutput(*other, "here"), other->text().c_str());

        const SandboxPolicy policy = SandboxRunner::python(code.toStdString());
        const auto run = m_runner->bear(*zygote, Launcher::Code::There, policy);
        m_runner->tell(*run, policy);
        QVERIFY2(m_runner->waitEnded(*run), run->text().c_str());
        QCOMPARE(run->ended->code, exitCode);
        QCOMPARE(run->ended->signal, signal);
        QCOMPARE(run->ended->outOfMemory, signal == SIGKILL);
        QVERIFY(!other->ended && !zygote->ended);
    }

    void aRetiredZygoteEndsAndItsChildrenLiveOn()
    {
        const SandboxPolicy waits = SandboxRunner::python("import time; print('here', flush=True); time.sleep(1000)");
        const auto zygote = m_runner->startZygote(waits);
        const auto run = m_runner->bear(*zygote, Launcher::Code::There, waits);
        m_runner->launcher().retire(zygote->id);
        m_runner->tell(*run, waits);
        QVERIFY2(m_runner->waitOutput(*run, "here"), run->text().c_str());
        const auto late = m_runner->bear(*zygote, Launcher::Code::There, waits);
        QVERIFY(late->executed && !*late->executed);
        QVERIFY(!zygote->ended);
        m_runner->launcher().kill(run->id);
        QVERIFY(m_runner->waitEnded(*run));
        QCOMPARE(run->ended->signal, SIGKILL);
        QVERIFY(m_runner->waitEnded(*zygote));
    }

    void aKilledZygoteTakesItsChildrenAlong()
    {
        const SandboxPolicy waits = SandboxRunner::python("import time; time.sleep(1000)");
        const auto zygote = m_runner->startZygote(waits);
        const auto run = m_runner->bear(*zygote, Launcher::Code::There, waits);
        QVERIFY2(run->pid() != 0, run->text().c_str());
        m_runner->launcher().kill(zygote->id);
        QVERIFY(m_runner->waitEnded(*run));
        QVERIFY(m_runner->waitEnded(*zygote));
    }

    void severalAtOnceComeOneAfterAnother()
    {
        const SandboxPolicy policy = SandboxRunner::python("import os; print(os.getpid())");
        const auto zygote = m_runner->startZygote(policy);
        std::vector<std::unique_ptr<SandboxRun>> runs;
        for (int i = 0; i < 8; ++i)
            runs.push_back(m_runner->bearLater(*zygote, policy));
        for (const auto &run : runs) {
            QVERIFY2(m_runner->waitExecuted(*run), run->text().c_str());
            m_runner->tell(*run, policy);
            QVERIFY2(m_runner->waitEnded(*run), run->text().c_str());
            QCOMPARE(run->output, std::string("1\n"));
        }
    }

    void aZygoteBearsNoMoreThanItMay()
    {
        const SandboxPolicy ends = SandboxRunner::python("pass");
        const auto zygote = m_runner->startZygote(ends);
        for (int i = 0; i < Launcher::mostBirths; ++i) {
            const auto run = m_runner->bear(*zygote, Launcher::Code::There, ends);
            QVERIFY2(run->pid() != 0, run->text().c_str());
            m_runner->tell(*run, ends);
            QVERIFY(m_runner->waitEnded(*run));
        }
        const auto run = m_runner->bear(*zygote, Launcher::Code::There, ends);
        QVERIFY(run->executed && !*run->executed);
    }

    void aZygoteThatDoesSomethingElseThanFork_data()
    {
        QTest::addColumn<QString>("instead");
        QTest::newRow("nothing") << QStringLiteral("time.sleep(1000)");
        QTest::newRow("a thread") << QStringLiteral("threading.Thread(target=lambda: time.sleep(1000)).start()");
        QTest::newRow("a program") << QStringLiteral("os.execv('/bin/true', ['true'])");
        QTest::newRow("the end") << QStringLiteral("os._exit(3)");
        QTest::newRow("much") << QStringLiteral("[os.getppid() for i in range(10000)]");
        QTest::newRow("a spawned program")
            << QStringLiteral("os.posix_spawn('/bin/true', ['true'], {}); time.sleep(1000)");
        QTest::newRow("its own namespaces")
            << QStringLiteral("ctypes.CDLL(None).syscall(56, 0x10000000 | 17, 0, 0, 0, 0); time.sleep(1000)");
    }
    /// It hurts nobody: the birth fails, and the launcher serves on.
    void aZygoteThatDoesSomethingElseThanFork()
    {
        QFETCH(QString, instead);
        const SandboxPolicy policy = SandboxRunner::python("print('fine')");
        const auto zygote = m_runner->startZygote(policy, "import ctypes, os, threading, time\n"
                                                          "def fork():\n    " +
                                                              instead.toStdString() + "\nos.fork = fork\n");
        const auto run = m_runner->bear(*zygote, Launcher::Code::There, policy);
        QVERIFY2(run->executed && !*run->executed, run->text().c_str());
        const auto after = m_runner->run(policy);
        QCOMPARE(after->output, std::string("fine\n"));
    }

private:
    std::unique_ptr<SandboxRunner> m_runner;
};

QTEST_GUILESS_MAIN(TestZygote)
#include "tst_zygote.moc"
