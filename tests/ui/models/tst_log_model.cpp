// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/cpu_timer.h"
#include "tests/ui/panes/recording.h"
#include "ui/models/log_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_LogModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsTheLastTwentyThousand()
    {
        Recording recording;
        LogModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        for (int i = 0; i < 15; ++i) {
            recording.addLogs(1500);
            model.append(recording.snapshot()->logs);
        }
        QCOMPARE(model.rowCount(), LogModel::bound);
        QCOMPARE(resets.count(), 0);
        recording.addLog(LogLevel::Info, "the end");
        const auto change = model.append(recording.snapshot()->logs);
        QCOMPARE(change.added, 1);
        QCOMPARE(change.removed, 1);
        QCOMPARE(model.at(model.rowCount() - 1).line.text, std::string("the end"));
    }

    void filtersByLevelFunctionAndText()
    {
        Recording recording;
        recording.addLog(LogLevel::System, "START RequestId: 1");
        recording.addLog(LogLevel::Debug, "Cache miss");
        recording.addLog(LogLevel::Error, "cache is gone", "thumbnail");
        LogModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.append(recording.snapshot()->logs);
        LogModel::Filter filter;
        filter.text = TextMatch::plain(QStringLiteral("CACHE"));
        model.setFilter(filter);
        QCOMPARE(model.rowCount(), 2);
        filter.least = LogLevel::Warn;
        model.setFilter(filter);
        QCOMPARE(model.rowCount(), 1);
        filter = {};
        filter.system = false;
        model.setFilter(filter);
        QCOMPARE(model.rowCount(), 2);
        filter.function = "thumbnail";
        model.setFilter(filter);
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.at(0).line.text, std::string("cache is gone"));
    }

    void anExpressionThatIsWrongSaysWhere()
    {
        const auto match = TextMatch::regex(QStringLiteral("a(b"));
        QVERIFY(!match);
        QVERIFY(!match.error().message.empty());
        QVERIFY(QString::fromStdString(match.error().place).startsWith(QStringLiteral("character ")));
        QVERIFY(TextMatch::regex(QStringLiteral("^sku \\d+$"))->matches("SKU 12"));
    }

    void aRunawayExpressionIsGivenUp()
    {
        const auto match = TextMatch::regex(QStringLiteral("(x+x+)+(y|z)"));
        QVERIFY(match.has_value());
        CpuTimer timer;
        timer.start();
        QVERIFY(!match->matches(std::string(5000, 'x')));
        qInfo("given up after %.1f ms", double(timer.nsecsElapsed()) / 1e6);
    }

    void copiesWholeLinesHoweverLong()
    {
        Recording recording;
        recording.addLog(LogLevel::Warn, std::string(5000, 'a'));
        LogModel model;
        model.append(recording.snapshot()->logs);
        const QModelIndex text = model.index(0, LogModel::TextColumn);
        QVERIFY(text.data().toString().size() <= 1000);
        QCOMPARE(text.data(LogModel::EntryRole).toString().size(), 5000);
        const QString copied = text.data(LogModel::ExactRole).toString();
        QVERIFY(copied.startsWith(QStringLiteral("2026-01-01T00:00:00.000Z\tWARN\tcheckout\taaa")));
    }

    void fifteenHundredLinesASnapshot()
    {
        Recording recording;
        recording.addLogs(20'000);
        LogModel model;
        model.append(recording.snapshot()->logs);
        std::vector<qint64> costs;
        for (int i = 0; i < 20; ++i) {
            recording.addLogs(1500);
            const SnapshotPtr snapshot = recording.snapshot();
            CpuTimer timer;
            timer.start();
            QCOMPARE(model.append(snapshot->logs).added, 1500);
            costs.push_back(timer.nsecsElapsed());
        }
        std::sort(costs.begin(), costs.end());
        qInfo("1,500 lines into 20,000: median %.2f ms, most %.2f ms", double(costs[10]) / 1e6,
              double(costs[19]) / 1e6);
        QCOMPARE(model.rowCount(), LogModel::bound);
    }
};

QTEST_GUILESS_MAIN(tst_LogModel)
#include "tst_log_model.moc"
