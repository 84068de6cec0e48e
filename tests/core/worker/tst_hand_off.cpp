// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/sandbox/process_tree.h"
#include "core/worker/hand_off.h"
#include "tests/support/manual_loop.h"

#include <QProcess>
#include <QTest>

#include <csignal>
#include <memory>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

int processorsOf(int thread)
{
    cpu_set_t mask;
    CPU_ZERO(&mask);
    return ::sched_getaffinity(thread, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : -1;
}

/// A shell as pid 1 of a sandbox, and in it a shell as the worker, which makes a process for each line it reads.
class ShellPair
{
public:
    ShellPair()
    {
        m_shell.setChildProcessModifier([] { ::setpgid(0, 0); });
        m_shell.start(QStringLiteral("/bin/sh"),
                      {QStringLiteral("-c"), QStringLiteral("sh -c 'while read line; do sleep 1000 & done'; true")});
    }
    ~ShellPair()
    {
        ::kill(-pid_t(m_shell.processId()), SIGKILL);
        m_shell.waitForFinished();
    }

    [[nodiscard]] int pid() const { return int(m_shell.processId()); }
    [[nodiscard]] std::vector<int> tree() const { return processTree(pid()); }
    [[nodiscard]] int worker() const { return tree().at(1); }
    [[nodiscard]] bool hasProcesses(std::size_t count)
    {
        return QTest::qWaitFor([&] { return tree().size() == count; });
    }
    [[nodiscard]] bool makeProcess()
    {
        const std::size_t before = tree().size();
        m_shell.write("\n");
        return m_shell.waitForBytesWritten() && hasProcesses(before + 1);
    }

private:
    QProcess m_shell;
};

} // namespace

class tst_HandOff : public QObject
{
    Q_OBJECT

private:
    const int m_all = processorsOf(0);
    std::unique_ptr<test::ManualLoop> m_loop;
    std::unique_ptr<HandOff> m_shared;
    std::unique_ptr<ShellPair> m_sandbox;
    std::unique_ptr<HandOff::Party> m_party;

    void call(HandOff::Party &party, std::chrono::nanoseconds took)
    {
        party.calling();
        m_loop->manualClock.advance(took);
        party.answered();
    }
    /// As many short calls as make a habit.
    void getUsedTo(HandOff::Party &party)
    {
        for (int i = 0; i < 32; ++i)
            call(party, 20us);
    }

private Q_SLOTS:
    void init()
    {
        if (m_all < 2)
            QSKIP("this machine gives one processor, which all share anyway");
        m_loop = std::make_unique<test::ManualLoop>();
        m_shared = std::make_unique<HandOff>(*m_loop);
        m_sandbox = std::make_unique<ShellPair>();
        QVERIFY(m_sandbox->hasProcesses(2));
        m_party = std::make_unique<HandOff::Party>(*m_shared);
        m_party->executed(m_sandbox->pid());
    }

    void cleanup()
    {
        m_party.reset();
        m_sandbox.reset();
        m_shared.reset();
        m_loop.reset();
    }

    void aWorkerWithShortCallsSharesTheProcessorOfTheEngineThread()
    {
        getUsedTo(*m_party);
        QCOMPARE(processorsOf(m_sandbox->worker()), m_all); // a habit is known only after it was seen
        m_party->calling();
        QCOMPARE(processorsOf(m_sandbox->worker()), 1);
        QCOMPARE(processorsOf(0), 1);
        cpu_set_t mine;
        cpu_set_t its;
        QCOMPARE(::sched_getaffinity(0, sizeof mine, &mine), 0);
        QCOMPARE(::sched_getaffinity(m_sandbox->worker(), sizeof its, &its), 0);
        QVERIFY(CPU_EQUAL(&mine, &its));
        m_loop->pass(1ms);
    }

    /// It may need a launcher, which would be bound for good, and with it all that it makes.
    void theEngineThreadIsFreeWhenAnotherWorkerIsStarted()
    {
        getUsedTo(*m_party);
        m_party->calling();
        QCOMPARE(processorsOf(0), 1);
        HandOff::Party other(*m_shared);
        other.starting();
        QCOMPARE(processorsOf(0), m_all);
        m_party->answered();
        m_party->calling();
        QCOMPARE(processorsOf(0), 1);
        m_loop->pass(1ms);
    }

    void aCallThatTakesLongerMayRunAnywhereWithAllThatItMade()
    {
        getUsedTo(*m_party);
        m_party->calling();
        QVERIFY(m_sandbox->makeProcess());
        QCOMPARE(processorsOf(m_sandbox->tree().back()), 1);
        m_loop->pass(1ms);
        for (const int process : m_sandbox->tree())
            QCOMPARE(processorsOf(process), m_all);
        QCOMPARE(processorsOf(0), m_all);
        m_party->answered();
        m_party->calling(); // the habit is broken
        QCOMPARE(processorsOf(m_sandbox->worker()), m_all);
    }

    void longCallsAreNeverBound()
    {
        for (int i = 0; i < 100; ++i)
            call(*m_party, 5ms);
        m_party->calling();
        QCOMPARE(processorsOf(m_sandbox->worker()), m_all);
        QCOMPARE(processorsOf(0), m_all);
    }

    void callsBesideEachOtherMayRunAnywhere()
    {
        getUsedTo(*m_party);
        call(*m_party, 20us);
        QCOMPARE(processorsOf(m_sandbox->worker()), 1);
        HandOff::Party other(*m_shared);
        other.calling();
        m_party->calling();
        QCOMPARE(processorsOf(m_sandbox->worker()), m_all);
        QCOMPARE(processorsOf(0), m_all);
    }

    void aWorkerThatEndsWithinACallIsNotCountedAnyMore()
    {
        {
            HandOff::Party other(*m_shared);
            other.calling();
        }
        getUsedTo(*m_party);
        m_party->calling();
        QCOMPARE(processorsOf(m_sandbox->worker()), 1);
        m_loop->pass(1ms);
    }

    void anEngineThreadThatIsNotCalledIsFree()
    {
        getUsedTo(*m_party);
        call(*m_party, 20us);
        QCOMPARE(processorsOf(0), 1);
        m_loop->pass(50ms);
        QCOMPARE(processorsOf(0), m_all);
    }
};

QTEST_GUILESS_MAIN(tst_HandOff)
#include "tst_hand_off.moc"
