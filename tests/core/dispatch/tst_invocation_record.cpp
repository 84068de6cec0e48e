// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/dispatch/invocation_record.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

class tst_InvocationRecord : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aColdInvocationIsCutIntoAllPhases()
    {
        const Phases phases = phasesOf({.accepted = at(0ms),
                                        .start = Worker::StartTimes{at(1ms), at(3ms), at(13ms), at(20ms)},
                                        .invoked = at(21ms),
                                        .firstByte = at(26ms),
                                        .end = at(28ms)});
        QCOMPARE(phases.queue, Phases::Span(2ms)); // before the start, and from ready to invoked
        QCOMPARE(phases.sandbox, Phases::Span(2ms));
        QCOMPARE(phases.runtime, Phases::Span(10ms));
        QCOMPARE(phases.init, Phases::Span(7ms));
        QCOMPARE(phases.handler, Phases::Span(5ms));
        QCOMPARE(phases.respond, Phases::Span(2ms));
        QCOMPARE(phases.total(), Phases::Span(28ms));
    }

    void aWarmInvocationHasNoStart()
    {
        const Phases phases = phasesOf({.accepted = at(0ms), .invoked = at(4ms), .firstByte = at(5ms), .end = at(6ms)});
        QCOMPARE(phases.queue, Phases::Span(4ms));
        QCOMPARE(phases.init, Phases::Span(0ms));
        QCOMPARE(phases.total(), Phases::Span(6ms));
    }

    void aStartThatBeganEarlierCountsFromAcceptance()
    {
        const Phases phases = phasesOf({.accepted = at(10ms),
                                        .start = Worker::StartTimes{at(1ms), at(3ms), at(12ms), at(20ms)},
                                        .invoked = at(20ms),
                                        .firstByte = at(25ms),
                                        .end = at(25ms)});
        QCOMPARE(phases.queue, Phases::Span(0ms));
        QCOMPARE(phases.sandbox, Phases::Span(0ms));
        QCOMPARE(phases.runtime, Phases::Span(2ms));
        QCOMPARE(phases.total(), Phases::Span(15ms));
    }

    void helloReadBeforeTheLaunchersWordLeavesNoGap()
    {
        const Phases phases = phasesOf({.accepted = at(0ms),
                                        .start = Worker::StartTimes{at(0ms), at(9ms), at(8ms), at(10ms)},
                                        .invoked = at(10ms),
                                        .firstByte = at(11ms),
                                        .end = at(11ms)});
        QCOMPARE(phases.sandbox, Phases::Span(8ms));
        QCOMPARE(phases.runtime, Phases::Span(0ms));
        QCOMPARE(phases.total(), Phases::Span(11ms));
    }

    void aFailedStartEndsInThePhaseItReached()
    {
        const Phases phases = phasesOf(
            {.accepted = at(0ms), .start = Worker::StartTimes{at(0ms), at(2ms), at(5ms), {}}, .end = at(30ms)});
        QCOMPARE(phases.init, Phases::Span(25ms));
        QCOMPARE(phases.handler, Phases::Span(0ms));
        QCOMPARE(phases.total(), Phases::Span(30ms));
    }

    void lambdasLinesSurroundTheOutput()
    {
        Attempt attempt = attemptOf();
        Worker::Ending ending;
        ending.output.lines = {{WallTime(5s), LogLevel::Info, "hello"}};
        ending.usage.maxMemory = 35_MB;
        const auto record = makeRecord(attempt, revision(),
                                       {.accepted = at(0ms), .invoked = at(0ms), .firstByte = at(2ms), .end = at(2ms)},
                                       std::move(ending), 1, Start::Warm, Tier::Full);
        QCOMPARE(record->logs.size(), std::size_t(4));
        const std::string id = record->id.text();
        QCOMPARE(record->logs[0].text, "START RequestId: " + id + " Version: $LATEST");
        QCOMPARE(record->logs[1].text, std::string("hello"));
        QCOMPARE(record->logs[3].text, "REPORT RequestId: " + id +
                                           "\tDuration: 2.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB"
                                           "\tMax Memory Used: 35 MB");
    }

    void aTimeoutIsToldInTheLog()
    {
        Attempt attempt = attemptOf();
        Worker::Ending ending;
        ending.outcome = Outcome::TimedOut;
        ending.error = {"Sandbox.Timedout", "Task timed out after 3.00 seconds", {}};
        const auto record = makeRecord(attempt, revision(),
                                       {.accepted = at(0ms), .invoked = at(0ms), .firstByte = at(2ms), .end = at(2ms)},
                                       std::move(ending), 1, Start::Warm, Tier::Full);
        QVERIFY(record->logs[1].text.ends_with("Task timed out after 3.00 seconds"));
        QCOMPARE(record->logs[1].level, LogLevel::Error);
    }

private:
    static Instant at(std::chrono::milliseconds when) { return Instant(1h) + when; }
    static RevisionPtr revision() { return std::make_shared<Revision>(); }
    static Attempt attemptOf()
    {
        Attempt attempt;
        attempt.id = Uuid::next(WallTime(1s));
        return attempt;
    }
};

QTEST_GUILESS_MAIN(tst_InvocationRecord)
#include "tst_invocation_record.moc"
