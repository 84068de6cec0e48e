// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/cpu_timer.h"
#include "tests/ui/panes/recording.h"
#include "ui/charts/latency_chart.h"
#include "ui/charts/phase_chart.h"
#include "ui/charts/throughput_chart.h"
#include "ui/panes/metrics_pane.h"
#include "ui/theme/theme.h"

#include <QImage>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_MetricsPane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
    }

    void init()
    {
        m_recording = std::make_unique<Recording>();
        m_recording->addMetrics();
        m_pane = std::make_unique<MetricsPane>();
        m_pane->resize(1280, 300);
        m_pane->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_pane.get()));
        m_pane->setSnapshot(m_recording->snapshot());
        m_chart = m_pane->findChild<ThroughputChart *>();
        QCoreApplication::processEvents();
    }

    void followsNow()
    {
        const double before = m_pane->range()->span().to;
        nextSecond();
        QCOMPARE(m_pane->range()->span().to, before + 1);
        QVERIFY(button(QStringLiteral("Live"))->isChecked());
    }

    void draggingZoomsAllAndStopsFollowing()
    {
        const QRectF plot = m_chart->plotArea();
        drag(plot.left() + plot.width() * 0.25, plot.left() + plot.width() * 0.5);
        const TimeSpan zoomed = m_pane->range()->span();
        QVERIFY(std::abs(zoomed.length() - 75) < 3);
        QVERIFY(!button(QStringLiteral("Live"))->isChecked());
        nextSecond();
        QCOMPARE(m_pane->range()->span(), zoomed);
        QTest::mouseClick(button(QStringLiteral("Live")), Qt::LeftButton);
        QCOMPARE(m_pane->range()->span().length(), 300.0);
        QVERIFY(button(QStringLiteral("Live"))->isChecked());
    }

    void doubleClickResets()
    {
        const QRectF plot = m_chart->plotArea();
        drag(plot.left() + 20, plot.left() + 120);
        QCOMPARE(m_pane->range()->mode(), TimeAxisRange::Mode::Held);
        QSignalSpy wished(m_pane.get(), &MetricsPane::rangeActivated);
        QTest::mouseClick(m_chart, Qt::LeftButton, {}, plot.center().toPoint());
        QTest::mouseDClick(m_chart, Qt::LeftButton, {}, plot.center().toPoint());
        QCOMPARE(m_pane->range()->mode(), TimeAxisRange::Mode::Live);
        QTest::qWait(QApplication::doubleClickInterval() + 50);
        QCOMPARE(wished.count(), 0); // the first of two clicks asks for nothing
    }

    void aClickAsksForWhatIsBehind()
    {
        m_pane->setFunctionFilter(QStringLiteral("checkout"));
        QSignalSpy wished(m_pane.get(), &MetricsPane::rangeActivated);
        const QRectF plot = m_chart->plotArea();
        QTest::mouseClick(m_chart, Qt::LeftButton, {}, plot.center().toPoint());
        QTRY_COMPARE(wished.count(), 1);
        QCOMPARE(wished[0][0].toString(), QStringLiteral("checkout"));
        const auto from = wished[0][1].value<WallTime>(), to = wished[0][2].value<WallTime>();
        const double middle = m_pane->range()->span().to - 150;
        QVERIFY(from < to);
        QVERIFY(std::abs(double(from.time_since_epoch().count()) / 1e6 - middle) < 5);
    }

    void oneCrosshairGoesThroughAll()
    {
        const QRectF plot = m_chart->plotArea();
        auto *other = m_pane->findChild<LatencyChart *>();
        const QImage before = other->grab().toImage();
        QTest::mouseMove(m_chart, plot.center().toPoint());
        QTRY_VERIFY(m_pane->range()->crosshair().has_value());
        QVERIFY(other->grab().toImage() != before);
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(m_chart, &leave);
        QVERIFY(!m_pane->range()->crosshair());
        QCOMPARE(other->grab().toImage(), before);
    }

    void everythingGoesByKeys()
    {
        m_chart->setFocus();
        const TimeSpan live = m_pane->range()->span();
        QTest::keyClick(m_chart, Qt::Key_Plus);
        QCOMPARE(m_pane->range()->span().length(), live.length() * 0.8);
        QTest::keyClick(m_chart, Qt::Key_Left, Qt::ShiftModifier);
        QVERIFY(m_pane->range()->span().to < live.to);
        QTest::keyClick(m_chart, Qt::Key_Left);
        QVERIFY(m_pane->range()->crosshair().has_value());
        QSignalSpy wished(m_pane.get(), &MetricsPane::rangeActivated);
        QTest::keyClick(m_chart, Qt::Key_Return);
        QCOMPARE(wished.count(), 1);
        QTest::keyClick(m_chart, Qt::Key_End);
        QCOMPARE(m_pane->range()->span(), live);
    }

    void rangesAreChosen()
    {
        QTest::mouseClick(button(QStringLiteral("15 m")), Qt::LeftButton);
        QCOMPARE(m_pane->range()->span().length(), 900.0);
        QVERIFY(button(QStringLiteral("15 m"))->isChecked());
        QVERIFY(!button(QStringLiteral("5 m"))->isChecked());
        QTest::mouseClick(button(QStringLiteral("15 m")), Qt::LeftButton);
        QVERIFY(button(QStringLiteral("15 m"))->isChecked());
    }

    void figuresAreThoseOfTheData()
    {
        QVERIFY2(m_chart->figures().contains(QStringLiteral("errors")), qPrintable(m_chart->figures()));
        const auto *phases = m_pane->findChild<PhaseChart *>();
        QCOMPARE(qRound(phases->means()[3] * 10), 74);
        QVERIFY(phases->figures().startsWith(QStringLiteral("9.35 ms")));
        m_pane->setFunctionFilter(QStringLiteral("thumbnail")); // of which there are none
        QVERIFY(m_chart->figures().startsWith(QStringLiteral("0/s")));
        QVERIFY(phases->figures().isEmpty());
    }

    void aThemeChangeRedraws()
    {
        const QImage dark = m_chart->grab().toImage();
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Light);
        QVERIFY(m_chart->grab().toImage() != dark);
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
        QCOMPARE(m_chart->grab().toImage(), dark);
    }

    void onlyNewMetricsRedraw()
    {
        const SnapshotPtr first = m_recording->snapshot();
        m_pane->setSnapshot(first);
        CpuTimer timer;
        timer.start();
        for (int i = 0; i < 1000; ++i)
            m_pane->setSnapshot(m_recording->snapshot());
        qInfo("a snapshot with the same metrics: %.1f µs", double(timer.nsecsElapsed()) / 1e6);
    }

    /// Prints what a refresh of an hour costs, feeding and painting.
    void aRangeIsRefreshed_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::newRow("five minutes") << 300;
        QTest::newRow("an hour") << 3600;
    }

    void aRangeIsRefreshed()
    {
        QFETCH(int, seconds);
        m_pane->range()->setLiveLength(seconds);
        std::vector<qint64> fed, painted;
        std::array<std::vector<qint64>, 3> parts;
        for (int i = 0; i < 15; ++i) {
            m_recording->pass(std::chrono::seconds(1));
            m_recording->addMetrics();
            const SnapshotPtr snapshot = m_recording->snapshot();
            CpuTimer timer;
            timer.start();
            m_pane->setSnapshot(snapshot);
            fed.push_back(timer.nsecsElapsed());
            timer.start();
            m_chart->grab();
            const qint64 first = timer.nsecsElapsed();
            m_pane->findChild<LatencyChart *>()->grab();
            const qint64 second = timer.nsecsElapsed();
            m_pane->findChild<PhaseChart *>()->grab();
            parts[0].push_back(first);
            parts[1].push_back(second - first);
            parts[2].push_back(timer.nsecsElapsed() - second);
            painted.push_back(timer.nsecsElapsed());
        }
        std::sort(fed.begin(), fed.end());
        std::sort(painted.begin(), painted.end());
        for (auto &part : parts)
            std::sort(part.begin(), part.end());
        qInfo("%d seconds, three charts: fed in %.2f ms, painted in %.2f ms (%.2f + %.2f + %.2f; medians)", seconds,
              double(fed[7]) / 1e6, double(painted[7]) / 1e6, double(parts[0][7]) / 1e6, double(parts[1][7]) / 1e6,
              double(parts[2][7]) / 1e6);
    }

private:
    void nextSecond()
    {
        m_recording->pass(std::chrono::seconds(1));
        m_recording->addMetrics();
        m_pane->setSnapshot(m_recording->snapshot());
    }
    void drag(double from, double to)
    {
        const int y = int(m_chart->plotArea().center().y());
        QTest::mousePress(m_chart, Qt::LeftButton, {}, QPoint(int(from), y));
        QMouseEvent move(QEvent::MouseMove, QPointF(to, y), m_chart->mapToGlobal(QPointF(to, y)), Qt::NoButton,
                         Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(m_chart, &move);
        QTest::mouseRelease(m_chart, Qt::LeftButton, {}, QPoint(int(to), y));
    }
    QToolButton *button(const QString &text) const
    {
        for (auto *candidate : m_pane->findChildren<QToolButton *>()) {
            if (candidate->text() == text)
                return candidate;
        }
        return nullptr;
    }

    std::unique_ptr<Recording> m_recording;
    std::unique_ptr<MetricsPane> m_pane;
    ThroughputChart *m_chart = nullptr;
};

QTEST_MAIN(tst_MetricsPane)
#include "tst_metrics_pane.moc"
