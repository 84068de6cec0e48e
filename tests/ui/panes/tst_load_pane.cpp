// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/pictures.h"
#include "tests/ui/panes/sample_load.h"
#include "ui/charts/load_distribution_chart.h"
#include "ui/charts/load_latency_chart.h"
#include "ui/charts/load_rate_chart.h"
#include "ui/panes/load_pane.h"

#include <QApplication>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace kiln;
using namespace kiln::ui;
using State = LoadReport::State;

/// A load run as the window shows it, by reports made up.
class tst_LoadPane : public QObject
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
        m_pane = std::make_unique<LoadPane>();
        m_pane->resize(1280, 320);
        m_pane->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_pane.get()));
    }

    void withoutARunItSaysHowToBeginOne()
    {
        QSignalSpy asked(m_pane.get(), &LoadPane::newRequested);
        for (QPushButton *button : m_pane->findChildren<QPushButton *>()) {
            if (button->isVisible())
                QTest::mouseClick(button, Qt::LeftButton);
        }
        QCOMPARE(asked.count(), 1);
        test::takePictures(*m_pane, s("load-empty"), {QSize(1264, 280)});
    }

    void whileItSendsItCanBeStopped()
    {
        QSignalSpy stopped(m_pane.get(), &LoadPane::stopRequested);
        m_pane->setReport(test::sampleLoad(State::Sending));
        QCOMPARE(text("title"), s("checkout: constant, 200/s"));
        QCOMPARE(text("state"), s("sending, 5.00 s of 10.0 s"));
        QCOMPARE(m_pane->findChild<QProgressBar *>()->value(), 500);
        QVERIFY(!button("again")->isVisible());
        button("stop")->setFocus();
        QTest::keyClick(button("stop"), Qt::Key_Space);
        QCOMPARE(stopped.count(), 1);
        QCOMPARE(stopped[0][0].toULongLong(), 3u);
        m_pane->setReport(test::sampleLoad(State::Draining));
        QCOMPARE(button("stop")->text(), s("Do not wait"));
        test::takePictures(*m_pane, s("load-sending"), {QSize(1264, 280)});
        m_pane->setReport(test::sampleLoad());
        QVERIFY(!button("stop")->isVisible());
        QVERIFY(button("again")->hasFocus()); // the keyboard is not lost with the button
    }

    void theResultIsReadable()
    {
        m_pane->setReport(test::sampleLoad());
        QCOMPARE(text("state"), s("done, 10.0 s"));
        QCOMPARE(text("sent"), s("2,000 of 2,000 · 200/s of 200/s"));
        QCOMPARE(text("answered"), s("2,000 · 182/s · 24 failed (1.20\u00A0%)"));
        QCOMPARE(text("outcomes"), s("OK 1,976 · Handler error 20 · Throttled 4"));
        QCOMPARE(text("starts"), s("cold 2 · parked 1 · warm 1,993"));
        QCOMPARE(text("corrected-p99"), s("1.85 s"));
        QCOMPARE(text("service-p99"), s("6.00 ms"));
        QVERIFY(text("errors").startsWith(s("20×  HandlerError  KeyError  'sku' is in no item")));
        test::takePictures(*m_pane, s("load"), {QSize(1264, 280), QSize(2540, 420)});
    }

    void itDoesNotPushOthersOutOfTheWindow()
    {
        m_pane->setReport(test::sampleLoad());
        QVERIFY2(m_pane->minimumSizeHint().width() <= 680,
                 qPrintable(QString::number(m_pane->minimumSizeHint().width())));
        m_pane->resize(700, 280);
        auto *distribution = m_pane->findChild<LoadDistributionChart *>();
        QTRY_VERIFY(distribution->visibleRegion().isEmpty());
        for (int i = 0; i < 20 && !distribution->hasFocus(); ++i)
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : m_pane.get(), Qt::Key_Tab);
        QVERIFY(distribution->hasFocus());
        QTRY_VERIFY(!distribution->visibleRegion().isEmpty());
        test::takePictures(*m_pane, s("load-narrow"), {QSize(720, 280)});
    }

    void whatWasNeverSentIsTold()
    {
        auto report = test::sampleLoad();
        report->sent = 1'500;
        report->behind = 40;
        report->unsent = 500;
        report->inFlight = 7;
        m_pane->setReport(report);
        bool told = false;
        for (const QLabel *label : m_pane->findChildren<QLabel *>())
            told = told || (label->isVisibleTo(m_pane.get()) &&
                            label->text() == s("386 late: at most 2,000 may wait for an answer at once\n"
                                               "40 late: this machine was too busy to send them\n"
                                               "500 never: the run was over before"));
        QVERIFY(told);
        QVERIFY(text("answered").endsWith(s("; 7 never")));
    }

    void aStoppedOneSaysSo()
    {
        auto report = test::sampleLoad();
        report->end = LoadReport::End::Stopped;
        m_pane->setReport(report);
        QCOMPARE(text("state"), s("stopped after 10.0 s"));
    }

    void itsButtonsWish()
    {
        m_pane->setReport(test::sampleLoad());
        QSignalSpy again(m_pane.get(), &LoadPane::againRequested), save(m_pane.get(), &LoadPane::saveRequested),
            invocations(m_pane.get(), &LoadPane::invocationsRequested);
        for (const char *name : {"again", "save", "invocations"})
            QTest::mouseClick(button(name), Qt::LeftButton);
        QCOMPARE(again.count(), 1);
        QVERIFY(again[0][0].value<LoadPlan>().shape == m_pane->report()->plan.shape);
        QCOMPARE(save.count(), 1);
        const auto length = invocations.at(0)[1].value<WallTime>() - invocations[0][0].value<WallTime>();
        QCOMPARE(length, std::chrono::microseconds(12'010'000)); // until the last answer
    }

    void theChartsAreReadByKeys()
    {
        m_pane->setReport(test::sampleLoad());
        auto *latency = m_pane->findChild<LoadLatencyChart *>();
        latency->setFocus();
        QTest::keyClick(latency, Qt::Key_Right);
        QCOMPARE(latency->place(), std::optional(0));
        for (int i = 0; i < 40; ++i)
            QTest::keyClick(latency, Qt::Key_Right);
        QVERIFY2(latency->accessibleDescription().startsWith(s("4.0 to 4.1 s, p50 2.00 s")),
                 qPrintable(latency->accessibleDescription()));
        QTest::keyClick(latency, Qt::Key_Escape);
        QVERIFY(!latency->place());

        auto *rate = m_pane->findChild<LoadRateChart *>();
        QTest::keyClick(rate, Qt::Key_Left); // from the end
        QCOMPARE(rate->place(), std::optional(99));
        QVERIFY2(rate->accessibleDescription().contains(s("due 200/s, sent 200/s")),
                 qPrintable(rate->accessibleDescription()));
        auto *distribution = m_pane->findChild<LoadDistributionChart *>();
        QTest::keyClick(distribution, Qt::Key_Right);
        QVERIFY2(distribution->accessibleDescription().contains(s("corrected 120")),
                 qPrintable(distribution->accessibleDescription()));
        m_pane->setReport(nullptr);
        QVERIFY(!rate->place());
    }

    void theChartsAreReadByTheMouse()
    {
        m_pane->setReport(test::sampleLoad());
        QCoreApplication::processEvents();
        auto *rate = m_pane->findChild<LoadRateChart *>();
        const QRectF plot = rate->plotArea();
        QTest::mouseMove(rate, QPoint(int(plot.left() + plot.width() * 0.505), int(plot.center().y())));
        QTRY_COMPARE(rate->place(), std::optional(50));
        QTest::mouseMove(rate, QPoint(2, 2)); // left of the plot
        QTRY_VERIFY(!rate->place());
    }

    void aRunOfADayIsNotDrawnSlowly()
    {
        auto report = test::sampleLoad();
        report->interval = std::chrono::minutes(5);
        report->planned = report->elapsed = std::chrono::hours(24);
        report->timeline.resize(300, report->timeline.front());
        m_pane->setReport(report);
        QVERIFY(!m_pane->grab().isNull());
        auto *rate = m_pane->findChild<LoadRateChart *>();
        QTest::keyClick(rate, Qt::Key_Right);
        QVERIFY(rate->accessibleDescription().startsWith(s("0 to 300 s")));
    }

private:
    static QString s(const char *text) { return QString::fromUtf8(text); }
    QPushButton *button(const char *name) const { return m_pane->findChild<QPushButton *>(s(name)); }
    QString text(const char *name) const { return m_pane->findChild<QLabel *>(s(name))->text(); }

    std::unique_ptr<LoadPane> m_pane;
};

QTEST_MAIN(tst_LoadPane)
#include "tst_load_pane.moc"
