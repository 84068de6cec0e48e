// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/histogram.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

using namespace kiln;
using namespace std::chrono_literals;

using Values = std::vector<std::int64_t>;

class tst_Histogram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithExactPercentiles_data()
    {
        QTest::addColumn<Values>("values");
        std::mt19937_64 random(7);
        const auto drawn = [&](std::size_t count, auto distribution) {
            Values values(count);
            for (auto &value : values)
                value = std::int64_t(std::llround(double(distribution(random))));
            return values;
        };
        QTest::newRow("one value") << Values{123'456'789};
        QTest::newRow("zeros") << Values(1000, 0);
        QTest::newRow("small integers") << drawn(10'000, std::uniform_int_distribution<int>(0, 200));
        QTest::newRow("uniform") << drawn(50'000, std::uniform_real_distribution<double>(1e3, 1e9));
        QTest::newRow("log-normal") << drawn(50'000, std::lognormal_distribution<double>(15, 3));
        QTest::newRow("pareto-like tail") << [&] {
            Values values = drawn(50'000, std::uniform_real_distribution<double>(1e-6, 1));
            std::uniform_real_distribution<double> share(1e-6, 1);
            for (auto &value : values)
                value = std::int64_t(1e5 / share(random));
            return values;
        }();
        QTest::newRow("two far peaks") << [] {
            Values values(990, 10'000);
            values.insert(values.end(), 10, std::int64_t(900) * 1'000'000'000);
            return values;
        }();
        QTest::newRow("around every bucket border") << [] {
            Values values;
            for (int power = 0; power < 50; ++power) {
                for (std::int64_t step = 64; step < 128; ++step)
                    for (int offset = -1; offset <= 1; ++offset)
                        values.push_back(std::max<std::int64_t>((step << power >> 6) + offset, 0));
            }
            return values;
        }();
        QTest::newRow("descending powers of two") << [] {
            Values values;
            for (int power = 62; power >= 0; --power)
                values.push_back(std::int64_t(1) << power);
            return values;
        }();
    }

    void agreesWithExactPercentiles()
    {
        QFETCH(Values, values);
        Histogram histogram;
        Histogram parts[3]; // and so does the union of parts
        for (std::size_t i = 0; i < values.size(); ++i) {
            histogram.record(std::chrono::nanoseconds(values[i]));
            parts[i % 3].record(std::chrono::nanoseconds(values[i]));
        }
        Histogram merged;
        for (const Histogram &part : parts)
            merged.merge(part);
        QCOMPARE(merged.count(), std::uint64_t(values.size()));
        std::sort(values.begin(), values.end());
        for (const double share : {0.0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
            const double rank = std::max(1.0, std::ceil(share * double(values.size())));
            const double exact = double(values[std::size_t(rank) - 1]);
            const double told = double(histogram.percentile(share).count());
            QVERIFY2(std::abs(told - exact) <= 0.01 * exact,
                     qPrintable(QStringLiteral("p%1: %2 instead of %3").arg(share * 100).arg(told).arg(exact)));
            QCOMPARE(merged.percentile(share), histogram.percentile(share));
        }
    }

    void isEmptyAtFirstAndOnceCleared()
    {
        Histogram histogram;
        QCOMPARE(histogram.percentile(0.5), 0ns);
        histogram.record(5ms);
        histogram.clear();
        QCOMPARE(histogram.count(), 0u);
        QCOMPARE(histogram.percentile(0.99), 0ns);
        histogram.record(7ns);
        QCOMPARE(histogram.percentile(0.5), 7ns);
    }

    void countsNegativesAsZero()
    {
        Histogram histogram;
        histogram.record(-5s);
        QCOMPARE(histogram.percentile(1), 0ns);
    }
};

QTEST_GUILESS_MAIN(tst_Histogram)
#include "tst_histogram.moc"
