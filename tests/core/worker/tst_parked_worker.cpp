// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/worker/worker.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/test_loop.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

/// A process that waits for its function, and the worker that it becomes.
class tst_ParkedWorker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_loop = std::make_unique<test::TestLoop>();
        m_launcher = std::make_unique<test::HandLauncher>();
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_waits = m_gone = m_ready = 0;
        m_failed.reset();
        m_code.reset();
        m_parked = std::make_unique<ParkedProcess>(
            *m_loop, *m_launcher, ParkedProcess::Events{.ready = [this] { ++m_waits; }, .gone = [this] { ++m_gone; }});
        QVERIFY(m_parked->start(*m_kind));
    }
    void cleanup()
    {
        m_worker.reset();
        m_parked.reset();
        m_handOff.reset();
        m_launcher.reset();
        m_loop.reset();
    }

    void canBeTakenOnceItRunsAndSaidHello()
    {
        m_launcher->events.executed(7);
        QVERIFY(!m_parked->isReady());
        m_launcher->say(FrameType::Hello, 0);
        QVERIFY(m_loop->runUntil([this] { return m_waits == 1; }));
        QVERIFY(m_parked->isReady());
    }

    void anythingButOneHelloEndsIt_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        std::string ready, twice;
        appendFrame(ready, FrameType::Ready, 0, {});
        appendFrame(twice, FrameType::Hello, 0, {});
        twice += twice;
        QTest::newRow("another frame") << QByteArray::fromStdString(ready);
        QTest::newRow("two of them") << QByteArray::fromStdString(twice);
        QTest::newRow("garbage") << QByteArray(100, 'x');
        QTest::newRow("nothing: it closed its channel") << QByteArray();
    }
    void anythingButOneHelloEndsIt()
    {
        QFETCH(QByteArray, bytes);
        m_launcher->events.executed(7);
        if (!bytes.isEmpty())
            QCOMPARE(::send(m_launcher->ends.channel.get(), bytes.constData(), std::size_t(bytes.size()), 0),
                     ssize_t(bytes.size()));
        else
            m_launcher->ends = {};
        QVERIFY(m_loop->runUntil([this] { return m_gone > 0; }));
        QVERIFY(!m_parked->isReady());
        QCOMPARE(m_waits, 0);
        m_parked.reset();
        QVERIFY(m_launcher->abandoned);
    }

    void becomesTheWorkerOfOneFunction()
    {
        lease();
        QCOMPARE(m_launcher->binds.size(), std::size_t(1)); // what it has not got yet
        QCOMPARE(m_launcher->binds.front().target, std::string("/var/task"));
        QCOMPARE(heard(), std::vector{FrameType::Init}); // it reads that while its code is attached
        m_launcher->leased({});
        QCOMPARE(heard(), std::vector{FrameType::Begin});
        m_launcher->say(FrameType::Ready, 0);
        QVERIFY(m_loop->runUntil([this] { return m_ready == 1; }));
        QCOMPARE(m_worker->startKind(), Start::Parked);
        QCOMPARE(m_launcher->launched, 1);
    }

    void oneThatCannotTakeItIsReplacedByANewOne_data()
    {
        QTest::addColumn<bool>("ends");
        QTest::newRow("the lease fails") << false;
        QTest::newRow("it ends first") << true;
    }
    void oneThatCannotTakeItIsReplacedByANewOne()
    {
        QFETCH(bool, ends);
        lease();
        if (ends)
            m_launcher->exit(1);
        else
            m_launcher->leased(fail(Error::Code::Sandbox, "no"));
        QCOMPARE(m_launcher->launched, 2);
        QVERIFY(m_launcher->abandoned);
        QVERIFY(!m_failed);
        m_launcher->events.executed(8);
        m_launcher->say(FrameType::Hello, 0);
        m_launcher->say(FrameType::Ready, 0);
        QVERIFY(m_loop->runUntil([this] { return m_ready == 1; }));
        QCOMPARE(m_worker->startKind(), Start::Cold);
    }

    void stoppedWhileItIsLeasedItServesNothing()
    {
        lease();
        m_worker->stop();
        QVERIFY(m_failed);
        QCOMPARE(m_failed->outcome, Outcome::Cancelled);
        QVERIFY(m_launcher->killed);
        m_launcher->leased({});
        QCOMPARE(heard(), std::vector{FrameType::Init}); // and nothing that lets it begin
        QCOMPARE(m_launcher->launched, 1);
    }

    void whatWasCompiledAheadComesBeforeTheRest()
    {
        m_code = std::make_shared<const std::string>("code");
        lease();
        QCOMPARE(heard(), (std::vector{FrameType::Code, FrameType::Init}));
        m_launcher->leased(fail(Error::Code::Sandbox, "no"));
        QCOMPARE(heard(), (std::vector{FrameType::Code, FrameType::Init})); // the new one is told all of it, too
    }

    void comesOutOfAnInterpreterWhenNoneWaits()
    {
        bear();
        QCOMPARE(m_launcher->born, 1);
        m_launcher->events.executed(7);
        QCOMPARE(m_launcher->binds.size(), std::size_t(1));
        QCOMPARE(heard(), std::vector{FrameType::Init});
        m_launcher->leased({});
        QCOMPARE(heard(), std::vector{FrameType::Begin});
        m_launcher->say(FrameType::Hello, 0);
        m_launcher->say(FrameType::Ready, 0);
        QVERIFY(m_loop->runUntil([this] { return m_ready == 1; }));
        QCOMPARE(m_worker->startKind(), Start::Zygote);
        QVERIFY(!m_worker->cameLoaded());
    }

    void oneThatIsNotBornIsReplacedByANewOne_data()
    {
        QTest::addColumn<int>("fails");
        QTest::newRow("it is not born") << 0;
        QTest::newRow("the lease fails") << 1;
        QTest::newRow("it ends before the lease") << 2;
    }
    void oneThatIsNotBornIsReplacedByANewOne()
    {
        QFETCH(int, fails);
        bear();
        if (fails == 0) {
            m_launcher->events.executed(fail(Error::Code::Sandbox, "no"));
        } else {
            m_launcher->events.executed(7);
            if (fails == 1)
                m_launcher->leased(fail(Error::Code::Sandbox, "no"));
            else
                m_launcher->exit(1);
        }
        QVERIFY(!m_failed);
        const int before = m_launcher->born;
        QCOMPARE(before, 1);
        m_launcher->events.executed(8);
        m_launcher->say(FrameType::Hello, 0);
        m_launcher->say(FrameType::Ready, 0);
        QVERIFY(m_loop->runUntil([this] { return m_ready == 1; }));
        QCOMPARE(m_worker->startKind(), Start::Cold);
    }

    void stoppedWhileItIsBornItServesNothing()
    {
        bear();
        m_worker->stop();
        QVERIFY(m_failed);
        QVERIFY(m_launcher->killed);
        m_launcher->events.executed(7);
        QVERIFY(m_launcher->binds.empty());
    }

