// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/worker/worker.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/manual_clock.h"
#include "tests/support/test_loop.h"

#include <QTest>

#include <map>
#include <string>
#include <unistd.h>
#include <vector>

using namespace kiln;
using namespace std::chrono_literals;

using test::HandLauncher;
using Lines = std::vector<std::string>;

/// A worker with several calls at once, whose process is the test; time is set by hand.
class tst_WorkerCalls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_clock = std::make_unique<test::ManualClock>();
        m_loop = std::make_unique<test::TestLoop>(*m_clock);
        m_launcher = std::make_unique<HandLauncher>();
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_ready = m_lost = m_gone = 0;
        m_answers.clear();
        m_ids.clear();
        auto revision = std::make_shared<Revision>();
        revision->settings.runtime.language = Language::Node;
        revision->settings.concurrency.perWorker = 3;
        revision->settings.limits.timeout = 3s;
        revision->settings.limits.log = ByteSize{1'000};
        m_worker = std::make_unique<Worker>(
            *m_loop, *m_launcher, *m_handOff, 1,
            Worker::Plan{.revision = std::move(revision), .policy = {}, .init = [] { return std::string("{}"); }},
            Worker::Events{.ready = [this] { ++m_ready; },
                           .failedToStart = [](Worker::Ending) {},
                           .lost = [this] { ++m_lost; },
                           .gone = [this] { ++m_gone; }});
        m_worker->start();
        m_launcher->events.executed(1);
        m_launcher->say(FrameType::Hello, 0);
        m_launcher->say(FrameType::Ready, 0);
        QVERIFY(m_loop->runUntil([this] { return m_ready == 1; }));
    }
    void cleanup()
    {
        m_worker.reset();
        m_handOff.reset();
        m_launcher.reset();
        m_loop.reset();
        m_clock.reset();
    }

    void eachCallGetsItsOwnAnswerInWhateverOrderTheyCome()
    {
        call(3);
        QCOMPARE(m_worker->view(Worker::Memory::AsKnown).running, 3);
        QCOMPARE(m_worker->view(Worker::Memory::AsKnown).perWorker, 3);
        for (const std::uint64_t serial : {2, 3, 1})
            m_launcher->say(FrameType::Result, serial, std::to_string(10 * serial));
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 3; }));
        for (const std::uint64_t serial : {1, 2, 3}) {
            QCOMPARE(m_answers[serial].outcome, Outcome::Ok);
            QCOMPARE(*m_answers[serial].response, std::to_string(10 * serial));
        }
        QCOMPARE(m_worker->state(), WorkerState::Idle);
        QCOMPARE(m_worker->served(), std::uint64_t(3));
    }

    void itIsIdleAndFrozenOnlyOnceNoneIsLeft()
    {
        call(2);
        m_launcher->say(FrameType::Result, 2, "2");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 1; }));
        QCOMPARE(m_worker->state(), WorkerState::Busy);
        QVERIFY(m_worker->takesCalls());
        pass(1s);
        QVERIFY(!m_launcher->frozen);
        m_launcher->say(FrameType::Result, 1, "1");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 2; }));
        QCOMPARE(m_worker->state(), WorkerState::Idle);
        pass(1s);
        QVERIFY(m_launcher->frozen);
    }

    void oneThatTimesOutIsAnsweredAtOnceAndLeavesTheOthersTheirTime()
    {
        call(1);
        pass(2s);
        call(1);
        pass(1s);
        QCOMPARE(m_answers.size(), std::size_t(1));
        QCOMPARE(m_answers[1].outcome, Outcome::TimedOut);
        QCOMPARE(m_worker->state(), WorkerState::Busy);
        QVERIFY(!m_worker->takesCalls());
        QVERIFY(!m_launcher->killed);
        pass(1s);
        m_launcher->say(FrameType::Result, 2, "late but in time");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 2; }));
        QCOMPARE(m_answers[2].outcome, Outcome::Ok);
        QVERIFY(m_launcher->killed);
        QCOMPARE(m_worker->state(), WorkerState::Stopping);
    }

    void theLastOneThatTimesOutEndsTheProcess()
    {
        call(2);
        pass(3s);
        QCOMPARE(m_answers[1].outcome, Outcome::TimedOut);
        QCOMPARE(m_answers[2].outcome, Outcome::TimedOut);
        QVERIFY(m_launcher->killed);
    }

    /// The process does not know that nobody waits for it any more.
    void whatIsAnsweredAfterItsTimeIsNoNewsOnceAndABreachTwice()
    {
        call(1);
        pass(2s);
        call(1);
        pass(1s);
        m_launcher->say(FrameType::Notes, 1, "[]");
        m_launcher->say(FrameType::Result, 1, "too late");
        m_loop->runReady();
        QCOMPARE(m_answers.size(), std::size_t(1));
        QVERIFY(!m_launcher->killed);
        m_launcher->say(FrameType::Result, 1, "again");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 2; }));
        QCOMPARE(m_answers[2].error.type, std::string("Runtime.ProtocolError"));
        QVERIFY(m_launcher->killed);
    }

    void aWrongSerialEndsAllThatRuns_data()
    {
        QTest::addColumn<QList<int>>("serials");
        QTest::newRow("that of no call") << QList<int>{4};
        QTest::newRow("none at all") << QList<int>{0};
        QTest::newRow("that of another running call, and so one twice") << QList<int>{2, 2};
    }
    void aWrongSerialEndsAllThatRuns()
    {
        QFETCH(QList<int>, serials);
        call(3);
        for (const int serial : serials)
            m_launcher->say(FrameType::Result, std::uint64_t(serial), "1");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 3; }));
        for (const std::uint64_t serial : {1, 3}) {
            QCOMPARE(m_answers[serial].outcome, Outcome::Crashed);
            QCOMPARE(m_answers[serial].error.type, std::string("Runtime.ProtocolError"));
        }
        QCOMPARE(m_answers[2].outcome, serials.size() == 2 ? Outcome::Ok : Outcome::Crashed);
        QVERIFY(m_launcher->killed);
        m_launcher->exit(0);
        QVERIFY(m_loop->runUntil([this] { return m_gone == 1; }));
        QCOMPARE(m_lost, 0);
    }

    void itsDeathEndsAllThatRunsButNotWhatItAnsweredBefore()
    {
        call(3);
        m_launcher->say(FrameType::Result, 2, "the last");
        m_launcher->exit(3);
        QCOMPARE(m_answers.size(), std::size_t(3));
        QCOMPARE(m_answers[2].outcome, Outcome::Ok);
        for (const std::uint64_t serial : {1, 3}) {
            QCOMPARE(m_answers[serial].outcome, Outcome::Crashed);
            QCOMPARE(m_answers[serial].error.message, std::string("Runtime exited with error: exit status 3"));
        }
        QVERIFY(m_loop->runUntil([this] { return m_gone == 1; }));
    }

    void stoppingItAnswersAll()
    {
        call(2);
        m_worker->stop();
        QCOMPARE(m_answers.size(), std::size_t(2));
        for (const auto &[serial, answer] : m_answers)
            QCOMPARE(answer.outcome, Outcome::Cancelled);
        QVERIFY(m_launcher->killed);
    }

    void afterAFailureThatIsTheProcessesLastItTakesNoMore()
    {
        call(2);
        std::string bytes;
        const std::string body = R"({"type":"Error","message":"no","stack":[]})";
        appendFrameHeader(bytes, FrameType::Failure, frameLast, 1, body.size());
        bytes += body;
        QCOMPARE(::write(m_launcher->ends.channel.get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 1; }));
        QCOMPARE(m_answers[1].outcome, Outcome::HandlerError);
        QVERIFY(!m_worker->takesCalls());
        QVERIFY(!m_launcher->killed);
        m_launcher->exit(129);
        QCOMPARE(m_answers[2].outcome, Outcome::Crashed);
    }

    void aWorkerWhoseChannelIsClosedTakesNoMore()
    {
        call(1);
        m_launcher->ends.channel.reset();
        QVERIFY(m_loop->runUntil([this] { return !m_worker->takesCalls(); }));
        QVERIFY(m_answers.empty());
        m_launcher->exit(0);
        QCOMPARE(m_answers[1].outcome, Outcome::Crashed);
    }

    void aCallMayBeAnsweredWhileTheEventOfAnotherIsOnItsWay()
    {
        call(1);
        invoke(std::string(4 << 20, 'x')); // more than the socket holds
        m_launcher->say(FrameType::Result, 1, "1");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 1; }));
        QCOMPARE(m_answers[1].outcome, Outcome::Ok);
        m_launcher->say(FrameType::Result, 2, "without having read it");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 2; }));
        QCOMPARE(m_answers[2].error.type, std::string("Runtime.ProtocolError"));
    }

    void aResponseOverTheLimitIsThatCallsAlone()
    {
        call(2);
        std::string bytes;
        appendFrameHeader(bytes, FrameType::Result, frameTooLarge, 1, 0);
        QCOMPARE(::write(m_launcher->ends.channel.get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 1; }));
        QCOMPARE(m_answers[1].outcome, Outcome::Blocked);
        QVERIFY(m_worker->takesCalls());
        m_launcher->say(FrameType::Result, 2, "2");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 2; }));
        QCOMPARE(m_answers[2].outcome, Outcome::Ok);
    }

    void aLineBelongsToTheCallWhoseIdItCarriesElseToTheOneThatBeganLast()
    {
        print("while it loads\n");
        call(3);
        print(line(2, "of the second") + "of nobody\n" + line(1, "of the first") + line(1, "and\tmore") + "unfinished");
        for (const std::uint64_t serial : {1, 3, 2})
            m_launcher->say(FrameType::Result, serial, "1");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 3; }));
        QCOMPARE(linesOf(1), (Lines{"while it loads", "of the first", "and\tmore"}));
        QCOMPARE(linesOf(2), Lines{"of the second"});
        QCOMPARE(linesOf(3), (Lines{"of nobody", "unfinished"}));
    }

    void theLimitOfTheLogIsEachCallsOwn()
    {
        call(2);
        print(line(1, std::string(2'000, 'x')) + line(1, "dropped") + line(2, "kept"));
        m_launcher->say(FrameType::Result, 1, "1");
        m_launcher->say(FrameType::Result, 2, "1");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 2; }));
        QVERIFY(m_answers[1].output.cut);
        QCOMPARE(m_answers[1].output.lines.size(), std::size_t(1));
        QCOMPARE(m_answers[1].usage.log.count,
                 std::int64_t(line(1, std::string(2'000, 'x')).size() + line(1, "dropped").size()));
        QVERIFY(!m_answers[2].output.cut);
        QCOMPARE(linesOf(2), Lines{"kept"});
    }

    void notesBelongToTheCallTheyAreSentFor()
    {
        call(2);
        m_launcher->say(FrameType::Notes, 2, R"([{"kind":"read","target":"/home/x","place":"a.js:1"}])");
        m_launcher->say(FrameType::Result, 1, "1");
        m_launcher->say(FrameType::Result, 2, "2");
        QVERIFY(m_loop->runUntil([this] { return m_answers.size() == 2; }));
        QVERIFY(m_answers[1].accesses.empty());
        QCOMPARE(m_answers[2].accesses.size(), std::size_t(1));
    }

private:
    void call(int count)
    {
        for (int i = 0; i < count; ++i)
            invoke("{}");
    }
    void invoke(std::string event)
    {
        m_ids.push_back(Uuid::next(m_clock->wall()));
        const std::uint64_t serial = m_ids.size();
        m_worker->invoke({.id = m_ids.back(), .event = payload(std::move(event)), .deadline = {}, .context = {}},
                         [this, serial](Worker::Ending ending) { m_answers[serial] = std::move(ending); });
    }
    void pass(std::chrono::nanoseconds time)
    {
        m_clock->advance(time);
        m_loop->runReady();
    }
    void print(const std::string &text)
    {
        QCOMPARE(::write(m_launcher->ends.output.get(), text.data(), text.size()), ssize_t(text.size()));
    }
    /// As Node's console writes it.
    [[nodiscard]] std::string line(std::size_t serial, const std::string &message) const
    {
        return "2026-11-23T05:50:37.706Z\t" + m_ids[serial - 1].text() + "\tINFO\t" + message + "\n";
    }
    [[nodiscard]] Lines linesOf(std::uint64_t serial)
    {
        Lines lines;
        for (const LogLine &each : m_answers[serial].output.lines)
            lines.push_back(each.text);
        return lines;
    }

    std::unique_ptr<test::ManualClock> m_clock;
    std::unique_ptr<test::TestLoop> m_loop;
    std::unique_ptr<HandLauncher> m_launcher;
    std::unique_ptr<HandOff> m_handOff;
    std::unique_ptr<Worker> m_worker;
    int m_ready = 0;
    int m_lost = 0;
    int m_gone = 0;
    std::vector<Uuid> m_ids;
    std::map<std::uint64_t, Worker::Ending> m_answers;
};

QTEST_GUILESS_MAIN(tst_WorkerCalls)
#include "tst_worker_calls.moc"
