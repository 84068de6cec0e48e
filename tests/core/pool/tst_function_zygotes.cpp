// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/function_zygotes.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/manual_clock.h"
#include "tests/support/test_loop.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;
using State = ZygoteView::State;

class tst_FunctionZygotes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_clock = std::make_unique<test::ManualClock>();
        m_loop = std::make_unique<test::TestLoop>(*m_clock);
        m_launcher = std::make_unique<test::HandLauncher>();
        m_launcher->resources = ResourceUse{.memory = 20_MB, .peakMemory = 20_MB};
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_zygotes = std::make_unique<FunctionZygotes>(*m_loop, *m_launcher, *m_handOff, 50_MB, [] {});
        m_zygotes->expect({m_revision});
    }
    void cleanup()
    {
        m_zygotes.reset();
        m_handOff.reset();
        m_launcher.reset();
        m_loop.reset();
        m_clock.reset();
    }

    void aModuleThatLoadsQuicklyIsNotWorthOne()
    {
        loaded(m_revision, 5ms);
        QCOMPARE(m_launcher->zygotes, 0);
        QVERIFY(m_zygotes->views().empty());
        QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(0));
    }

    void oneThatTakesLongIsLoadedOnceMoreAndThenCopied()
    {
        loaded(m_revision, 200ms);
        QCOMPARE(m_launcher->zygotes, 1);
        QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(0)); // not yet
        QVERIFY(m_zygotes->views()[0].state == State::Making);
        becomeReady();
        QVERIFY((m_zygotes->views()[0] == ZygoteView{"f", State::Ready, {}, 20_MB}));
        QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(1));
        loaded(m_revision, 200ms); // another worker that came before it
        QCOMPARE(m_launcher->zygotes, 1);
    }

    void theNextOneIsMadeWhileTheLastFewAreTaken()
    {
        loaded(m_revision, 200ms);
        becomeReady();
        for (int i = 0; i < Launcher::mostBirths; ++i)
            QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(1));
        QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(0));
        pass(1s);
        QCOMPARE(m_launcher->zygotes, 2);
        becomeReady();
        QVERIFY(m_launcher->retired); // what came out of the first lives on
        QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(2));
    }

    void oneThatDeclinesIsNotAskedAgain()
    {
        loaded(m_revision, 200ms);
        m_launcher->events.executed(7);
        m_launcher->say(FrameType::Hello, 0);
        m_loop->runReady();
        m_launcher->say(FrameType::Declined, 0, "loading it started 2 threads");
        pass(1s);
        QVERIFY((m_zygotes->views()[0] == ZygoteView{"f", State::Declined, "loading it started 2 threads", {}}));
        loaded(m_revision, 200ms);
        QCOMPARE(m_launcher->zygotes, 1);
    }

    void oneThatEndsIsMadeAnew()
    {
        loaded(m_revision, 200ms);
        becomeReady();
        m_launcher->exit(1);
        QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(0));
        pass(1s);
        QCOMPARE(m_launcher->zygotes, 2);
    }

    void oneThatTalksNonsenseIsNone_data()
    {
        QTest::addColumn<int>("type");
        QTest::newRow("ready before hello") << int(FrameType::Ready);
        QTest::newRow("an answer") << int(FrameType::Result);
        QTest::newRow("declined before its settings") << int(FrameType::Declined);
    }
    void oneThatTalksNonsenseIsNone()
    {
        QFETCH(int, type);
        loaded(m_revision, 200ms);
        m_launcher->events.executed(7);
        m_launcher->say(FrameType(type), 0);
        pass(1s);
        QVERIFY(m_zygotes->views()[0].state == State::Declined);
    }

    void theyKeepWithinTheirMemory()
    {
        std::vector<RevisionPtr> revisions;
        for (const char *name : {"a", "b", "c", "d"})
            revisions.push_back(revisionOf(name));
        m_zygotes->expect(revisions);
        for (const RevisionPtr &revision : revisions) {
            const int before = m_launcher->zygotes;
            loaded(revision, 200ms);
            if (m_launcher->zygotes > before)
                becomeReady();
        }
        QCOMPARE(m_launcher->zygotes, 3); // what one takes is known once it is there
        QVERIFY(m_zygotes->memory() >= 50_MB);
    }

    void aRevisionThatRunsNoMoreLosesIts()
    {
        loaded(m_revision, 200ms);
        becomeReady();
        m_zygotes->expect({revisionOf("g")});
        QVERIFY(m_launcher->abandoned); // nothing came out of it
        QCOMPARE(m_zygotes->take(m_revision), Launcher::SandboxId(0));
        QVERIFY(m_zygotes->views().empty());
    }

private:
    static RevisionPtr revisionOf(const std::string &name)
    {
        auto revision = std::make_shared<Revision>();
        revision->hash = "hash of " + name;
        revision->settings.name = name;
        return revision;
    }
    void loaded(const RevisionPtr &revision, std::chrono::nanoseconds init)
    {
        m_zygotes->loaded(revision, init, {}, "{}");
        pass(1s);
    }
    void pass(std::chrono::nanoseconds time)
    {
        m_clock->advance(time);
        m_loop->runReady();
    }
    void becomeReady()
    {
        m_launcher->events.executed(7);
        m_launcher->say(FrameType::Hello, 0);
        m_loop->runReady();
        m_launcher->say(FrameType::Ready, 0);
        m_loop->runReady();
        m_held.push_back(std::move(m_launcher->ends));
    }

    const RevisionPtr m_revision = revisionOf("f");
    std::unique_ptr<test::ManualClock> m_clock;
    std::unique_ptr<test::TestLoop> m_loop;
    std::unique_ptr<test::HandLauncher> m_launcher;
    std::unique_ptr<HandOff> m_handOff;
    std::unique_ptr<FunctionZygotes> m_zygotes;
    std::vector<Launcher::WorkerEnds> m_held; ///< Of those that live.
};

QTEST_GUILESS_MAIN(tst_FunctionZygotes)
#include "tst_function_zygotes.moc"
