// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/pool/parked_pool.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/manual_clock.h"
#include "tests/support/test_loop.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

class tst_ParkedPool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_clock = std::make_unique<test::ManualClock>();
        m_loop = std::make_unique<test::TestLoop>(*m_clock);
        m_launcher = std::make_unique<test::HandLauncher>();
        m_launcher->resources = ResourceUse{.memory = 10_MB, .peakMemory = 10_MB};
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_pool = std::make_unique<ParkedPool>(*m_loop, *m_launcher, *m_handOff, 50_MB, [] {});
    }
    void cleanup()
    {
        m_pool.reset();
        m_handOff.reset();
        m_held.clear();
        m_launcher.reset();
        m_loop.reset();
        m_clock.reset();
    }

    void keepsOneOfEachKindThatMayBeNeeded()
    {
        m_pool->expect({{m_python, {}}, {m_node, {}}});
        serve();
        QCOMPARE(m_pool->waiting(), 2);
        QCOMPARE(m_pool->memory(), 20_MB);
        QVERIFY(m_pool->take(m_python));
        QVERIFY(m_pool->take(m_node));
        QVERIFY(!m_pool->take(m_other));
        QVERIFY(!m_pool->take(nullptr));
        QCOMPARE(m_pool->waiting(), 0);
        serve();
        QCOMPARE(m_pool->waiting(), 2);
    }

    void keepsAsManyAsStartedTogether()
    {
        m_pool->expect({{m_python, {}}});
        serve();
        for (int i = 0; i < 3; ++i)
            (void)m_pool->take(m_python); // two of them found none
        serve();
        QCOMPARE(m_pool->waiting(), 3);
        m_clock->advance(6min);
        m_pool->expect({{m_python, {}}, {m_node, {}}}); // something happens
        serve();
        QCOMPARE(m_pool->waiting(), 2);
    }

    void keepsWithinItsMemory()
    {
        m_pool->expect({{m_python, {}}});
        serve();
        for (int i = 0; i < 20; ++i)
            (void)m_pool->take(m_python);
        serve();
        QCOMPARE(m_pool->waiting(), 5);
        QCOMPARE(m_pool->memory(), 50_MB);
    }

    void aKindThatNobodyNeedsAnyMoreEnds()
    {
        m_pool->expect({{m_python, {}}, {m_node, {}}});
        serve();
        m_pool->expect({{m_node, {}}});
        QCOMPARE(m_pool->waiting(), 1);
        QVERIFY(m_launcher->abandoned);
        QVERIFY(!m_pool->take(m_python));
    }

    void whatCannotBeMadeIsTriedMoreAndMoreSeldom()
    {
        m_pool->expect({{m_python, {}}});
        m_clock->advance(1s);
        m_loop->runReady();
        QCOMPARE(m_launcher->launched, 1);
        for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
            const int before = m_launcher->launched;
            m_launcher->events.executed(fail(Error::Code::Sandbox, "no"));
            m_clock->advance(std::chrono::seconds(seconds) - 1ms);
            m_loop->runReady();
            QCOMPARE(m_launcher->launched, before);
            m_clock->advance(1ms);
            m_loop->runReady();
            QCOMPARE(m_launcher->launched, before + 1);
        }
    }

    void oneThatEndsIsReplaced()
    {
        m_pool->expect({{m_python, {}}});
        serve();
        m_held.clear(); // its channel closes
        serve();
        QCOMPARE(m_launcher->launched, 2);
        QCOMPARE(m_pool->waiting(), 1);
    }

    void processesComeOutOfOneThatHasExecutedTheProgram()
    {
        m_pool->expect({{m_python, m_zygote}});
        serve();
        QCOMPARE(m_launcher->zygotes, 1);
        QCOMPARE(m_launcher->born, 1);
        QCOMPARE(m_pool->waiting(), 1);
        QCOMPARE(m_pool->memory(), 20_MB); // the zygote's, too
        for (int i = 0; i < Launcher::mostBirths; ++i) {
            QVERIFY(m_pool->take(m_python));
            serve();
        }
        QCOMPARE(m_launcher->zygotes, 2); // it bears no more than it may
        QVERIFY(m_launcher->retired);
        QCOMPARE(m_launcher->born, 1 + Launcher::mostBirths);
    }

    void whoFindsNoneWaitingGetsOneOutOfTheZygoteItself()
    {
        m_pool->expect({{m_python, m_zygote}, {m_node, {}}});
        QVERIFY(!m_pool->bear(m_python)); // not there yet
        serve();
        QVERIFY(!m_pool->bear(m_node)); // of a kind that cannot fork
        QVERIFY(!m_pool->bear(nullptr));
        const auto first = m_pool->bear(m_python);
        const auto second = m_pool->bear(m_python);
        QVERIFY(first && second);
        QVERIFY(first->zygote != 0);
        QCOMPARE(first->zygote, second->zygote);
        QCOMPARE(first->policy.argv, m_python->argv);
        QVERIFY(first->policy.owner != second->policy.owner); // each has a user of its own
        QCOMPARE(m_launcher->zygotes, 1);
    }

    void aBurstIsNotHeldUpByAZygoteThatIsUsedUp()
    {
        m_pool->expect({{m_python, m_zygote}});
        serve();
        int born = 1; // the one that waits
        for (; born <= Launcher::mostBirths / 2; ++born)
            QVERIFY(m_pool->bear(m_python));
        QCOMPARE(m_launcher->zygotes, 2); // the next is on its way …
        serve();
        const auto of = m_pool->bear(m_python)->zygote;
        for (++born; born < Launcher::mostBirths; ++born)
            QCOMPARE(m_pool->bear(m_python)->zygote, of); // … but the first is used to its end
        QVERIFY(!m_launcher->retired);
        const auto other = m_pool->bear(m_python);
        QVERIFY(other && other->zygote != of);
        QVERIFY(m_launcher->retired);
    }

    void aNextZygoteThatNeverComesIsNotTriedForEver()
    {
        m_pool->expect({{m_python, m_zygote}});
        serve();
        while (m_pool->bear(m_python)) {
            if (m_served != m_launcher->launched)
                m_launcher->events.executed(fail(Error::Code::Sandbox, "no"));
            m_served = m_launcher->launched;
        }
        QCOMPARE(m_launcher->zygotes, 1 + 3);
    }

    void whereNoZygoteCanBeMadeEachIsExecuted()
    {
        m_pool->expect({{m_python, m_zygote}});
        for (int i = 0; i < 3; ++i) {
            m_clock->advance(10s);
            m_loop->runReady();
            QCOMPARE(m_launcher->zygotes, i + 1);
            m_launcher->events.executed(fail(Error::Code::Sandbox, "no"));
        }
        m_served = m_launcher->launched;
        serve();
        QCOMPARE(m_launcher->zygotes, 3);
        QCOMPARE(m_launcher->born, 0);
        QCOMPARE(m_pool->waiting(), 1);
    }