private:
    void bear()
    {
        m_parked.reset();
        SandboxPolicy policy = *m_kind;
        policy.binds.push_back({.source = "/revision", .target = "/var/task"});
        m_worker = std::make_unique<Worker>(
            *m_loop, *m_launcher, *m_handOff, 1,
            Worker::Plan{.revision = std::make_shared<Revision>(),
                         .policy = policy,
                         .init = [] { return std::string("{}"); },
                         .code = m_code,
                         .parkable = m_kind,
                         .birth = ParkedProcess::Birth{5, *m_kind}},
            Worker::Events{.ready = [this] { ++m_ready; },
                           .failedToStart = [this](Worker::Ending ending) { m_failed = std::move(ending); },
                           .lost = [] {},
                           .gone = [] {}});
        m_worker->start();
    }

    void lease()
    {
        m_launcher->events.executed(7);
        m_launcher->say(FrameType::Hello, 0);
        QVERIFY(m_loop->runUntil([this] { return m_waits == 1; }));
        SandboxPolicy policy = *m_kind;
        policy.binds.push_back({.source = "/revision", .target = "/var/task"});
        m_worker = std::make_unique<Worker>(
            *m_loop, *m_launcher, *m_handOff, 1,
            Worker::Plan{.revision = std::make_shared<Revision>(),
                         .policy = policy,
                         .init = [] { return std::string("{}"); },
                         .code = m_code,
                         .parkable = m_kind,
                         .parked = m_parked->take()},
            Worker::Events{.ready = [this] { ++m_ready; },
                           .failedToStart = [this](Worker::Ending ending) { m_failed = std::move(ending); },
                           .lost = [] {},
                           .gone = [] {}});
        m_worker->start();
    }

    /// What the process was told since it was last asked.
    std::vector<FrameType> heard() const
    {
        FrameReader reader(1024);
        ssize_t count = 0;
        while ((count = ::recv(m_launcher->ends.channel.get(), reader.prepare(1024), 1024, MSG_DONTWAIT)) > 0)
            reader.filled(std::size_t(count));
        std::vector<FrameType> types;
        for (auto frame = reader.next(); frame && *frame; frame = reader.next())
            types.push_back((*frame)->header.type);
        return types;
    }

    static std::shared_ptr<const SandboxPolicy> kind()
    {
        SandboxPolicy policy;
        policy.binds = {{.source = "/bootstrap", .target = "/opt/kiln"}};
        policy.argv = {"/usr/bin/x"};
        return std::make_shared<const SandboxPolicy>(policy);
    }

    const std::shared_ptr<const SandboxPolicy> m_kind = kind();
    std::shared_ptr<const std::string> m_code;
    std::unique_ptr<test::TestLoop> m_loop;
    std::unique_ptr<test::HandLauncher> m_launcher;
    std::unique_ptr<HandOff> m_handOff;
    std::unique_ptr<ParkedProcess> m_parked;
    std::unique_ptr<Worker> m_worker;
    int m_waits = 0, m_gone = 0, m_ready = 0;
    std::optional<Worker::Ending> m_failed;
};

QTEST_GUILESS_MAIN(tst_ParkedWorker)
#include "tst_parked_worker.moc"
