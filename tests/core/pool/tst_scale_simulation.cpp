// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/pool/simulated_function.h"

#include <QTest>

#include <random>

using namespace kiln;
using namespace kiln::test;
using namespace std::chrono_literals;

namespace {

ScalePolicy policyOf(Concurrency concurrency = {}, KeepWarm keep = {}) { return {concurrency, keep}; }

/// Arrivals at random moments, at a rate that may change with time (thinning).
void arrivePoisson(SimulatedFunction &function, Instant until, double highest,
                   const std::function<double(double seconds)> &rateAt, unsigned seed = 1)
{
    std::mt19937 random(seed);
    std::exponential_distribution<double> gap(highest);
    std::uniform_real_distribution<double> kept(0, highest);
    double at = 0;
    while (true) {
        at += gap(random);
        const Instant when(std::chrono::nanoseconds(std::llround(at * 1e9)));
        if (when >= until)
            return;
        if (kept(random) < rateAt(at))
            function.arriveAt(when);
    }
}

QString figures(const SimulatedFunction::Totals &totals)
{
    return QStringLiteral("served %1, starts %2, most %3, delayed %4, worker time %5 s")
        .arg(totals.served)
        .arg(totals.starts)
        .arg(totals.most)
        .arg(totals.delayed)
        .arg(totals.workerTime.count());
}

} // namespace

