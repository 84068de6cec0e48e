// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/load/arrivals.h"

#include <QTest>

#include <cmath>

using namespace kiln;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// When events of each pattern are due: by exact times, and by what their numbers must be.
class tst_Arrivals : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aConstantRateIsEvenlySpaced()
    {
        const auto times = timesOf({.shape = load::Constant{4}, .duration = 1s, .events = {{}}});
        QCOMPARE(times, (std::vector<nanoseconds>{0ms, 250ms, 500ms, 750ms}));
        const auto thirds = timesOf({.shape = load::Constant{3}, .duration = 1s, .events = {{}}});
        QCOMPARE(thirds, (std::vector<nanoseconds>{0ns, 333'333'333ns, 666'666'667ns}));
    }

    void aConstantRateDoesNotDriftOverMillions()
    {
        Arrivals arrivals({.shape = load::Constant{70'000}, .duration = 60s, .events = {{}}});
        Arrival last;
        std::uint64_t count = 0;
        while (const auto next = arrivals.next()) {
            last = *next;
            ++count;
        }
        QCOMPARE(count, 4'200'000u);
        QCOMPARE(last.at, nanoseconds(59'999'985'714)); // 4,199,999 / 70,000 s
    }

    void aRampFromRestIsTheRootOfTime()
    {
        // N(t) = 5 t² / 2 · … : from 0 to 10 per second over two seconds, N(t) = 2.5 t²
        const auto times = timesOf({.shape = load::Ramp{0, 10}, .duration = 2s, .events = {{}}});
        QCOMPARE(times.size(), std::size_t(10));
        for (std::size_t i = 0; i < times.size(); ++i) {
            const double exact = std::sqrt(double(i) / 2.5) * 1e9;
            QVERIFY2(std::abs(double(times[i].count()) - exact) <= 1, qPrintable(QString::number(i)));
        }
    }

    void aRampHasTheRateOfEachMoment_data()
    {
        QTest::addColumn<double>("from");
        QTest::addColumn<double>("to");
        QTest::newRow("rising") << 100.0 << 900.0;
        QTest::newRow("falling") << 900.0 << 100.0;
        QTest::newRow("down to rest") << 1000.0 << 0.0;
        QTest::newRow("level") << 500.0 << 500.0;
        QTest::newRow("all but level") << 500.0 << 500.000001;
    }

    void aRampHasTheRateOfEachMoment()
    {
        QFETCH(double, from);
        QFETCH(double, to);
        const auto times = timesOf({.shape = load::Ramp{from, to}, .duration = 10s, .events = {{}}});
        QVERIFY(std::abs(double(times.size()) - (from + to) / 2 * 10) <= 1);
        for (int second = 0; second < 10; ++second) {
            const double middle = from + (to - from) * (second + 0.5) / 10;
            QVERIFY2(std::abs(countIn(times, second * 1s, (second + 1) * 1s) - middle) <= 1.001,
                     qPrintable(QStringLiteral("second %1").arg(second)));
        }
    }

    void aSpikeIsInTheMiddle()
    {
        const auto times = timesOf({.shape = load::Spike{10, 200, 2s}, .duration = 10s, .events = {{}}});
        QCOMPARE(countIn(times, 0s, 4s), 40.0);
        QCOMPARE(countIn(times, 4s, 6s), 400.0);
        QCOMPARE(countIn(times, 6s, 10s), 40.0);
        QVERIFY(std::is_sorted(times.begin(), times.end()));
    }

    void aSpikeOutOfNothingIsOnlyThePeak()
    {
        const auto times = timesOf({.shape = load::Spike{0, 100, 1s}, .duration = 3s, .events = {{}}});
        QCOMPARE(times.size(), std::size_t(100));
        QCOMPARE(times.front(), nanoseconds(1s));
        QCOMPARE(times.back(), nanoseconds(1'990ms));
    }

    void poissonIsTheSameForTheSameSeed()
    {
        const LoadPlan plan{.shape = load::Poisson{100}, .duration = 60s, .events = {{}}, .seed = 42};
        const auto times = timesOf(plan);
        QCOMPARE(timesOf(plan), times);
        // As mt19937_64 (which the standard fixes) and the inverse of the exponential distribution have it.
        std::mt19937_64 random(42 ^ 0x9E3779B97F4A7C15U);
        double at = 0;
        for (std::size_t i = 0; i < 100; ++i) {
            at += -std::log(1 - double(random() >> 11) / 9007199254740992.0) / 100;
            QVERIFY(std::abs(double(times[i].count()) - at * 1e9) <= 1);
        }
        LoadPlan other = plan;
        other.seed = 43;
        QVERIFY(timesOf(other) != times);
    }

    void poissonGapsAreExponential()
    {
        const auto times = timesOf({.shape = load::Poisson{1'000}, .duration = 100s, .events = {{}}, .seed = 7});
        // 100,000 expected with a standard deviation of 316: five of them
        QVERIFY(std::abs(double(times.size()) - 100'000) < 1'600);
        double sum = 0, squares = 0, longest = 0;
        std::size_t overMean = 0;
        for (std::size_t i = 1; i < times.size(); ++i) {
            const double gap = double((times[i] - times[i - 1]).count()) / 1e6; // milliseconds, 1 expected
            sum += gap;
            squares += gap * gap;
            longest = std::max(longest, gap);
            overMean += gap > 1;
        }
        const double n = double(times.size() - 1), mean = sum / n;
        QVERIFY(std::abs(mean - 1) < 0.02);
        QVERIFY(std::abs(std::sqrt(squares / n - mean * mean) - 1) < 0.03); // its deviation is its mean
        QVERIFY(std::abs(double(overMean) / n - std::exp(-1)) < 0.01);
        QVERIFY(longest > 7 && longest < 25);
    }

    void poissonCountsVaryAsTheyShould()
    {
        const auto times = timesOf({.shape = load::Poisson{50}, .duration = 400s, .events = {{}}, .seed = 11});
        double sum = 0, squares = 0;
        for (int second = 0; second < 400; ++second) {
            const double count = countIn(times, second * 1s, (second + 1) * 1s);
            sum += count;
            squares += count * count;
        }
        const double mean = sum / 400, variance = squares / 400 - mean * mean;
        QVERIFY2(variance / mean > 0.75 && variance / mean < 1.3, qPrintable(QString::number(variance / mean)));
    }

    void aMixHasTheSharesOfItsWeights()
    {
        LoadPlan plan{.shape = load::Constant{10'000}, .duration = 10s, .events = {{}, {}, {}}, .seed = 3};
        plan.events[0].weight = 6;
        plan.events[1].weight = 3;
        plan.events[2].weight = 1;
        std::array<double, 3> counts{};
        Arrivals arrivals(plan);
        while (const auto next = arrivals.next())
            ++counts.at(next->event);
        QVERIFY(std::abs(counts[0] / 100'000 - 0.6) < 0.01);
        QVERIFY(std::abs(counts[1] / 100'000 - 0.3) < 0.01);
        QVERIFY(std::abs(counts[2] / 100'000 - 0.1) < 0.005);
    }

    void anotherMixDoesNotMoveTheTimes()
    {
        LoadPlan plan{.shape = load::Poisson{100}, .duration = 10s, .events = {{}}};
        const auto alone = timesOf(plan);
        plan.events = {{}, {}, {}};
        QCOMPARE(timesOf(plan), alone);
    }

    void aReplayHasItsOwnTimesAndEvents()
    {
        const auto script = std::make_shared<const std::vector<Arrival>>(
            std::vector<Arrival>{{0ms, 2}, {10ms, 0}, {10ms, 1}, {900ms, 2}});
        Arrivals arrivals({.shape = load::Replay{}, .duration = 500ms}, script);
        for (std::size_t i = 0; i < 3; ++i)
            QCOMPARE(arrivals.next(), std::optional((*script)[i]));
        QVERIFY(!arrivals.next()); // the run is over before
    }

    void aCopyGoesOnAlike()
    {
        Arrivals arrivals({.shape = load::Poisson{100}, .duration = 10s, .events = {{}, {}}});
        for (int i = 0; i < 50; ++i)
            static_cast<void>(arrivals.next());
        Arrivals copy = arrivals;
        for (int i = 0; i < 50; ++i)
            QCOMPARE(copy.next(), arrivals.next());
    }

private:
    static std::vector<nanoseconds> timesOf(const LoadPlan &plan)
    {
        std::vector<nanoseconds> times;
        Arrivals arrivals(plan);
        while (const auto next = arrivals.next())
            times.push_back(next->at);
        return times;
    }

    static double countIn(const std::vector<nanoseconds> &times, nanoseconds from, nanoseconds to)
    {
        return double(std::count_if(times.begin(), times.end(), [&](nanoseconds at) { return at >= from && at < to; }));
    }
};

QTEST_GUILESS_MAIN(tst_Arrivals)
#include "tst_arrivals.moc"
