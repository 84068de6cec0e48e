// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/recorder.h"
#include "tests/support/manual_clock.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

class tst_Recorder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsEachSecondByStartAndOutcome()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        recorder.record(ended("a", Start::Cold, Outcome::Ok, 100ms));
        recorder.record(ended("a", Start::Warm, Outcome::HandlerError, 2ms));
        recorder.record(ended("b", Start::Zygote, Outcome::TimedOut, 3ms));
        recorder.record(ended("b", Start::Parked, Outcome::Ok, 3ms));
        recorder.record(throttled("b"));
        QVERIFY(recorder.publish()->functions.empty()); // the second is not over
        const std::int64_t second = secondOf(clock);
        clock.advance(1s);

        const auto view = recorder.publish();
        QCOMPARE(view->upTo, second);
        const MetricSecond a = at(*view, "a", second);
        QCOMPARE(a.cold, 1u);
        QCOMPARE(a.warm, 1u);
        QCOMPARE(a.errors, 1u);
        QCOMPARE(a.invocations(), 2u);
        QVERIFY(std::abs(a.p50 - 2) < 0.02f && std::abs(a.p99 - 100) < 1);
        QVERIFY(std::abs(a.coldPhases[4] - 100) < 0.01f); // handler
        const MetricSecond b = at(*view, "b", second);
        QCOMPARE(b.throttled, 1u);
        QCOMPARE(b.invocations(), 2u);
        const MetricSecond all = at(*view, "", second);
        QCOMPARE(all.invocations(), 4u);
        QCOMPARE(all.errors, 2u);
        QCOMPARE(all.parked + all.zygote, 2u);
    }

    void keepsTheFullestMomentOfTheWorkersAndWhenTheLastWent()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        recorder.recordWorkers("a", {.limit = 20}); // never had one: nothing to keep
        recorder.recordWorkers("", {.limit = 1000});
        clock.advance(1s);
        QVERIFY(recorder.publish()->functions.empty());

        const std::int64_t second = secondOf(clock);
        recorder.recordWorkers("a", {.busy = 1, .idle = 3, .starting = 0, .limit = 20});
        recorder.recordWorkers("a", {.busy = 3, .idle = 1, .starting = 0, .limit = 20});
        recorder.recordWorkers("a", {.busy = 0, .idle = 2, .starting = 0, .limit = 20});
        clock.advance(1s);
        recorder.recordWorkers("a", {.limit = 20}); // the last went
        clock.advance(1s);
        recorder.recordWorkers("a", {.limit = 20});
        clock.advance(1s);
        const auto view = recorder.publish();
        const MetricSecond full = at(*view, "a", second);
        QCOMPARE(full.busy, std::uint16_t(3));
        QCOMPARE(full.idle, std::uint16_t(1));
        QCOMPARE(full.workerLimit, std::uint16_t(20));
        const MetricSecond gone = at(*view, "a", second + 1);
        QCOMPARE(gone.busy + gone.idle, 0);
        QCOMPARE(gone.workerLimit, std::uint16_t(20));
        QCOMPARE(at(*view, "a", second + 2).workerLimit, std::uint16_t(0));
    }

    void doesNotCountWhatWasCancelledWhileItWaited()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        Invocation waiting = ended("a", Start::Warm, Outcome::Cancelled, 0ms);
        waiting.worker = 0;
        recorder.record(waiting);
        recorder.record(ended("a", Start::Warm, Outcome::Cancelled, 5ms));
        QCOMPARE(recorder.live("a").spark.back(), 0.0f);
        clock.advance(1s);
        QCOMPARE(recorder.live("a").spark.back(), 1.0f);
    }

    void publishesTheSameChunksUntilTheyChange()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(60s);
        recorder.record(ended("b", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(1s);
        const auto first = recorder.publish();
        QCOMPARE(recorder.publish(), first);
        recorder.record(ended("b", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(1s);
        const auto second = recorder.publish();
        QVERIFY(second != first);
        QCOMPARE(second->functions.at("a").chunks[0].seconds, first->functions.at("a").chunks[0].seconds);
        QVERIFY(second->functions.at("b").chunks[0].seconds != first->functions.at("b").chunks[0].seconds);
        const std::int64_t then = secondOf(clock) - 1;
        QCOMPARE(at(*first, "b", then).warm, 0u); // a published minute never changes
        QCOMPARE(at(*second, "b", then).warm, 1u);
        QCOMPARE(second->functions.at("").chunks.size(), std::size_t(2));
    }

    void keepsAnHour()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        for (int minute = 0; minute < 200; ++minute) {
            recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
            clock.advance(60s);
            QVERIFY(recorder.publish()->functions.at("a").chunks.size() <= 60);
        }
        clock.advance(2h);
        QVERIFY(recorder.publish()->functions.empty());
    }

    void showsTheLastMomentsLive()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        for (int second = 0; second < 40; ++second) {
            for (int i = 0; i < 5; ++i)
                recorder.record(ended("a", i == 0 ? Start::Cold : Start::Warm, i == 1 ? Outcome::Crashed : Outcome::Ok,
                                      milliseconds(10 * (i + 1))));
            clock.advance(1s);
        }
        const LiveFigures live = recorder.live("a");
        QCOMPARE(live.rate, 5.0);
        QCOMPARE(live.coldShare, 0.2);
        QCOMPARE(live.errors, 40u);
        QVERIFY(std::abs(live.p50 - 30) < 0.3 && std::abs(live.p95 - 50) < 0.5 && std::abs(live.p99 - 50) < 0.5);
        QVERIFY(std::all_of(live.spark.begin(), live.spark.end(), [](float rate) { return rate == 5.0f; }));
        clock.advance(20s);
        QCOMPARE(recorder.live("a").rate, 0.0);
        QCOMPARE(recorder.live("a").spark.front(), 5.0f);
        QCOMPARE(recorder.live("a").spark.back(), 0.0f);
        clock.advance(60s);
        QCOMPARE(recorder.live("a").p99, 0.0);
        QCOMPARE(recorder.live("a").errors, 0u);
        QCOMPARE(recorder.live("nobody").rate, 0.0);
    }

    void survivesAClockSetBack()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        const WallTime start = clock.wall();
        for (int second = 0; second < 300; ++second) {
            recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
            clock.advance(1s);
        }
        (void)recorder.publish();

        clock.setWall(clock.wall() - 2s); // a time server's nudge: counted in the last second, nothing lost
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        QCOMPARE(total(*recorder.publish()), 300u);
        clock.advance(3s);
        QCOMPARE(total(*recorder.publish()), 301u);

        clock.setWall(start + 90s); // an administrator: the future is forgotten
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(1s);
        const auto view = recorder.publish();
        QCOMPARE(total(*view), 91u);
        for (const auto &chunk : view->functions.at("a").chunks)
            QVERIFY(chunk.minute * 60 <= view->upTo);
        QVERIFY(recorder.live("a").spark.back() == 1.0f);
        clock.setWall(WallTime{}); // and the beginning of time
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(1s);
        QCOMPARE(total(*recorder.publish()), 1u);
    }

    void boundsHowManyFunctionsItKnows()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        for (int i = 0; i < 1500; ++i) {
            recorder.record(ended("f" + std::to_string(i), Start::Warm, Outcome::Ok, 1ms));
            if (i % 100 == 0)
                clock.advance(1s);
        }
        clock.advance(1s);
        const auto view = recorder.publish();
        QVERIFY(view->functions.size() <= 1001);
        QVERIFY(view->functions.contains("f1499") && !view->functions.contains("f0"));
        std::uint32_t all = 0;
        for (const auto &chunk : view->functions.at("").chunks)
            for (const MetricSecond &second : *chunk.seconds)
                all += second.invocations();
        QCOMPARE(all, 1500u);
    }

    void beginsWithThePast()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        std::vector<InvocationFigures> past;
        for (int minute = 90; minute > 0; --minute) { // newest last, ends out of order, some too old, one of the future
            past.push_back({.function = "a",
                            .accepted = clock.wall() - minutes(minute),
                            .outcome = Outcome::Ok,
                            .start = Start::Cold,
                            .phases = {.handler = seconds(minute % 2 ? 30 : 150)}});
        }
        past.push_back({.function = "a", .accepted = clock.wall() + 1h, .outcome = Outcome::Ok});
        recorder.seed(past);
        const auto view = recorder.publish();
        const auto seeded = total(*view);
        QVERIFY2(seeded >= 57 && seeded <= 61, qPrintable(QString::number(seeded)));
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(1s);
        QVERIFY(total(*recorder.publish()) >= seeded);
    }

    void joinsThePastToWhatEndedMeanwhile()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        std::vector<InvocationFigures> past(3, {.function = "a", .accepted = clock.wall() - 10s});
        past.push_back({.function = "a", .accepted = clock.wall()}); // the one recorded next, from history
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(2s);
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        recorder.seed(past);
        recorder.record(ended("a", Start::Warm, Outcome::Ok, 1ms));
        clock.advance(1s);
        const auto view = recorder.publish();
        QCOMPARE(total(*view), 6u);
        QCOMPARE(at(*view, "a", secondOf(clock) - 13).warm, 3u);
        QCOMPARE(at(*view, "a", secondOf(clock) - 3).warm, 1u);
        QCOMPARE(at(*view, "a", secondOf(clock) - 1).warm, 2u);
        recorder.seed(past); // only once
        QCOMPARE(total(*recorder.publish()), 6u);
    }

    void tellsHowOftenATriggerFires()
    {
        test::ManualClock clock;
        Recorder recorder(clock);
        for (int i = 0; i < 40; ++i) {
            recorder.recordEvent("a", 1);
            recorder.recordEvent("a", 1);
            clock.advance(500ms);
        }
        QVERIFY(std::abs(recorder.eventRate("a", 1) - 4) < 0.01);
        QCOMPARE(recorder.eventRate("a", 0), 0.0);
        clock.advance(30s);
        QCOMPARE(recorder.eventRate("a", 1), 0.0);
        recorder.recordEvent("a", 1);
        QVERIFY(recorder.eventRate("a", 1) > 0 && recorder.eventRate("a", 1) < 0.2);
        clock.setWall(clock.wall() - 1h);
        recorder.recordEvent("a", 1);
        QVERIFY(recorder.eventRate("a", 1) > 0 && recorder.eventRate("a", 1) < 0.3);
    }

