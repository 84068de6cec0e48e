// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/worker/worker.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/test_loop.h"

#include <QTest>

using namespace kiln;

using test::HandLauncher;

/// A worker whose process is the test.
class tst_Worker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_loop = std::make_unique<test::TestLoop>();
        m_launcher = std::make_unique<HandLauncher>();
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_ready = m_lost = m_gone = 0;
        m_failed.reset();
        m_answer.reset();
        m_told.clear();
        m_worker = std::make_unique<Worker>(
            *m_loop, *m_launcher, *m_handOff, 1,
            Worker::Plan{.revision = std::make_shared<Revision>(),
                         .policy = {},
                         .init = [] { return std::string("{}"); },
                         .mask = std::make_shared<const Mask>(std::vector<std::string>{"topsecret"})},
            Worker::Events{.ready = [this] { ++m_ready; },
                           .failedToStart = [this](Worker::Ending ending) { m_failed = std::move(ending); },
                           .lost = [this] { ++m_lost; },
                           .gone = [this] { ++m_gone; }});
        m_worker->start();
        m_launcher->events.executed(1);
    }
    void cleanup()
    {
        m_worker.reset();
        m_handOff.reset();
        m_launcher.reset();
        m_loop.reset();
    }

    void isReadyOnceItSaysSoAndAnswersWhatItIsAsked()
    {
        start();
        call("{}");
        m_launcher->say(FrameType::Result, 1, "42");
        QVERIFY(m_loop->runUntil([this] { return m_answer.has_value(); }));
        QCOMPARE(m_answer->outcome, Outcome::Ok);
        QCOMPARE(*m_answer->response, std::string("42"));
        QCOMPARE(m_worker->state(), WorkerState::Idle);
    }

    void isFrozenOnceItHasBeenIdleForAWhile()
    {
        start();
        QVERIFY(!m_launcher->frozen);
        QVERIFY(m_loop->runUntil([this] { return m_launcher->frozen; }));
        QVERIFY(m_worker->view(Worker::Memory::AsKnown).frozen);
        m_worker->wake();
        QVERIFY(!m_launcher->frozen);
        call("{}");
        m_launcher->say(FrameType::Result, 1, "42");
        QVERIFY(m_loop->runUntil([this] { return m_answer.has_value(); }));
        QVERIFY(!m_launcher->frozen);
        QVERIFY(m_loop->runUntil([this] { return m_launcher->frozen; }));
    }

    /// Or it would be lent once more, and fail an invocation that it never saw.
    void anAnswerSentJustBeforeItsExitCountsAndItServesNoOther()
    {
        start();
        call("{}");
        m_launcher->say(FrameType::Result, 1, "42");
        m_launcher->exit(0); // both are there before the engine looks
        QVERIFY(m_answer);
        QCOMPARE(m_answer->outcome, Outcome::Ok);
        QCOMPARE(m_worker->state(), WorkerState::Stopping);
        QVERIFY(m_loop->runUntil([this] { return m_gone == 1; }));
    }

    void aProcessThatIsGoneWhenItsReadinessIsReadHasFailedToStart()
    {
        m_launcher->say(FrameType::Hello, 0);
        m_launcher->say(FrameType::Ready, 0);
        m_launcher->exit(3);
        QCOMPARE(m_ready, 0);
        QVERIFY(m_failed);
        QCOMPARE(m_failed->outcome, Outcome::InitError);
        QVERIFY(m_loop->runUntil([this] { return m_gone == 1; }));
    }

    /// The rest of each event would stay with the engine, and pile up.
    void aWorkerThatAnswersWithoutReadingItsEventIsEnded()
    {
        start();
        call(std::string(4 << 20, 'x')); // more than the socket holds
        m_launcher->say(FrameType::Result, 1, "42");
        QVERIFY(m_loop->runUntil([this] { return m_answer.has_value(); }));
        QCOMPARE(m_answer->outcome, Outcome::Crashed);
        QCOMPARE(m_answer->error.type, std::string("Runtime.ProtocolError"));
        QVERIFY(m_launcher->killed);
        m_launcher->exit(0);
        QVERIFY(m_loop->runUntil([this] { return m_gone == 1; }));
    }

    /// Or it would be said to have broken the protocol.
    void oneThatDiesBeforeItHasReadItsEventIsToldByItsExit()
    {
        start();
        call(std::string(4 << 20, 'x'));
        m_launcher->ends = {};
        QVERIFY(m_loop->runUntil([this] { return m_launcher->killed; }));
        QVERIFY(!m_answer);
        m_launcher->exit(3);
        QVERIFY(m_answer);
        QCOMPARE(m_answer->outcome, Outcome::Crashed);
        QCOMPARE(m_answer->error.type, std::string("Runtime.ExitError"));
        QVERIFY(m_loop->runUntil([this] { return m_gone == 1; }));
    }

    void aWorkerThatSpeaksUnaskedIsEndedAndNotLentAnyMore()
    {
        start();
        m_launcher->say(FrameType::Result, 1, "42");
        QVERIFY(m_loop->runUntil([this] { return m_lost == 1; }));
        QVERIFY(m_launcher->killed);
        QCOMPARE(m_worker->state(), WorkerState::Stopping);
    }

    void anIdleOneIsAskedWhatItKeepsAndSecretsAreHidden()
    {
        start();
        ask();
        ask(); // the same question: it is put once
        m_launcher->say(FrameType::Kept, 0, R"({"variables": [["token", "'topsecret'"]], "more": 0})");
        QVERIFY(m_loop->runUntil([this] { return m_told.size() == 2; }));
        QVERIFY(m_told[0] && m_told[1]);
        QCOMPARE(m_told[0]->variables.at(0).value, std::string("'***'"));
        QCOMPARE(m_worker->state(), WorkerState::Idle);
    }

    void theQuestionHoldsUpNoCall()
    {
        start();
        ask();
        call("{}");
        m_launcher->say(FrameType::Kept, 0, R"({"variables": []})");
        m_launcher->say(FrameType::Result, 1, "42");
        QVERIFY(m_loop->runUntil([this] { return m_answer.has_value(); }));
        QCOMPARE(m_answer->outcome, Outcome::Ok);
        QVERIFY(m_told.size() == 1 && m_told[0]);
        call("{}");
        ask(); // busy
        QVERIFY(m_told.size() == 2 && !m_told[1]);
    }

    void oneThatDoesNotAnswerOrAnswersRubbishIsNotWaitedFor()
    {
        start();
        ask();
        QVERIFY(m_loop->runUntil([this] { return m_told.size() == 1; }));
        QVERIFY(!m_told[0]);
        ask();
        m_launcher->say(FrameType::Kept, 0, R"({"variables": [["late", "1"]]})"); // of the first question
        m_launcher->say(FrameType::Kept, 0, "rubbish");
        QVERIFY(m_loop->runUntil([this] { return m_told.size() == 2; }));
        QVERIFY(!m_told[1]);
        QCOMPARE(m_told[1].error().code, Error::Code::Untrusted);
        m_launcher->say(FrameType::Kept, 0, "nobody asked");
        QVERIFY(m_loop->runUntil([this] { return m_lost == 1; }));
        QVERIFY(m_launcher->killed);
    }

    void itsEndAnswersTheQuestion()
    {
        start();
        ask();
        m_worker->stop();
        QVERIFY(m_told.size() == 1 && !m_told[0]);
    }

    void stoppingItAnswersWhatItWasDoing()
    {
        start();
        call("{}");
        m_worker->stop();
        QVERIFY(m_answer);
        QCOMPARE(m_answer->outcome, Outcome::Cancelled);
        m_launcher->exit(0);
        m_worker->stop(); // once more, while it is going
        QVERIFY(m_loop->runUntil([this] { return m_gone == 1; }));
    }

private:
    void start()
    {
        m_launcher->say(FrameType::Hello, 0);
        m_launcher->say(FrameType::Ready, 0);
        QVERIFY(m_loop->runUntil([this] { return m_ready == 1; }));
    }
    void ask()
    {
        m_worker->askKept([this](Result<KeptVariables> kept) { m_told.push_back(std::move(kept)); });
    }
    void call(std::string event)
    {
        m_worker->invoke({.id = {}, .event = payload(std::move(event)), .deadline = {}, .context = {}},
                         [this](Worker::Ending ending) { m_answer = std::move(ending); });
    }

    std::unique_ptr<test::TestLoop> m_loop;
    std::unique_ptr<HandLauncher> m_launcher;
    std::unique_ptr<HandOff> m_handOff;
    std::unique_ptr<Worker> m_worker;
    int m_ready = 0;
    int m_lost = 0;
    int m_gone = 0;
    std::optional<Worker::Ending> m_failed;
    std::optional<Worker::Ending> m_answer;
    std::vector<Result<KeptVariables>> m_told;
};

QTEST_GUILESS_MAIN(tst_Worker)
#include "tst_worker.moc"
