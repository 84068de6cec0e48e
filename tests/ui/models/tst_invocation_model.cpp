// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/cpu_timer.h"
#include "tests/ui/panes/recording.h"
#include "ui/models/invocation_model.h"

#include <QAbstractItemModelTester>
#include <QLocale>
#include <QSignalSpy>
#include <QTest>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_InvocationModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QStringLiteral("en_US"))); }

    void newestStandsFirst()
    {
        Recording recording;
        InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        recording.addInvocations(5);
        QCOMPARE(model.append(recording.snapshot()->invocations), 5);
        const Uuid newest = model.at(0)->id;
        QCOMPARE(model.append(recording.snapshot()->invocations), 0);
        recording.addInvocations(2);
        QCOMPARE(model.append(recording.snapshot()->invocations), 2);
        QCOMPARE(model.rowOf(newest), 2);
        for (int row = 1; row < model.rowCount(); ++row)
            QVERIFY(model.at(row - 1)->id > model.at(row)->id);
    }

    void liveRowsComeAndGoWithoutReset_data()
    {
        QTest::addColumn<int>("column");
        QTest::addColumn<Qt::SortOrder>("order");
        for (int column = 0; column < InvocationModel::ColumnCount; ++column) {
            QTest::addRow("column %d up", column) << column << Qt::AscendingOrder;
            QTest::addRow("column %d down", column) << column << Qt::DescendingOrder;
        }
    }

    void liveRowsComeAndGoWithoutReset()
    {
        QFETCH(int, column);
        QFETCH(Qt::SortOrder, order);
        Recording recording;
        InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.sort(column, order);
        model.setBound(400);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        recording.addInvocations(300);
        model.append(recording.snapshot()->invocations);
        const QPersistentModelIndex kept(model.index(model.rowOf(model.at(150)->id), 3));
        const Uuid id = model.at(150)->id;
        for (int i = 0; i < 5; ++i) {
            recording.addInvocations(40);
            model.append(recording.snapshot()->invocations);
        }
        QCOMPARE(model.rowCount(), 400);
        QCOMPARE(resets.count(), 0);
        const int row = model.rowOf(id);
        QCOMPARE(kept.isValid() ? kept.row() : -1, row); // a held row is found again, or went with the oldest
        // The order is that of the whole set sorted afresh.
        InvocationModel fresh;
        fresh.setBound(400);
        fresh.append(recording.snapshot()->invocations);
        fresh.sort(column, order);
        for (int i = 0; i < model.rowCount(); ++i)
            QCOMPARE(model.at(i), fresh.at(i));
    }

    void filtersCombine()
    {
        Recording recording;
        recording.addInvocations(1000);
        InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.append(recording.snapshot()->invocations);
        InvocationModel::Filter filter;
        filter.function = "checkout";
        filter.errorsOnly = true;
        filter.text = TextMatch::plain(QStringLiteral("KEYERR"));
        model.setFilter(filter);
        QVERIFY(model.rowCount() > 0);
        QVERIFY(model.rowCount() < 100);
        for (int row = 0; row < model.rowCount(); ++row) {
            QCOMPARE(model.at(row)->revision->settings.name, std::string("checkout"));
            QCOMPARE(model.at(row)->error.type, std::string("KeyError"));
        }
        const int before = model.rowCount();
        recording.addInvocations(500); // the live ones are filtered too
        const int added = model.append(recording.snapshot()->invocations);
        QCOMPARE(model.rowCount(), before + added);
        QVERIFY(added < 50);
        filter = {};
        filter.start = Start::Cold;
        model.setFilter(filter);
        for (int row = 0; row < model.rowCount(); ++row)
            QCOMPARE(model.at(row)->start, Start::Cold);
        QVERIFY(model.rowCount() > 0);
    }

    void olderOnesGoToTheOldEndOnce()
    {
        Recording history;
        history.addInvocations(30);
        std::vector<InvocationPtr> older;
        history.snapshot()->invocations.since(0, [&](const InvocationPtr &i) { older.push_back(i); });
        Recording recording;
        recording.pass(std::chrono::seconds(10));
        recording.addInvocations(10);
        recording.addInvocation(older.back());
        InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.append(recording.snapshot()->invocations);
        QCOMPARE(model.appendOlder(older), 29);
        QCOMPARE(model.appendOlder(older), 0);
        QCOMPARE(model.rowCount(), 40);
        QCOMPARE(model.at(39), older.front());
        QCOMPARE(model.oldest(), older.front());
        recording.addInvocations(3);
        QCOMPARE(model.append(recording.snapshot()->invocations), 3);
    }

    void anotherEnginesFeedStartsAfresh()
    {
        Recording first, second;
        first.addInvocations(50);
        second.addInvocations(3);
        InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.append(first.snapshot()->invocations);
        model.append(second.snapshot()->invocations);
        QCOMPARE(model.rowCount(), 3);
    }

    void copiesAreExact()
    {
        using namespace std::chrono_literals;
        Recording recording;
        auto i = recording.invocation();
        i->phases = {1234ns, 0ns, 0ns, 0ns, 1'700'001ns, 0ns};
        i->outcome = Outcome::HandlerError;
        i->usage.maxMemory = ByteSize{20'971'533};
        recording.addInvocation(i);
        InvocationModel model;
        model.append(recording.snapshot()->invocations);
        const auto exact = [&](int column) {
            return model.index(0, column).data(InvocationModel::ExactRole).toString();
        };
        QCOMPARE(exact(InvocationModel::DurationColumn), QStringLiteral("1.701235 ms"));
        QCOMPARE(model.index(0, InvocationModel::DurationColumn).data().toString(), QStringLiteral("1.70 ms"));
        QCOMPARE(exact(InvocationModel::MemoryColumn), QStringLiteral("20971533"));
        QCOMPARE(exact(InvocationModel::OutcomeColumn), QStringLiteral("HandlerError"));
        QCOMPARE(exact(InvocationModel::IdColumn), QString::fromStdString(i->id.text()));
    }

    void fifteenHundredRowsASnapshot_data()
    {
        QTest::addColumn<int>("column");
        QTest::newRow("newest first") << int(InvocationModel::TimeColumn);
        QTest::newRow("by duration") << int(InvocationModel::DurationColumn);
        QTest::newRow("by function") << int(InvocationModel::FunctionColumn);
    }

    /// Prints what a snapshot costs; a number is no test on a shared machine.
    void fifteenHundredRowsASnapshot()
    {
        QFETCH(int, column);
        Recording recording;
        recording.addInvocations(10'000);
        InvocationModel model;
        model.sort(column, Qt::DescendingOrder);
        model.append(recording.snapshot()->invocations);
        std::vector<qint64> costs;
        for (int i = 0; i < 20; ++i) {
            recording.addInvocations(1500);
            const SnapshotPtr snapshot = recording.snapshot();
            CpuTimer timer;
            timer.start();
            QCOMPARE(model.append(snapshot->invocations), 1500);
            costs.push_back(timer.nsecsElapsed());
        }
        std::sort(costs.begin(), costs.end());
        qInfo("1,500 rows into 10,000: median %.2f ms, most %.2f ms", double(costs[10]) / 1e6, double(costs[19]) / 1e6);
        QCOMPARE(model.rowCount(), 10'000);
    }
};

QTEST_GUILESS_MAIN(tst_InvocationModel)
#include "tst_invocation_model.moc"
