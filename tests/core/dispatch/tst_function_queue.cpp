// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/dispatch/function_queue.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/manual_loop.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

RevisionPtr revisionOf(Concurrency concurrency, std::string hash = "r1")
{
    auto revision = std::make_shared<Revision>();
    revision->hash = std::move(hash);
    revision->settings.name = std::string("f");
    revision->settings.concurrency = concurrency;
    return revision;
}

} // namespace

/// Who waits for a function and which workers are started for it, with time set by hand.
class tst_FunctionQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_loop = std::make_unique<test::ManualLoop>();
        m_launcher = std::make_unique<test::HandLauncher>();
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_mayRun = true;
        m_provision = Scaler::Provision::Off;
        m_workers = 0;
        m_ended.clear();
        m_scaled.clear();
        m_ports = {.makeWorker =
                       [this](RevisionPtr revision, WorkerPool::Origin, Worker::Events events) {
                           return std::make_unique<Worker>(*m_loop, *m_launcher, *m_handOff, ++m_workers,
                                                           Worker::Plan{.revision = std::move(revision),
                                                                        .policy = {},
                                                                        .init = [] { return std::string("{}"); }},
                                                           std::move(events));
                       },
                   .finished = [this](const InvocationPtr &invocation) { m_ended.push_back(invocation); },
                   .mayRun = [this] { return m_mayRun; },
                   .mayStart = [](const std::string &) { return true; },
                   .tier = [] { return Tier::Full; },
                   .changed = [] {},
                   .poolEmptied = [] {},
                   .provision = [this] { return m_provision; },
                   .scaled = [this](const std::string &, const ScaleEvent &event) { m_scaled.push_back(event); },
                   .roomMade = [] {}};
        m_queue = std::make_unique<FunctionQueue>(*m_loop, "f", m_ports);
    }
    void cleanup()
    {
        m_queue.reset();
        m_handOff.reset();
        m_launcher.reset();
        m_loop.reset();
    }

    void nothingBeginsWhileRecordingCannotKeepUpAndNothingIsLost()
    {
        m_mayRun = false;
        m_queue->setRevision(revisionOf({}));
        submit();
        QCOMPARE(m_launcher->launched, 0);
        QCOMPARE(m_queue->queued(), 1);
        QVERIFY(m_ended.empty());

        m_mayRun = true;
        m_queue->pump();
        QCOMPARE(m_launcher->launched, 1);
        QCOMPARE(m_queue->queued(), 1); // until the worker is ready
    }

    void beforeThereIsARevisionAFullQueueIsAnErrorAndNoRecord()
    {
        int refused = 0;
        for (int i = 0; i < Concurrency{}.queue + 3; ++i) {
            Attempt attempt;
            attempt.done = [&](const Result<InvocationPtr> &result) {
                QVERIFY(!result && result.error().code == Error::Code::Busy);
                ++refused;
            };
            m_queue->submit(std::move(attempt), FunctionQueue::Admission::Bounded);
        }
        QCOMPARE(refused, 3);
        QVERIFY(m_ended.empty());
        QCOMPARE(m_queue->queued(), Concurrency{}.queue);
    }

    void aCallerWhoWaitsTooLongIsThrottledAndADurableEventIsNot()
    {
        Concurrency concurrency{.max = 1};
        concurrency.queueAge = 2s;
        m_queue->setRevision(revisionOf(concurrency));
        submit(FunctionQueue::Admission::Unbounded);
        submit();
        m_loop->pass(1s);
        submit();
        m_loop->pass(999ms);
        QCOMPARE(m_ended.size(), std::size_t(0));
        m_loop->pass(1ms);
        QCOMPARE(m_ended.size(), std::size_t(1));
        QCOMPARE(m_ended[0]->outcome, Outcome::Throttled);
        QCOMPARE(m_ended[0]->phases.queue, 2s);
        QVERIFY2(m_ended[0]->error.message.find("within 2 s (concurrency.queue_age)") != std::string::npos,
                 m_ended[0]->error.message.c_str());
        m_loop->pass(1s);
        QCOMPARE(m_ended.size(), std::size_t(2));
        QCOMPARE(m_queue->queued(), 1); // the durable one
    }

    void whoIsThrottledMayAskAgainAtOnce()
    {
        Concurrency concurrency{.max = 1};
        concurrency.queueAge = 2s;
        m_queue->setRevision(revisionOf(concurrency));
        Attempt attempt = makeAttempt();
        attempt.done = [this](const Result<InvocationPtr> &) { submit(); };
        m_queue->submit(std::move(attempt), FunctionQueue::Admission::Bounded);
        m_loop->pass(2s);
        QCOMPARE(m_ended.size(), std::size_t(1));
        QCOMPARE(m_queue->queued(), 1);
        m_loop->pass(2s);
        QCOMPARE(m_ended.size(), std::size_t(2));
    }

    void theAgeOfANewRevisionHoldsForThoseWhoWaitAlready()
    {
        m_queue->setRevision(revisionOf({.max = 1}));
        submit();
        m_loop->pass(5s);
        Concurrency concurrency{.max = 1};
        concurrency.queueAge = 6s;
        m_queue->setRevision(revisionOf(concurrency, "r2"));
        m_loop->pass(1s);
        QCOMPARE(m_ended.size(), std::size_t(1));
        QCOMPARE(m_ended[0]->phases.queue, 6s);
    }

    void theMinimumIsStartedWithoutAnEventButOnlyWhereCodeMayRunByItself()
    {
        m_queue->setRevision(revisionOf({.min = 3}));
        QCOMPARE(m_launcher->launched, 0);
        m_provision = Scaler::Provision::On;
        m_queue->pump();
        QCOMPARE(m_launcher->launched, 3);
        QCOMPARE(m_scaled.size(), std::size_t(3));
        QCOMPARE(m_scaled[0].cause, ScaleCause::Provisioned);
        QCOMPARE(m_scaled[2].why, std::string("min is 3, 2 running"));
    }

    void aProvisionedWorkerThatDoesNotStartIsTriedAgainAfterAPause()
    {
        m_provision = Scaler::Provision::On;
        m_queue->setRevision(revisionOf({.min = 1}));
        QCOMPARE(m_launcher->launched, 1);
        m_launcher->exit(1);
        m_loop->pass(999ms);
        QCOMPARE(m_launcher->launched, 1);
        m_loop->pass(1ms);
        QCOMPARE(m_launcher->launched, 2);
        m_launcher->exit(1);
        m_loop->pass(1999ms);
        QCOMPARE(m_launcher->launched, 2);
        m_loop->pass(1ms);
        QCOMPARE(m_launcher->launched, 3);
        QVERIFY(m_ended.empty()); // no event was there to fail
        QCOMPARE(m_scaled.size(), std::size_t(5));
        QCOMPARE(m_scaled[1].what, ScaleEvent::What::Stopped);
        QCOMPARE(m_scaled[1].cause, ScaleCause::Failed);
        QCOMPARE(m_scaled[1].why, std::string("did not start: Runtime exited with error: exit status 1"));
    }

    void aBurstIsStartedAsTheLimitAllows()
    {
        Concurrency concurrency;
        concurrency.burst = BurstLimit{2, 10s};
        m_queue->setRevision(revisionOf(concurrency));
        for (int i = 0; i < 4; ++i)
            submit();
        QCOMPARE(m_launcher->launched, 2);
        m_loop->pass(5s); // starts time out only after ten
        QCOMPARE(m_launcher->launched, 3);
        m_loop->pass(4s);
        QCOMPARE(m_launcher->launched, 3);
        QCOMPARE(m_queue->queued(), 4);
    }

    void aTargetStartsOneForTheFirstEventAndMoreAsTheMeanGrows()
    {
        Concurrency concurrency;
        concurrency.target = ScaleTarget{ScaleTarget::Measure::Concurrency, 1};
        m_queue->setRevision(revisionOf(concurrency));
        for (int i = 0; i < 12; ++i)
            submit();
        QCOMPARE(m_launcher->launched, 1);
        m_loop->pass(6s);
        QCOMPARE(m_launcher->launched, 12);
        QCOMPARE(m_scaled.back().cause, ScaleCause::Target);
        QVERIFY2(m_scaled.back().why.starts_with("target wants 12: "), m_scaled.back().why.c_str());
    }

    void eachStartAndStopIsToldOnceWithItsReason()
    {
        m_queue->setRevision(revisionOf({.max = 2}));
        submit();
        submit();
        submit();
        QCOMPARE(m_scaled.size(), std::size_t(2));
        QCOMPARE(m_scaled[0].why, std::string("1 waiting, 0 idle, 0 of 2 running"));
        QCOMPARE(m_scaled[1].why, std::string("2 waiting, 0 idle, 1 of 2 running"));
        QCOMPARE(m_scaled[1].running, 2);
        QCOMPARE(m_scaled[1].limit, 2);
        m_queue->setRevision(revisionOf({.max = 1}, "r2"));
        QCOMPARE(m_scaled.size(), std::size_t(5));
        QCOMPARE(m_scaled[2].why, std::string("new revision r2"));
        QCOMPARE(m_scaled[3].cause, ScaleCause::NewRevision);
        QCOMPARE(m_scaled[4].what, ScaleEvent::What::Started);
        QVERIFY(m_queue->stopWorker(m_scaled[4].worker, {ScaleCause::ByHand, "stopped by hand"}));
        QCOMPARE(m_scaled[5].cause, ScaleCause::ByHand);
        QCOMPARE(m_ended.size(), std::size_t(1));              // who waited longest is told that
        QCOMPARE(m_scaled[6].what, ScaleEvent::What::Started); // for the next
        QCOMPARE(m_scaled.size(), std::size_t(7));
    }

    void theFullestMomentOfASecondIsKept()
    {
        m_queue->setRevision(revisionOf({.max = 5}));
        QCOMPARE(m_queue->takeCounts().alive(), 0);
        submit();
        submit();
        m_queue->setRevision(revisionOf({.max = 5}, "r2")); // two end, two start
        const WorkerCounts counts = m_queue->takeCounts();
        QCOMPARE(counts.starting, 2);
        QCOMPARE(counts.limit, 5);
    }

private:
    Attempt makeAttempt()
    {
        Attempt attempt;
        attempt.accepted = m_loop->clock().now();
        attempt.done = [](const Result<InvocationPtr> &) {};
        return attempt;
    }
    void submit(FunctionQueue::Admission admission = FunctionQueue::Admission::Bounded)
    {
        m_queue->submit(makeAttempt(), admission);
    }

    std::unique_ptr<test::ManualLoop> m_loop;
    std::unique_ptr<test::HandLauncher> m_launcher;
    std::unique_ptr<HandOff> m_handOff;
    FunctionQueue::Ports m_ports;
    std::unique_ptr<FunctionQueue> m_queue;
    bool m_mayRun = true;
    Scaler::Provision m_provision = Scaler::Provision::Off;
    WorkerId m_workers = 0;
    std::vector<InvocationPtr> m_ended;
    std::vector<ScaleEvent> m_scaled;
};

QTEST_GUILESS_MAIN(tst_FunctionQueue)
#include "tst_function_queue.moc"
