// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/dispatch/function_queue.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/manual_loop.h"

#include <QTest>

using namespace kiln;

class tst_FunctionQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingBeginsWhileRecordingCannotKeepUpAndNothingIsLost()
    {
        test::ManualLoop loop;
        test::HandLauncher launcher;
        HandOff handOff(loop);
        bool mayRun = false;
        int ended = 0;
        const FunctionQueue::Ports ports{.makeWorker =
                                             [&](RevisionPtr revision, WorkerPool::Origin, Worker::Events events) {
                                                 return std::make_unique<Worker>(
                                                     loop, launcher, handOff, 1,
                                                     Worker::Plan{.revision = revision, .policy = {}, .initBody = "{}"},
                                                     std::move(events));
                                             },
                                         .finished = [&](const InvocationPtr &) { ++ended; },
                                         .mayRun = [&] { return mayRun; },
                                         .mayStart = [] { return true; },
                                         .tier = [] { return Tier::Full; },
                                         .changed = [] {},
                                         .poolEmptied = [] {}};
        FunctionQueue queue(loop, "f", ports);
        queue.setRevision(std::make_shared<Revision>());
        queue.submit(Attempt{}, FunctionQueue::Admission::Bounded);
        QCOMPARE(launcher.launched, 0);
        QCOMPARE(queue.queued(), 1);
        QCOMPARE(ended, 0);

        mayRun = true;
        queue.pump();
        QCOMPARE(launcher.launched, 1);
        QCOMPARE(queue.queued(), 1); // until the worker is ready
    }

    void beforeThereIsARevisionAFullQueueIsAnErrorAndNoRecord()
    {
        test::ManualLoop loop;
        int ended = 0;
        const FunctionQueue::Ports ports{.makeWorker = {},
                                         .finished = [&](const InvocationPtr &) { ++ended; },
                                         .mayRun = [] { return true; },
                                         .mayStart = [] { return true; },
                                         .tier = [] { return Tier::Full; },
                                         .changed = [] {},
                                         .poolEmptied = [] {}};
        FunctionQueue queue(loop, "f", ports);
        int refused = 0;
        for (int i = 0; i < Concurrency{}.queue + 3; ++i) {
            Attempt attempt;
            attempt.done = [&](const Result<InvocationPtr> &result) {
                QVERIFY(!result && result.error().code == Error::Code::Busy);
                ++refused;
            };
            queue.submit(std::move(attempt), FunctionQueue::Admission::Bounded);
        }
        QCOMPARE(refused, 3);
        QCOMPARE(ended, 0);
        QCOMPARE(queue.queued(), Concurrency{}.queue);
    }
};

QTEST_GUILESS_MAIN(tst_FunctionQueue)
#include "tst_function_queue.moc"
