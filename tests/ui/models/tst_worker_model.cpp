// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/recording.h"
#include "ui/models/worker_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <random>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_WorkerModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void workersStandUnderTheirFunctions()
    {
        Recording recording;
        recording.addWorkers(8);
        WorkerModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setWorkers(recording.workers, recording.now());
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.workerCount(), 8);
        const QModelIndex checkout = model.index(0, 0);
        QCOMPARE(model.functionAt(checkout), QStringLiteral("checkout"));
        QVERIFY(!model.workerAt(checkout));
        QCOMPARE(model.workerAt(model.index(0, 0, checkout))->id, 1u);
        QCOMPARE(model.functionAt(model.index(1, 0, checkout)), QStringLiteral("checkout"));
    }

    void aWorkerSaysWhyItWasStartedAndWhatItTakes()
    {
        Recording recording;
        recording.addWorkers(1);
        recording.workers[0].cpu = 0.123;
        WorkerModel model;
        model.setWorkers(recording.workers, recording.now());
        const QModelIndex function = model.index(0, 0);
        const auto text = [&](int column, int role = Qt::DisplayRole) {
            return model.index(0, column, function).data(role).toString();
        };
        QCOMPARE(text(WorkerModel::WhyColumn), QStringLiteral("1 waiting, 0 idle, 0 of 20 running"));
        QVERIFY(text(WorkerModel::WhyColumn, Qt::ToolTipRole).contains(QStringLiteral("0 of 20")));
        QCOMPARE(text(WorkerModel::CpuColumn), QStringLiteral("12 %"));
        QCOMPARE(model.index(0, WorkerModel::CpuColumn).data().toString(), QStringLiteral("12 %")); // of all of them
    }

    void aWorkerWithSeveralAtOnceSaysHowManyItHas()
    {
        Recording recording;
        recording.addWorkers(1);
        WorkerModel model;
        const auto state = [&] {
            model.setWorkers(recording.workers, recording.now());
            return model.index(0, WorkerModel::StateColumn, model.index(0, 0)).data().toString();
        };
        recording.workers[0].running = 1;
        QCOMPARE(state(), QStringLiteral("Busy"));
        recording.workers[0].running = 3;
        recording.workers[0].perWorker = 10;
        QCOMPARE(state(), QStringLiteral("Busy, 3 of 10"));
        recording.workers[0].state = WorkerState::Idle;
        QCOMPARE(state(), QStringLiteral("Idle"));
    }

    void aChangeTouchesOnlyItsRow()
    {
        Recording recording;
        recording.addWorkers(8);
        WorkerModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setWorkers(recording.workers, recording.now());
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        recording.workers[1].served += 1;
        model.setWorkers(recording.workers, recording.now());
        QCOMPARE(changes.count(), 2); // its row and its function's sums
        QCOMPARE(resets.count(), 0);
    }

    void anyChangeLeadsToTheSameTree()
    {
        Recording recording;
        WorkerModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        std::mt19937 random(3);
        recording.addWorkers(60);
        for (int round = 0; round < 60; ++round) {
            std::vector<WorkerView> some;
            for (WorkerView worker : recording.workers) {
                worker.function = std::string(1, char('a' + worker.id % 5));
                worker.state = WorkerState(random() % 4);
                if (random() % 3 > 0 && (round % 7 || worker.function != "c"))
                    some.push_back(worker);
            }
            std::shuffle(some.begin(), some.end(), random);
            model.setWorkers(some, recording.now());
            QCOMPARE(model.workerCount(), int(some.size()));
            for (const WorkerView &worker : some) {
                bool found = false;
                for (int g = 0; g < model.rowCount(); ++g) {
                    const QModelIndex group = model.index(g, 0);
                    for (int w = 0; w < model.rowCount(group); ++w)
                        found = found || model.workerAt(model.index(w, 0, group)) == worker;
                }
                QVERIFY(found);
            }
        }
        model.setWorkers({}, recording.now());
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_GUILESS_MAIN(tst_WorkerModel)
#include "tst_worker_model.moc"