/// Hours of events through the policies that the live engine uses.
class tst_ScaleSimulation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBurstIsServedWithinTheLimitAndNoneIsLost()
    {
        SimulatedFunction function(policyOf({.max = 20, .queue = 1000}), {});
        for (int i = 0; i < 1000; ++i)
            function.arriveAt(Instant(1s));
        function.run(Instant(1h));
        QCOMPARE(function.totals().served, 1000);
        QCOMPARE(function.totals().most, 20);
        QCOMPARE(function.alive(), 0); // and keep_warm was over long ago
    }

    void aBurstLimitHoldsInEveryWindow()
    {
        Concurrency concurrency{.max = 500, .queue = 1000};
        concurrency.burst = BurstLimit{10, 10s};
        SimulatedFunction function(policyOf(concurrency), {.handler = 5s});
        arrivePoisson(function, Instant(10min), 60, [](double) { return 60; });
        function.run(Instant(1h));
        const auto &started = function.totals().startedAt;
        QVERIFY(started.size() > 100);
        for (std::size_t i = 0; i < started.size(); ++i) {
            const auto within = std::upper_bound(started.begin(), started.end(), started[i] + 10s) -
                                (started.begin() + std::ptrdiff_t(i));
            QVERIFY2(within <= 21, qPrintable(QString::number(within))); // a bucketful, and what filled up meanwhile
        }
        QCOMPARE(function.waiting(), 0);
    }

    void theMinimumIsKeptThroughAQuietNight()
    {
        Concurrency concurrency{.max = 20, .queue = 1000, .min = 3};
        SimulatedFunction function(policyOf(concurrency), {});
        function.arriveAt(Instant(1s));
        for (int i = 0; i < 8; ++i)
            function.arriveAt(Instant(2s));
        function.run(Instant(8h));
        QCOMPARE(function.alive(), 3);
        for (int i = 0; i < 3; ++i)
            function.arriveAt(Instant(9h));
        const int delayed = function.totals().delayed;
        function.run(Instant(10h));
        QCOMPARE(function.totals().delayed, delayed); // three were ready
    }

    void aTargetFollowsADayUpAndDown()
    {
        Concurrency concurrency{.max = 100, .queue = 100'000};
        concurrency.target = ScaleTarget{ScaleTarget::Measure::Concurrency, 0.5};
        SimulatedFunction function(policyOf(concurrency), {.handler = 200ms});
        // 5 to 45 a second: 1 to 9 in flight, so 2 to 18 workers at half an event each.
        const auto day = [](double seconds) { return 25 - 20 * std::cos(seconds / 21'600 * 2 * 3.14159265); };
        arrivePoisson(function, Instant(6h), 45, day);
        int mostAtNoon = 0;
        int atTheEnd = 0;
        function.at(Instant(3h), [&] { mostAtNoon = function.alive(); });
        function.at(Instant(6h), [&] { atTheEnd = function.alive(); });
        function.run(Instant(6h));
        QVERIFY2(mostAtNoon >= 16 && mostAtNoon <= 40, qPrintable(QString::number(mostAtNoon)));
        QVERIFY2(atTheEnd >= 2 && atTheEnd <= 10, qPrintable(QString::number(atTheEnd)));
        const auto &totals = function.totals();
        QVERIFY2(totals.delayed < totals.served / 20, qPrintable(figures(totals)));
        function.run(Instant(7h));
        QCOMPARE(function.alive(), 0);
    }

    void adaptiveKeepingHoldsLessAndDelaysNoMore_data()
    {
        QTest::addColumn<qint64>("gap"); // s
        QTest::newRow("every ten seconds") << qint64(10);
        QTest::newRow("every minute") << qint64(60);
        QTest::newRow("every quarter of an hour: five minutes never help") << qint64(900);
    }
    void adaptiveKeepingHoldsLessAndDelaysNoMore()
    {
        QFETCH(qint64, gap);
        const SimulatedFunction::Costs costs{.start = 3s, .handler = 20ms, .memory = 64_MB};
        const auto run = [&](KeepWarm keep) {
            SimulatedFunction function(policyOf({}, keep), costs);
            std::mt19937 random(7);
            std::uniform_real_distribution<double> late(0, 0.1);
            for (int i = 1; i < 400; ++i)
                function.arriveAt(
                    Instant(std::chrono::milliseconds(std::llround(double(gap) * 1000 * (i + late(random))))));
            function.run(Instant(std::chrono::seconds(gap * 400) + 1h));
            return function.totals();
        };
        const auto fixed = run({});
        const auto adaptive = run({KeepWarm::Policy::Adaptive, 5min});
        QCOMPARE(fixed.served, 399);
        QCOMPARE(adaptive.served, 399);
        QVERIFY2(adaptive.delayed <= fixed.delayed, qPrintable(figures(adaptive)));
        if (gap < 300) // the fixed time outlasts them, and then holds on for the rest of it
            QVERIFY2(adaptive.workerTime <= fixed.workerTime, qPrintable(figures(adaptive)));
        else
            QVERIFY2(adaptive.delayed < fixed.delayed / 10, qPrintable(figures(adaptive)));
    }

    void aCheapStartIsNotPaidForWithMemory()
    {
        const auto run = [&](KeepWarm keep) {
            SimulatedFunction function(policyOf({}, keep), {.start = 2ms, .handler = 5ms, .memory = 32_MB});
            arrivePoisson(function, Instant(12h), 0.02, [](double) { return 0.02; });
            function.run(Instant(13h));
            return function.totals();
        };
        const auto fixed = run({});
        const auto adaptive = run({KeepWarm::Policy::Adaptive, 5min});
        QCOMPARE(adaptive.served, fixed.served);
        QVERIFY2(adaptive.workerTime < fixed.workerTime / 10, qPrintable(figures(adaptive)));
    }

    void eachInTurnKeepsAllWarmWhileMostRecentLetsThemAgeOut()
    {
        const auto run = [](Balance balance) {
            Concurrency concurrency{.max = 20, .queue = 1000};
            concurrency.balance = balance;
            SimulatedFunction function(policyOf(concurrency), {});
            for (int i = 0; i < 10; ++i)
                function.arriveAt(Instant(1s));
            for (int i = 0; i < 3600; ++i)
                function.arriveAt(Instant(2s + i * 1s));
            function.run(Instant(1h));
            return function.alive();
        };
        QCOMPARE(run(Balance::MostRecent), 1);
        QCOMPARE(run(Balance::RoundRobin), 10);
    }
};

QTEST_GUILESS_MAIN(tst_ScaleSimulation)
#include "tst_scale_simulation.moc"
