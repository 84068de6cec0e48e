// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/load_plan.h"

#include <QTest>

#include <limits>

using namespace kiln;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(kiln::LoadPlan)

/// What a load run may be asked for, and how what may not is told.
class tst_LoadPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatCanBeRunHasNoProblem_data()
    {
        QTest::addColumn<LoadPlan>("plan");
        QTest::newRow("the default") << of(load::Constant());
        QTest::newRow("least rate") << of(load::Constant{0.01});
        QTest::newRow("most rate") << of(load::Constant{100'000});
        QTest::newRow("from rest") << of(load::Ramp{0, 10});
        QTest::newRow("to rest") << of(load::Ramp{10, 0});
        QTest::newRow("spike from nothing") << of(load::Spike{0, 10, 1s});
        QTest::newRow("whole run a spike") << of(load::Spike{1, 10, 10s});
        QTest::newRow("callers") << of(load::Callers{10'000, 1h});
        LoadPlan replay = of(load::Replay{});
        replay.events.clear();
        QTest::newRow("replay") << replay;
    }

    void whatCanBeRunHasNoProblem()
    {
        QFETCH(LoadPlan, plan);
        const auto problem = problemOf(plan);
        QVERIFY2(!problem, problem ? problem->message.c_str() : "");
    }

    void whatCannotIsToldByItsField_data()
    {
        QTest::addColumn<LoadPlan>("plan");
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, const LoadPlan &plan, const char *field, const char *message) {
            QTest::newRow(name) << plan << QString::fromLatin1(field) << QString::fromLatin1(message);
        };
        const double none = std::numeric_limits<double>::quiet_NaN();
        row("no rate", of(load::Constant{0}), "rate", "Expected 0.01 to 100,000 per second");
        row("no number", of(load::Poisson{none}), "rate", "Expected 0.01 to 100,000 per second");
        row("too fast", of(load::Poisson{100'001}), "rate", "Expected 0.01 to 100,000 per second");
        row("negative", of(load::Ramp{-1, 5}), "rate", "Expected 0 to 100,000 per second");
        row("a ramp of nothing", of(load::Ramp{0, 0}), "to", "Expected 0.01 to 100,000 per second");
        row("no peak", of(load::Spike{10, 5, 1s}), "peak",
            "Expected more than the rate before and after it, 10 per second");
        row("too wide", of(load::Spike{1, 5, 11s}), "width", "Expected 1ms up to the whole run, 10s");
        row("speed", of(load::Replay{.function = {}, .since = {}, .until = {}, .speed = 0}), "speed",
            "Expected 0.01 to 1,000");
        row("no callers", of(load::Callers{0}), "closed", "Expected 1 to 10,000 callers");
        row("long thought", of(load::Callers{1, 2h}), "think", "Expected 0s to 1h");
        LoadPlan plan = of(load::Constant());
        plan.duration = 25h;
        row("too long", plan, "duration", "Expected 100ms to 1d");
        plan = of(load::Constant{100'000});
        plan.duration = 24h;
        row("too many", plan, "duration", "Expected a run of at most a billion events at this rate");
        plan = of(load::Constant());
        plan.maxInFlight = 0;
        row("none in flight", plan, "max-in-flight", "Expected 1 to 100,000");
        plan = of(load::Constant());
        plan.events.clear();
        row("no event", plan, "event", "Expected 1 to 100 events");
        plan.events.resize(101);
        row("too many events", plan, "event", "Expected 1 to 100 events");
        plan.events.resize(1);
        plan.events[0].weight = 0;
        row("no weight", plan, "event", "The weight of {}: Expected 0.001 to 1,000,000");
        plan.events[0] = {};
        plan.events[0].data = payload(std::string(std::size_t(17) << 20, 'x'));
        row("too large", plan, "event", "Expected events of at most 16 MB together");
    }

    void whatCannotIsToldByItsField()
    {
        QFETCH(LoadPlan, plan);
        QFETCH(QString, field);
        QFETCH(QString, message);
        const auto problem = problemOf(plan);
        QVERIFY(problem);
        QCOMPARE(QString::fromStdString(problem->field), field);
        QCOMPARE(QString::fromStdString(problem->message), message);
    }

private:
    template<typename Shape> static LoadPlan of(Shape shape)
    {
        LoadPlan plan;
        plan.shape.emplace<Shape>(std::move(shape));
        plan.events.emplace_back();
        return plan;
    }
};

QTEST_GUILESS_MAIN(tst_LoadPlan)
#include "tst_load_plan.moc"