private:
    static Invocation ended(std::string function, Start start, Outcome outcome, nanoseconds handler)
    {
        auto revision = std::make_shared<Revision>();
        revision->settings.name = std::move(function);
        Invocation invocation;
        invocation.revision = std::move(revision);
        invocation.start = start;
        invocation.outcome = outcome;
        invocation.worker = 1;
        invocation.phases.handler = handler;
        return invocation;
    }

    static Invocation throttled(std::string function)
    {
        Invocation invocation = ended(std::move(function), Start::Warm, Outcome::Throttled, 0ns);
        invocation.worker = 0;
        return invocation;
    }

    static std::int64_t secondOf(const Clock &clock) { return floor<seconds>(clock.wall()).time_since_epoch().count(); }

    static MetricSecond at(const MetricsView &view, const std::string &function, std::int64_t second)
    {
        for (const auto &chunk : view.functions.at(function).chunks) {
            if (chunk.minute == second / 60)
                return (*chunk.seconds)[std::size_t(second % 60)];
        }
        return {};
    }

    static std::uint32_t total(const MetricsView &view)
    {
        std::uint32_t sum = 0;
        for (const auto &chunk : view.functions.at("a").chunks)
            for (const MetricSecond &second : *chunk.seconds)
                sum += second.invocations();
        return sum;
    }
};

QTEST_GUILESS_MAIN(tst_Recorder)
#include "tst_recorder.moc"