private:
    /// Lets time pass, and has each process that is asked for say hello, until no more is.
    void serve()
    {
        for (int idle = 0; idle < 3; ++idle) {
            m_clock->advance(1s);
            m_loop->runReady();
            if (m_served == m_launcher->launched)
                continue;
            m_served = m_launcher->launched;
            m_launcher->events.executed(7);
            m_launcher->say(FrameType::Hello, 0);
            m_held.push_back(std::move(m_launcher->ends));
            m_loop->runReady();
            idle = -1;
        }
        m_served = m_launcher->launched;
    }

    static std::shared_ptr<const SandboxPolicy> kind(const char *program)
    {
        SandboxPolicy policy;
        policy.argv = {program};
        return std::make_shared<const SandboxPolicy>(policy);
    }

    const std::shared_ptr<const SandboxPolicy> m_python = kind("/usr/bin/python3"), m_node = kind("/usr/bin/node"),
                                               m_zygote = kind("/usr/bin/python3"), m_other = kind("/usr/bin/other");
    std::unique_ptr<test::ManualClock> m_clock;
    std::unique_ptr<test::TestLoop> m_loop;
    std::unique_ptr<test::HandLauncher> m_launcher;
    std::unique_ptr<HandOff> m_handOff;
    std::unique_ptr<ParkedPool> m_pool;
    std::vector<Launcher::WorkerEnds> m_held; ///< Of the processes that live.
    int m_served = 0;
};

QTEST_GUILESS_MAIN(tst_ParkedPool)
#include "tst_parked_pool.moc"
