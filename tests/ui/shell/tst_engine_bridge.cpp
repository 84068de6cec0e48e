// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/shell/recorded.h"
#include "ui/shell/engine_bridge.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <thread>

using namespace kiln;
using ui::EngineBridge;

class tst_EngineBridge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_bridge = std::make_unique<EngineBridge>();
        auto engine = std::make_unique<test::RecordedEngine>(test::recordedSnapshot("/shop"));
        m_engine = engine.get();
        m_bridge->attach(std::move(engine));
        QSignalSpy first(m_bridge.get(), &EngineBridge::snapshotChanged);
        QVERIFY(first.wait());
    }
    void cleanup() { m_bridge.reset(); }

    void ofManySnapshotsOnlyTheNewestIsShown()
    {
        QSignalSpy changes(m_bridge.get(), &EngineBridge::snapshotChanged);
        std::thread engine([this] {
            for (std::uint64_t number = 2; number <= 500; ++number) {
                auto snapshot = std::make_shared<Snapshot>(*m_engine->snapshot());
                snapshot->number = number;
                m_engine->publish(snapshot);
            }
        });
        engine.join(); // meanwhile the GUI thread took none
        QTRY_COMPARE(m_bridge->snapshot()->number, std::uint64_t(500));
        QCOMPARE(changes.size(), 1);
    }

    void snapshotsAreTakenOnTheGuiThread()
    {
        QThread *seen = nullptr;
        connect(
            m_bridge.get(), &EngineBridge::snapshotChanged, this, [&] { seen = QThread::currentThread(); },
            Qt::DirectConnection);
        auto snapshot = std::make_shared<Snapshot>(*m_engine->snapshot());
        snapshot->number = 2;
        std::thread([&] { m_engine->publish(snapshot); }).join();
        QTRY_COMPARE(seen, thread());
    }

    void anOlderSnapshotDoesNotReplaceANewerOne()
    {
        auto newer = std::make_shared<Snapshot>(*m_engine->snapshot());
        newer->number = 9;
        auto older = std::make_shared<Snapshot>(*newer);
        older->number = 8;
        m_engine->publish(newer);
        m_engine->publish(older);
        QTRY_COMPARE(m_bridge->snapshot()->number, std::uint64_t(9));
    }

    void anAnswerComesOnTheGuiThreadAndNotAtOnce()
    {
        bool answered = false;
        m_bridge->fire(checkout(), this, [&](const Result<InvocationPtr> &) {
            answered = true;
            QCOMPARE(QThread::currentThread(), thread());
        });
        QVERIFY(!answered);
        QTRY_VERIFY(answered);
        QCOMPARE(m_engine->fired.at(0).function, std::string("checkout"));
    }

    void anAnswerToAReceiverThatIsGoneIsDropped()
    {
        bool answered = false;
        auto receiver = std::make_unique<QObject>();
        m_bridge->fire(checkout(), receiver.get(), [&](const Result<InvocationPtr> &) { answered = true; });
        receiver.reset();
        QCoreApplication::processEvents();
        QVERIFY(!answered);
    }

    void aFailedEditIsTold()
    {
        m_engine->editAnswer = fail(Error::Code::Io, "the disk is full");
        QSignalSpy failed(m_bridge.get(), &EngineBridge::failed);
        m_bridge->edit(DeleteFunction{"checkout"});
        QVERIFY(failed.wait());
        QCOMPARE(failed[0][0].value<Error>().message, std::string("the disk is full"));
    }

    void withoutAnEngineCommandsAreRefused()
    {
        EngineBridge bridge;
        std::optional<Error> error;
        bridge.fire({}, this, [&](const Result<InvocationPtr> &result) {
            if (!result)
                error = result.error();
        });
        QVERIFY(error);
        QVERIFY(bridge.snapshot()->workspace);
        bridge.retireIdle(QStringLiteral("checkout")); // must not crash
    }

    void anEngineThatCannotOpenSaysWhy()
    {
        EngineBridge bridge;
        QSignalSpy failed(&bridge, &EngineBridge::startFailed);
        bridge.start(
            []() -> Result<std::unique_ptr<Engine>> { return fail(Error::Code::NotFound, "there is no kiln.yaml"); });
        QVERIFY(failed.wait());
        QCOMPARE(failed[0][0].value<Error>().message, std::string("there is no kiln.yaml"));
    }

    void anEngineOpensBehindTheWindow()
    {
        EngineBridge bridge;
        QSignalSpy changed(&bridge, &EngineBridge::snapshotChanged);
        bridge.start([]() -> Result<std::unique_ptr<Engine>> {
            return std::make_unique<test::RecordedEngine>(test::recordedSnapshot("/shop"));
        });
        QVERIFY(changed.wait());
        QCOMPARE(bridge.snapshot()->workspace->name, std::string("shop"));
    }

private:
    static Engine::Fire checkout()
    {
        Engine::Fire fire;
        fire.function = "checkout";
        return fire;
    }

    std::unique_ptr<EngineBridge> m_bridge;
    test::RecordedEngine *m_engine = nullptr;
};

QTEST_GUILESS_MAIN(tst_EngineBridge)
#include "tst_engine_bridge.moc"
