// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/shell/recorded.h"
#include "ui/models/explorer_model.h"

#include <QAbstractItemModelTester>
#include <QLocale>
#include <QPersistentModelIndex>
#include <QSignalSpy>
#include <QTest>

using namespace kiln;
using ui::ExplorerModel;

class tst_ExplorerModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QStringLiteral("en_US"))); }

    void showsFunctionsWithTriggersAndFiles()
    {
        ExplorerModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setSnapshot(test::recordedSnapshot("/shop"));

        const QModelIndex checkout = model.indexOfFunction(QStringLiteral("checkout"));
        QCOMPARE(checkout.data(ExplorerModel::TagRole).toString(), QStringLiteral("PY"));
        QCOMPARE(checkout.data(ExplorerModel::DetailRole).toString(), QStringLiteral("42.3/s"));
        QCOMPARE(rowsOf(model, checkout),
                 QStringList({QStringLiteral("POST /orders"), QStringLiteral("GET /orders/{id}"),
                              QStringLiteral("function URL"), QStringLiteral("function.yaml"),
                              QStringLiteral("handler.py")}));
    }

    void eachStateOfAFunctionHasItsOwnShape()
    {
        auto snapshot = test::recordedSnapshot("/shop");
        ExplorerModel model;
        model.setSnapshot(snapshot);
        QCOMPARE(stateOf(model, "checkout"), ExplorerModel::State::Failed);
        QCOMPARE(stateOf(model, "nightly-report"), ExplorerModel::State::Idle);
        QCOMPARE(stateOf(model, "resize"), ExplorerModel::State::Invalid);
        QCOMPARE(stateOf(model, "thumbnail"), ExplorerModel::State::Active);
    }

    void aProblemSaysItsPlace()
    {
        ExplorerModel model;
        model.setSnapshot(test::recordedSnapshot("/shop"));
        const QModelIndex problem = model.index(0, 0, model.indexOfFunction(QStringLiteral("resize")));
        QCOMPARE(problem.data(ExplorerModel::KindRole).value<ExplorerModel::Kind>(), ExplorerModel::Kind::Problem);
        QCOMPARE(problem.data(ExplorerModel::FileRole).toString(), QStringLiteral("functions/resize/function.yaml"));
        QCOMPARE(problem.data(ExplorerModel::LineRole).toInt(), 3);
    }

    void aScheduleShowsItsNextRun()
    {
        ExplorerModel model;
        model.setSnapshot(test::recordedSnapshot("/shop"));
        const QModelIndex schedule = model.indexOfTrigger(QStringLiteral("nightly-report"), 0);
        QCOMPARE(schedule.data(ExplorerModel::DetailRole).toString(), QStringLiteral("in 5 h"));
    }

    void aTriggerThatDoesNotWorkSaysSo()
    {
        auto snapshot = test::recordedSnapshot("/shop");
        snapshot->functions[0].triggers[0].problem = "port 7070 is in use";
        ExplorerModel model;
        model.setSnapshot(snapshot);
        const QModelIndex trigger = model.indexOfTrigger(QStringLiteral("checkout"), 0);
        QCOMPARE(trigger.data(ExplorerModel::DetailRole).toString(), QStringLiteral("not working"));
        QCOMPARE(trigger.data(Qt::ToolTipRole).toString(), QStringLiteral("port 7070 is in use"));
        QVERIFY(trigger.data(ExplorerModel::WarningRole).toBool());
    }

    void aNewFunctionIsOneNewRow()
    {
        ExplorerModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        auto snapshot = test::recordedSnapshot("/shop");
        model.setSnapshot(snapshot);
        const QPersistentModelIndex thumbnail = model.indexOfFunction(QStringLiteral("thumbnail"));
        const int row = thumbnail.row();
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);

        auto workspace = std::make_shared<WorkspaceView>(*snapshot->workspace);
        FunctionView made = workspace->functions[1];
        made.name = made.settings.name = "refund";
        workspace->functions.insert(workspace->functions.begin() + 2, made);
        auto next = std::make_shared<Snapshot>(*snapshot);
        next->workspace = workspace;
        FunctionLive idle;
        idle.name = "refund";
        next->functions.insert(next->functions.begin() + 2, idle);
        model.setSnapshot(next);

        QCOMPARE(resets.size(), 0);
        QVERIFY(thumbnail.isValid());
        QCOMPARE(thumbnail.row(), row + 1);
        QCOMPARE(thumbnail.data(ExplorerModel::DetailRole).toString(), QStringLiteral("3.1/s"));
    }

    void aFunctionThatIsGoneTakesItsRowsAlong()
    {
        ExplorerModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        auto snapshot = test::recordedSnapshot("/shop");
        model.setSnapshot(snapshot);
        auto workspace = std::make_shared<WorkspaceView>(*snapshot->workspace);
        workspace->functions.clear();
        auto next = std::make_shared<Snapshot>(*snapshot);
        next->workspace = workspace;
        next->functions.clear();
        model.setSnapshot(next);
        QVERIFY(!model.indexOfFunction(QStringLiteral("checkout")).isValid());
        const QModelIndex hint = model.index(0, 0, model.index(0, 0));
        QCOMPARE(hint.data(ExplorerModel::KindRole).value<ExplorerModel::Kind>(), ExplorerModel::Kind::Hint);
    }

    void manyFilesAreFolded()
    {
        auto snapshot = test::recordedSnapshot("/shop");
        auto workspace = std::make_shared<WorkspaceView>(*snapshot->workspace);
        for (int i = 0; i < 40; ++i)
            workspace->functions[0].files.push_back("part" + std::to_string(i) + ".py");
        snapshot->workspace = workspace;
        ExplorerModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setSnapshot(snapshot);
        const QModelIndex checkout = model.indexOfFunction(QStringLiteral("checkout"));
        const QModelIndex folder = model.index(model.rowCount(checkout) - 1, 0, checkout);
        QCOMPARE(folder.data(ExplorerModel::KindRole).value<ExplorerModel::Kind>(), ExplorerModel::Kind::Folder);
        QCOMPARE(model.rowCount(folder), 42);
    }

private:
    static QStringList rowsOf(const ExplorerModel &model, const QModelIndex &parent)
    {
        QStringList rows;
        for (int i = 0; i < model.rowCount(parent); ++i)
            rows << model.index(i, 0, parent).data().toString();
        return rows;
    }

    static ExplorerModel::State stateOf(const ExplorerModel &model, const char *function)
    {
        return model.indexOfFunction(QString::fromLatin1(function))
            .data(ExplorerModel::StateRole)
            .value<ExplorerModel::State>();
    }
};

QTEST_GUILESS_MAIN(tst_ExplorerModel)
#include "tst_explorer_model.moc"
