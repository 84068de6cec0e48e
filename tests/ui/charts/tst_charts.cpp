// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/recording.h"
#include "ui/charts/decimate.h"
#include "ui/charts/metric_window.h"
#include "ui/charts/phase_chart.h"
#include "ui/charts/time_axis_range.h"
#include "ui/charts/time_chart.h"

#include <QSignalSpy>
#include <QTest>

#include <random>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_Charts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decimationKeepsPeaksAndDips()
    {
        std::mt19937 random(5);
        QList<QPointF> points;
        for (int i = 0; i < 86'400; ++i)
            points.append({double(i), double(random() % 1000)});
        points[40'000].setY(1e6);
        points[60'000].setY(-1e6);
        const auto few = decimate(points, 1000);
        QVERIFY(few.size() <= 1000);
        QVERIFY(few.size() > 900);
        QVERIFY(few.contains(QPointF(40'000, 1e6)));
        QVERIFY(few.contains(QPointF(60'000, -1e6)));
        QCOMPARE(few.first(), points.first());
        QCOMPARE(few.last(), points.last());
        for (qsizetype i = 1; i < few.size(); ++i)
            QVERIFY(few[i - 1].x() < few[i].x());
    }

    void whatFitsIsLeftAsItIs()
    {
        const QList<QPointF> points{{0, 1}, {1, 5}, {2, 3}};
        QCOMPARE(decimate(points, 1000), points);
        QCOMPARE(decimate(QList<QPointF>(), 1000), QList<QPointF>());
    }

    void layersOfAStackNeverCross()
    {
        std::mt19937 random(9);
        Stack stack;
        stack.layers.resize(4);
        for (int i = 0; i < 3600; ++i) {
            stack.x.push_back(i);
            double edge = 0;
            for (auto &layer : stack.layers)
                layer.push_back(edge += double(random() % 5));
        }
        stack.layers[3][1234] = 500;
        const Stack few = decimate(stack, 1000);
        QVERIFY(few.x.size() <= 1000);
        for (std::size_t i = 1; i < few.layers.size(); ++i) {
            QCOMPARE(few.layers[i].size(), few.x.size());
            for (std::size_t k = 0; k < few.x.size(); ++k)
                QVERIFY(few.layers[i][k] >= few.layers[i - 1][k]);
        }
        QCOMPARE(*std::max_element(few.layers[3].begin(), few.layers[3].end()), 500.0);
        QVERIFY(std::is_sorted(few.x.begin(), few.x.end()));
    }

    void aWindowHasNoGaps()
    {
        auto minute = std::make_shared<MetricMinute>();
        (*minute)[3].warm = 7;
        (*minute)[59].cold = 2;
        MetricSeries series;
        series.chunks = {{100, minute}, {103, minute}};
        const MetricWindow window(series, 6000, 6000 + 299);
        QCOMPARE(window.seconds().size(), std::size_t(300));
        QCOMPARE(window.at(6003).warm, 7u);
        QCOMPARE(window.at(6059).cold, 2u);
        QCOMPARE(window.at(6060).warm, 0u);
        QCOMPARE(window.at(6183).warm, 7u);
        QCOMPARE(window.at(1).warm, 0u);
        QVERIFY(!window.empty());
        QVERIFY(MetricWindow(series, 6060, 6100).empty());
        QVERIFY(MetricWindow(series, 10, 5).seconds().empty());
    }

    void phasesAreWeightedByStarts()
    {
        auto minute = std::make_shared<MetricMinute>();
        (*minute)[0].cold = 1;
        (*minute)[0].coldPhases[3] = 10;
        (*minute)[1].zygote = 3;
        (*minute)[1].coldPhases[3] = 2;
        (*minute)[2].warm = 1000;
        MetricSeries series;
        series.chunks = {{1, minute}};
        const PhaseMeans means = phaseMeans(MetricWindow(series, 60, 119));
        QCOMPARE(means.starts, 4u);
        QCOMPARE(means.milliseconds[3], 4.0);
    }

    void liveFollowsAndATouchHolds()
    {
        TimeAxisRange range;
        QSignalSpy changes(&range, &TimeAxisRange::changed);
        range.setNow(10'000);
        QCOMPARE(range.span(), (TimeSpan{9'700, 10'000}));
        range.hold({9'800, 9'900});
        QCOMPARE(range.mode(), TimeAxisRange::Mode::Held);
        range.setNow(10'001);
        QCOMPARE(range.span(), (TimeSpan{9'800, 9'900}));
        range.follow();
        QCOMPARE(range.span(), (TimeSpan{9'701, 10'001}));
        range.setLiveLength(60);
        QCOMPARE(range.span(), (TimeSpan{9'941, 10'001}));
        QCOMPARE(changes.count(), 4);
    }

    void theRangeStaysWithinWhatThereIs()
    {
        TimeAxisRange range;
        range.setNow(10'000);
        range.hold({9'999, 10'000.5});
        QCOMPARE(range.span().length(), TimeAxisRange::shortest);
        QVERIFY(range.span().to <= 10'000);
        range.hold({0, 1e9});
        QCOMPARE(range.span(), (TimeSpan{6'400, 10'000}));
        range.pan(-1e6);
        QCOMPARE(range.span(), (TimeSpan{6'400, 10'000}));
        range.hold({9'000, 9'600});
        range.zoom(0.5, 9'000);
        QCOMPARE(range.span(), (TimeSpan{9'000, 9'300}));
    }

    void ticksAreRound()
    {
        QCOMPARE(roundTicks(0, 47, 4), (QList<double>{0, 20, 40}));
        QCOMPARE(roundTicks(0, 1.05, 4), (QList<double>{0, 0.5, 1}));
        QVERIFY(roundTicks(0, 0, 4).isEmpty());
        QVERIFY(roundTicks(3, std::nan(""), 4).isEmpty());
    }
};

QTEST_MAIN(tst_Charts)
#include "tst_charts.moc"
