// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/gui_watchdog.h"

#include <QTest>

#include <thread>

using namespace kiln;
using namespace std::chrono_literals;

class tst_GuiWatchdog : public QObject
{
    Q_OBJECT

    /// Figures with at least one event in them; those of no event at all when none comes.
    static ui::GuiWatchdog::Figures some(ui::GuiWatchdog &watchdog)
    {
        ui::GuiWatchdog::Figures figures;
        (void)QTest::qWaitFor([&] { return (figures = watchdog.take()).events > 0; });
        return figures;
    }

private Q_SLOTS:
    void aBlockIsSeenOnceAndAsLongAsItLasted()
    {
        ui::GuiWatchdog watchdog;
        QVERIFY(some(watchdog).events > 0);
        std::this_thread::sleep_for(200ms);
        const ui::GuiWatchdog::Figures figures = some(watchdog);
        QCOMPARE(figures.over50ms, 1);
        QCOMPARE(figures.over16ms, 1);
        QVERIFY(figures.worst > 100ms);
        QVERIFY(figures.p99 <= figures.worst);
        QVERIFY(figures.worstWork < figures.worst); // it slept
    }

    void takenFiguresBeginAnew()
    {
        ui::GuiWatchdog watchdog;
        QVERIFY(some(watchdog).events > 0);
        QCOMPARE(watchdog.take().events, 0); // no event was handled in between
        QVERIFY(some(watchdog).events > 0);
    }
};

QTEST_MAIN(tst_GuiWatchdog)
#include "tst_gui_watchdog.moc"
