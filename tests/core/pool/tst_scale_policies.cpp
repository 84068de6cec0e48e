// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/balance.h"
#include "core/pool/burst_ramp.h"
#include "core/pool/keep_alive.h"
#include "core/pool/scale_text.h"
#include "core/pool/scaler.h"
#include "core/pool/target_scaler.h"
#include "core/pool/workspace_budget.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

const Instant begin{1h};

Scaler::Plan planOf(Scaler &scaler, Instant now, const Scaler::Load &load)
{
    return scaler.plan(now, load, Scaler::Provision::On);
}

ScalePolicy adaptive()
{
    ScalePolicy policy;
    policy.keepWarm.policy = KeepWarm::Policy::Adaptive;
    return policy;
}

ArrivalHistogram gapsOf(std::chrono::nanoseconds gap, int count)
{
    ArrivalHistogram gaps;
    for (int i = 0; i <= count; ++i)
        gaps.arrived(begin + i * gap);
    return gaps;
}

} // namespace

/// The scaling policies are values and functions of the time that is passed in.
class tst_ScalePolicies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBurstIsAvailableAtOnceAndFillsUpEvenly()
    {
        BurstRamp ramp({.workers = 5, .per = 10s});
        QCOMPARE(ramp.available(begin), 5);
        for (int i = 0; i < 5; ++i)
            ramp.take(begin);
        QCOMPARE(ramp.available(begin), 0);
        QCOMPARE(ramp.nextAt(begin), begin + 2s);
        QCOMPARE(ramp.available(begin + 1999ms), 0);
        QCOMPARE(ramp.available(begin + 2s), 1);
        QCOMPARE(ramp.available(begin + 4s), 2);
        QCOMPARE(ramp.available(begin + 1h), 5);            // nothing is saved up beyond it
        QCOMPARE(ramp.nextAt(begin + 1h), begin + 1h + 2s); // a sixth, once those are taken
    }

    void lambdasBurstIsAThousandEachTenSeconds()
    {
        BurstRamp ramp{BurstLimit{}};
        for (int i = 0; i < 1000; ++i)
            ramp.take(begin);
        QCOMPARE(ramp.available(begin), 0);
        QCOMPARE(ramp.available(begin + 1s), 100);
        QCOMPARE(ramp.available(begin + 10s), 1000);
    }

    void balanceChooses_data()
    {
        QTest::addColumn<int>("balance");
        QTest::addColumn<int>("last");
        QTest::addColumn<int>("chosen"); // by id
        QTest::newRow("the one idle for the shortest time") << int(Balance::MostRecent) << 3 << 4;
        QTest::newRow("the next in turn") << int(Balance::RoundRobin) << 4 << 7;
        QTest::newRow("the next in turn, though the last is gone") << int(Balance::RoundRobin) << 5 << 7;
        QTest::newRow("the first after the last in turn") << int(Balance::RoundRobin) << 7 << 2;
        QTest::newRow("the first of all in turn") << int(Balance::RoundRobin) << 0 << 2;
        QTest::newRow("fewest served, of those the longest idle") << int(Balance::LeastLoaded) << 4 << 7;
    }
    void balanceChooses()
    {
        QFETCH(int, balance);
        QFETCH(int, last);
        QFETCH(int, chosen);
        const std::vector<FreeWorker> idle{{.id = 7, .served = 1}, {.id = 2, .served = 5}, {.id = 4, .served = 1}};
        const auto index = chooseFree(Balance(balance), idle, std::uint64_t(last));
        QVERIFY(index);
        QCOMPARE(int(idle[*index].id), chosen);
        QVERIFY(!chooseFree(Balance(balance), {}, std::uint64_t(last)));
    }

    void balanceChoosesAmongWorkersInUse_data()
    {
        QTest::addColumn<int>("balance");
        QTest::addColumn<int>("chosen"); // by id
        QTest::newRow("the one lent last") << int(Balance::MostRecent) << 5;
        QTest::newRow("the next in turn") << int(Balance::RoundRobin) << 9;
        QTest::newRow("the fewest under way") << int(Balance::LeastLoaded) << 7;
    }
    void balanceChoosesAmongWorkersInUse()
    {
        QFETCH(int, balance);
        QFETCH(int, chosen);
        const std::vector<FreeWorker> free{{.id = 7, .served = 90},
                                           {.id = 9, .served = 1, .running = 1, .turn = 3},
                                           {.id = 5, .served = 1, .running = 2, .turn = 4}};
        const auto index = chooseFree(Balance(balance), free, 8);
        QVERIFY(index);
        QCOMPARE(int(free[*index].id), chosen);
        QVERIFY(!chooseNew(free));
    }

    void oneStartForAsManyAsAWorkerMayHave_data()
    {
        QTest::addColumn<int>("waiting");
        QTest::addColumn<int>("waitingNew");
        QTest::addColumn<int>("starting");
        QTest::addColumn<int>("start");
        QTest::newRow("nobody waits") << 0 << 0 << 0 << 0;
        QTest::newRow("one") << 1 << 0 << 0 << 1;
        QTest::newRow("as many as fill one") << 10 << 0 << 0 << 1;
        QTest::newRow("one more") << 11 << 0 << 0 << 2;
        QTest::newRow("starts under way count") << 25 << 0 << 2 << 1;
        QTest::newRow("each who wants a new one gets one") << 12 << 2 << 0 << 3;
    }
    void oneStartForAsManyAsAWorkerMayHave()
    {
        QFETCH(int, waiting);
        QFETCH(int, waitingNew);
        QFETCH(int, starting);
        QFETCH(int, start);
        ScalePolicy policy;
        policy.concurrency.perWorker = 10;
        Scaler scaler(policy);
        const auto plan =
            planOf(scaler, begin, {.waiting = waiting, .waitingNew = waitingNew, .running = 10, .starting = starting});
        QCOMPARE(plan.start, start);
    }

    void theTargetCountsEventsAndNotWorkers()
    {
        ScalePolicy policy;
        policy.concurrency.perWorker = 10;
        policy.concurrency.target = ScaleTarget{ScaleTarget::Measure::Concurrency, 5};
        Scaler scaler(policy);
        (void)planOf(scaler, begin, {.running = 20, .busy = 2});
        const auto plan = planOf(scaler, begin + 60s, {.running = 20, .busy = 2});
        QCOMPARE(plan.target.workers, 4);
        QCOMPARE(plan.start, 2);
    }

    void whoWantsANewWorkerGetsOneThatServedNothing()
    {
        const std::vector<FreeWorker> idle{{.id = 1, .served = 0}, {.id = 2, .served = 0}, {.id = 3, .served = 1}};
        QCOMPARE(*chooseNew(idle), std::size_t(1));
        QVERIFY(!chooseNew(std::span(idle).subspan(2)));
    }

    void theBudgetIsShared_data()
    {
        QTest::addColumn<QList<int>>("alive");
        QTest::addColumn<QList<int>>("idle");
        QTest::addColumn<QList<int>>("min");
        QTest::addColumn<int>("budget");
        QTest::addColumn<bool>("free");
        QTest::addColumn<int>("giver"); // -1: none
        using L = QList<int>;           // the first asks
        QTest::newRow("there is room") << L{1, 2} << L{0, 0} << L{0, 0} << 4 << true << -1;
        QTest::newRow("all are there and busy") << L{1, 3} << L{0, 0} << L{0, 0} << 4 << false << -1;
        QTest::newRow("an idle one makes way") << L{1, 3} << L{0, 1} << L{0, 0} << 4 << false << 1;
        QTest::newRow("what another reserves is not touched") << L{3, 0} << L{0, 0} << L{0, 1} << 4 << false << -1;
        QTest::newRow("what it reserves itself it may use") << L{0, 3} << L{0, 0} << L{1, 0} << 4 << true << -1;
        QTest::newRow("a reserved idle one does not make way") << L{3, 1} << L{0, 1} << L{0, 1} << 4 << false << -1;
        QTest::newRow("one beyond the reserve does") << L{2, 2} << L{0, 2} << L{0, 1} << 4 << false << 1;
        QTest::newRow("the longest idle makes way") << L{1, 1, 2} << L{0, 1, 2} << L{0, 0, 0} << 4 << false << 2;
        QTest::newRow("its own idle one may") << L{4} << L{1} << L{0} << 4 << false << 0;
    }
    void theBudgetIsShared()
    {
        QFETCH(QList<int>, alive);
        QFETCH(QList<int>, idle);
        QFETCH(QList<int>, min);
        QFETCH(int, budget);
        QFETCH(bool, free);
        QFETCH(int, giver);
        std::vector<WorkerShare> shares;
        for (int i = 0; i < alive.size(); ++i) // the later, the longer idle
            shares.push_back({.alive = alive[i], .idle = idle[i], .min = min[i], .idleSince = begin - i * 1s});
        const WorkerRoom room = roomFor(0, shares, budget);
        QCOMPARE(room.free, free);
        if (!room.free)
            QCOMPARE(room.giver ? int(*room.giver) : -1, giver);
    }

    void aStartForEachEventThatWaits_data()
    {
        QTest::addColumn<int>("waiting");
        QTest::addColumn<int>("starting");
        QTest::addColumn<int>("alive");
        QTest::addColumn<int>("min");
        QTest::addColumn<int>("start");
        QTest::addColumn<int>("cause");
        const int waits = int(ScaleCause::Waiting);
        const int provisioned = int(ScaleCause::Provisioned);
        QTest::newRow("nobody waits") << 0 << 0 << 0 << 0 << 0 << waits;
        QTest::newRow("three wait") << 3 << 0 << 2 << 0 << 3 << waits;
        QTest::newRow("starts under way count") << 3 << 2 << 2 << 0 << 1 << waits;
        QTest::newRow("more starts than are needed now") << 1 << 2 << 2 << 0 << 0 << waits;
        QTest::newRow("the minimum, before any event") << 0 << 0 << 0 << 2 << 2 << provisioned;
        QTest::newRow("the minimum, one there") << 0 << 0 << 1 << 2 << 1 << provisioned;
        QTest::newRow("events wait for more than the minimum") << 5 << 0 << 0 << 2 << 5 << waits;
        QTest::newRow("the minimum is more than events wait for") << 1 << 0 << 0 << 4 << 4 << provisioned;
    }
    void aStartForEachEventThatWaits()
    {
        QFETCH(int, waiting);
        QFETCH(int, starting);
        QFETCH(int, alive);
        QFETCH(int, min);
        QFETCH(int, start);
        QFETCH(int, cause);
        ScalePolicy policy;
        policy.concurrency.min = min;
        Scaler scaler(policy);
        const auto plan = planOf(scaler, begin, {.waiting = waiting, .busy = alive - starting, .starting = starting});
        QCOMPARE(plan.start, start);
        if (plan.start > 0)
            QCOMPARE(int(plan.cause), cause);
        QVERIFY(!plan.again);
    }

    void nothingIsProvisionedWhereNoCodeMayRunByItself()
    {
        ScalePolicy policy;
        policy.concurrency.min = 3;
        Scaler scaler(policy);
        QCOMPARE(scaler.plan(begin, {}, Scaler::Provision::Off).start, 0);
        QCOMPARE(scaler.spared(Scaler::Provision::Off), 0);
        QCOMPARE(scaler.plan(begin, {}, Scaler::Provision::On).start, 3);
        QCOMPARE(scaler.spared(Scaler::Provision::On), 3);
    }

    void aProvisionedWorkerThatDoesNotStartIsTriedAgainLaterAndLater()
    {
        ScalePolicy policy;
        policy.concurrency.min = 1;
        Scaler scaler(policy);
        Instant now = begin;
        for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
            QCOMPARE(planOf(scaler, now, {}).start, 1);
            scaler.failed(now);
            const auto plan = planOf(scaler, now, {});
            QCOMPARE(plan.start, 0);
            QCOMPARE(*plan.again, now + pause);
            now += pause;
        }
        // An event that waits is not kept from its start by that.
        scaler.failed(now);
        QCOMPARE(planOf(scaler, now, {.waiting = 1}).start, 1);
        scaler.ready(1ms);
        QCOMPARE(planOf(scaler, now, {}).start, 1);
    }

    void aBurstLimitHoldsStartsBackAndSaysUntilWhen()
    {
        ScalePolicy policy;
        policy.concurrency.burst = BurstLimit{2, 10s};
        Scaler scaler(policy);
        auto plan = planOf(scaler, begin, {.waiting = 7});
        QCOMPARE(plan.start, 2);
        QVERIFY(plan.again);
        scaler.started(begin);
        scaler.started(begin);
        plan = planOf(scaler, begin, {.waiting = 7, .starting = 2});
        QCOMPARE(plan.start, 0);
        QCOMPARE(*plan.again, begin + 5s);
        QCOMPARE(planOf(scaler, begin + 5s, {.waiting = 5, .busy = 2}).start, 1);
        // At max nothing is waited for: it would be a loop without an end.
        QVERIFY(!planOf(scaler, begin + 1h, {.waiting = 5, .busy = 20}).again);
    }

    void aSaveDoesNotRefillTheBurst()
    {
        ScalePolicy policy;
        policy.concurrency.burst = BurstLimit{1, 10s};
        Scaler scaler(policy);
        scaler.started(begin);
        policy.concurrency.max = 7;
        scaler.setPolicy(policy);
        QCOMPARE(planOf(scaler, begin, {.waiting = 1}).start, 0);
    }

    void theTargetsFirstEventDoesNotWaitForAMean()
    {
        ScalePolicy policy;
        policy.concurrency.target = ScaleTarget{ScaleTarget::Measure::Concurrency, 0.5};
        Scaler scaler(policy);
        QCOMPARE(planOf(scaler, begin, {}).start, 0);
        const auto plan = planOf(scaler, begin, {.waiting = 9});
        QCOMPARE(plan.start, 1);
        QCOMPARE(plan.cause, ScaleCause::Waiting);
    }

    void theTargetWantsWhatTheStableWindowHolds()
    {
        TargetScaler scaler({ScaleTarget::Measure::Concurrency, 0.5});
        scaler.level(begin, 2);
        // Two in flight all the time, at half an event per worker: four.
        const auto decision = scaler.decide(begin + 60s, 4);
        QCOMPARE(decision.workers, 4);
        QVERIFY(std::abs(decision.load - 2) < 1e-9);
        QVERIFY(!decision.panic);
    }

    void theTargetMayBeARate()
    {
        TargetScaler scaler({ScaleTarget::Measure::Rate, 10});
        for (int i = 0; i < 1800; ++i) // 30 a second
            scaler.arrived(begin + i * 1s / 30);
        QCOMPARE(scaler.decide(begin + 60s - 1ns, 3).workers, 3);
    }

    void aSurgePanicsAndNothingIsTakenAwayUntilItIsPast()
    {
        TargetScaler scaler({ScaleTarget::Measure::Concurrency, 1});
        scaler.level(begin, 2);
        QVERIFY(!scaler.decide(begin + 60s, 2).panic);
        scaler.level(begin + 60s, 20);
        auto decision = scaler.decide(begin + 64s, 2);
        QVERIFY(decision.panic);
        QCOMPARE(decision.workers, 17); // one second of 2 and four of 20, of the five since the 59th
        decision = scaler.decide(begin + 66s, decision.workers);
        QCOMPARE(decision.workers, 20);
        scaler.level(begin + 70s, 0);
        QCOMPARE(scaler.decide(begin + 100s, 20).workers, 20);
        QVERIFY(!scaler.decide(begin + 140s, 20).panic);
    }

    void whenIdleAtMostHalfAreTakenAwayAtOnce()
    {
        TargetScaler scaler({ScaleTarget::Measure::Concurrency, 1});
        scaler.level(begin, 0);
        QCOMPARE(scaler.decide(begin + 60s, 9).workers, 4);
        QCOMPARE(scaler.decide(begin + 61s, 4).workers, 2);
        QCOMPARE(scaler.decide(begin + 62s, 2).workers, 1);
        QCOMPARE(scaler.decide(begin + 63s, 1).workers, 0);
    }

    void tooManyForTheTargetAreStoppedButForTheLast()
    {
        ScalePolicy policy;
        policy.concurrency.target = ScaleTarget{};
        Scaler scaler(policy);
        QCOMPARE(planOf(scaler, begin, {.idle = 8}).stop, 4);
        QCOMPARE(planOf(scaler, begin + 1s, {.idle = 4}).stop, 2);
        QCOMPARE(planOf(scaler, begin + 2s, {.idle = 2}).stop, 1);
        QCOMPARE(planOf(scaler, begin + 3s, {.idle = 1}).stop, 0);
        QVERIFY(planOf(scaler, begin + 3s, {.idle = 1}).again);
        QVERIFY(!planOf(scaler, begin + 4s, {}).again); // with nothing there nothing needs deciding
    }

    void aFixedTimeIsKept() { QCOMPARE(keepAliveOf({KeepWarm::Policy::Fixed, 90s}, gapsOf(1s, 100), {}), 90'000ms); }

    void untilEnoughIsKnownTheTimeIsFixed()
    {
        const KeepWarm keep{KeepWarm::Policy::Adaptive, 5min};
        const WorkerCost cost{.start = 100ms, .memory = 32_MB};
        QCOMPARE(keepAliveOf(keep, gapsOf(1s, int(keep_alive::fewestGaps) - 1), cost), 300'000ms);
        QVERIFY(keepAliveOf(keep, gapsOf(1s, int(keep_alive::fewestGaps)), cost) < 10s);
        QCOMPARE(keepAliveOf(keep, gapsOf(5h, 20), cost), 300'000ms); // all of them beyond the histogram
    }

    void aWorkerOutlastsTheUsualGapByALittle_data()
    {
        QTest::addColumn<qint64>("gap"); // ms
        for (const qint64 gap : {1'500, 10'000, 60'000, 600'000})
            QTest::newRow(qPrintable(QString::number(gap))) << gap;
    }
    void aWorkerOutlastsTheUsualGapByALittle()
    {
        QFETCH(qint64, gap);
        const std::chrono::milliseconds span(gap);
        const auto keep =
            keepAliveOf({KeepWarm::Policy::Adaptive, 5min}, gapsOf(span, 30), {.start = 400ms, .memory = 32_MB});
        QVERIFY2(keep > span && double(keep.count()) < 1.3 * double(gap), qPrintable(QString::number(keep.count())));
    }

    void whatIsDearToStartIsKeptAndWhatIsCheapIsNot()
    {
        const KeepWarm keep{KeepWarm::Policy::Adaptive, 5min};
        const auto gaps = gapsOf(10min, 30);
        QVERIFY(keepAliveOf(keep, gaps, {.start = 2s, .memory = 128_MB}) > 10min);
        QCOMPARE(keepAliveOf(keep, gaps, {.start = 2ms, .memory = 128_MB}), keep_alive::shortest);
        QCOMPARE(keepAliveOf(keep, gaps, {.start = 2s, .memory = 10'240_MB}), keep_alive::shortest);
    }

    void theHistogramFollowsAFunctionThatChangesItsWays()
    {
        Scaler scaler(adaptive());
        scaler.ready(500ms);
        scaler.answered(32_MB);
        Instant now = begin;
        for (int i = 0; i < 5'000; ++i)
            scaler.arrived(now += 2min);
        QVERIFY(scaler.keepAlive() > 2min);
        for (int i = 0; i < 20'000; ++i)
            scaler.arrived(now += 2s);
        QVERIFY2(scaler.keepAlive() < 4s, qPrintable(QString::number(scaler.keepAlive().count())));
    }

    void reasonsAreOneLineOfWords()
    {
        QCOMPARE(spanText(5min), std::string("5 min"));
        QCOMPARE(spanText(1500ms), std::string("1.5 s"));
        QCOMPARE(spanText(250ms), std::string("250 ms"));
        QCOMPARE(spanText(0ms), std::string("0 ms"));
        QCOMPARE(spanText(24h), std::string("24 h"));
        QCOMPARE(failureText("crashed", {"T", "a\nb", {}}), std::string("crashed: a b"));
        QVERIFY(failureText("crashed", {"T", std::string(100'000, 'x'), {}}).size() < 200);
        ScalePolicy policy;
        Scaler::Plan plan;
        plan.start = 1;
        QCOMPARE(whyStarted(plan, {.waiting = 3, .busy = 2}, policy),
                 std::string("3 waiting, 0 idle, 2 of 20 running"));
    }
};

QTEST_GUILESS_MAIN(tst_ScalePolicies)
#include "tst_scale_policies.moc"
