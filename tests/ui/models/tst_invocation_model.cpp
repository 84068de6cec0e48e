// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/cpu_timer.h"
#include "tests/ui/panes/recording.h"
#include "ui/models/invocation_model.h"
#include "ui/models/invocation_text.h"

#include <QAbstractItemModelTester>
#include <QLocale>
#include <QSet>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <random>

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
        const std::vector<InvocationPtr> older = recorded(history, 30);
        Recording recording;
        recording.pass(std::chrono::seconds(10));
        recording.addInvocations(10);
        recording.addInvocation(older.front());
        InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.append(recording.snapshot()->invocations);
        QCOMPARE(model.addFromHistory(older).rows, 29);
        QCOMPARE(model.addFromHistory(older).rows, 0);
        QCOMPARE(model.rowCount(), 40);
        QCOMPARE(model.at(39), older.back());
        recording.addInvocations(3);
        QCOMPARE(model.append(recording.snapshot()->invocations), 3);
    }

    void historyIsReadToItsEnd_data()
    {
        QTest::addColumn<int>("live");
        QTest::addColumn<int>("column");
        QTest::addColumn<Qt::SortOrder>("order");
        QTest::newRow("after a restart") << 0 << int(InvocationModel::TimeColumn) << Qt::DescendingOrder;
        QTest::newRow("newest first") << 300 << int(InvocationModel::TimeColumn) << Qt::DescendingOrder;
        QTest::newRow("newest last") << 300 << int(InvocationModel::TimeColumn) << Qt::AscendingOrder;
        QTest::newRow("by duration") << 300 << int(InvocationModel::DurationColumn) << Qt::DescendingOrder;
    }

    /// A hand that changes the filter and asks for older ones at random, until all is there.
    void historyIsReadToItsEnd()
    {
        QFETCH(int, live);
        QFETCH(int, column);
        QFETCH(Qt::SortOrder, order);
        Recording recording;
        const std::vector<InvocationPtr> all = recorded(recording, 1500);
        Feed<InvocationPtr> feed; // the last ones ran in this engine
        if (live > 0) {
            auto chunk = std::make_shared<Feed<InvocationPtr>::Chunk>();
            chunk->first = 900; // of what came before no more is in the feed
            chunk->items.assign(all.rbegin(), all.rend());
            std::stable_sort(chunk->items.begin(), chunk->items.end(),
                             [](const auto &a, const auto &b) { return endOf(*a) < endOf(*b); });
            chunk->items.erase(chunk->items.begin(), chunk->items.end() - live);
            feed.chunks.push_back(chunk);
        }
        InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.sort(column, order);
        if (live > 0)
            model.append(feed);
        std::mt19937 random(7);
        for (int step = 0; step < 60; ++step) {
            InvocationModel::Filter filter;
            if (random() % 2)
                filter.function = random() % 2 ? "checkout" : "thumbnail";
            filter.errorsOnly = random() % 3 == 0;
            if (random() % 3 == 0)
                filter.text = TextMatch::plain(QStringLiteral("key"));
            model.setFilter(filter);
            for (auto clicks = random() % 4; clicks > 0; --clicks) {
                const InvocationQuery query = model.olderQuery(100);
                const std::vector<InvocationPtr> found = answer(all, query);
                QVERIFY(found.size() <= 100);
                model.addOlder(query, found);
            }
        }
        model.setFilter({});
        for (int asked = 0; !model.atEndOfHistory(); ++asked) {
            QVERIFY(asked < 100);
            const InvocationQuery query = model.olderQuery(100);
            model.addOlder(query, answer(all, query));
        }
        QCOMPARE(model.rowCount(), 1500);
        QSet<QString> ids;
        for (int row = 0; row < model.rowCount(); ++row)
            ids.insert(QString::fromStdString(model.at(row)->id.text()));
        QCOMPARE(ids.size(), 1500);
        model.sort(InvocationModel::TimeColumn, Qt::DescendingOrder);
        for (int row = 1; row < model.rowCount(); ++row)
            QVERIFY(endOf(*model.at(row - 1)) >= endOf(*model.at(row)));
    }

    void anAnswerForAnotherFilterDoesNotEndTheSearch()
    {
        Recording recording;
        const std::vector<InvocationPtr> all = recorded(recording, 1000);
        InvocationModel model;
        InvocationModel::Filter filter;
        filter.function = "nightly-report";
        model.setFilter(filter);
        const InvocationQuery late = model.olderQuery(500);
        model.setFilter({});
        model.addOlder(late, answer(all, late)); // fewer than asked for: all of that function
        QVERIFY(!model.atEndOfHistory());
        const InvocationQuery query = model.olderQuery(2000);
        model.addOlder(query, answer(all, query));
        QVERIFY(model.atEndOfHistory());
        QCOMPARE(model.rowCount(), 1000);
    }

    void whatTheFilterHidesMakesRoom()
    {
        Recording recording;
        const std::vector<InvocationPtr> all = recorded(recording, 30'000);
        InvocationModel model;
        const auto load = [&] {
            const InvocationQuery query = model.olderQuery(5000);
            model.addOlder(query, answer(all, query));
        };
        for (int i = 0; i < 6; ++i)
            load();
        QCOMPARE(model.rowCount(), int(InvocationModel::heldBound));
        QVERIFY(!model.hasRoom() && !model.atEndOfHistory());
        WallTime oldest = WallTime::max();
        for (int row = 0; row < model.rowCount(); ++row)
            oldest = std::min(oldest, model.at(row)->accepted);
        QCOMPARE(oldest, all[InvocationModel::heldBound - 1]->accepted); // the newest are those held
        InvocationModel::Filter filter;
        filter.function = "nightly-report";
        model.setFilter(filter);
        QVERIFY(model.hasRoom());
        for (int i = 0; i < 6 && !model.atEndOfHistory(); ++i)
            load();
        QVERIFY(model.atEndOfHistory());
        const auto count = std::count_if(all.begin(), all.end(), [](const InvocationPtr &i) {
            return i->revision->settings.name == "nightly-report";
        });
        QCOMPARE(model.rowCount(), int(count));
    }

    /// A hidden pane that misses more than the feed holds shows no row below the gap as the next one.
    void whatTheFeedLostIsAskedForFirst()
    {
        Recording recording;
        recording.addInvocations(50);
        InvocationModel model;
        model.append(recording.snapshot()->invocations);
        model.setBound(InvocationModel::heldBound);
        for (int i = 0; i < 13; ++i)
            recording.addInvocations(1000);
        const Feed<InvocationPtr> feed = recording.snapshot()->invocations;
        QVERIFY(feed.chunks.front()->first > 50);
        model.append(feed);
        const InvocationPtr first = feed.chunks.front()->items.front();
        const auto until = model.olderQuery(100).until;
        QVERIFY(until && *until > endOf(*first) && *until < endOf(*first) + std::chrono::seconds(1));
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

private:
    /// As history answers: the last accepted first.
    static std::vector<InvocationPtr> recorded(Recording &recording, int count)
    {
        std::vector<InvocationPtr> all;
        for (int i = 0; i < count; ++i) {
            if (i % 4 == 0) // four of the same moment
                recording.pass(std::chrono::microseconds(1700));
            all.push_back(recording.invocation());
        }
        std::reverse(all.begin(), all.end());
        return all;
    }

    static std::vector<InvocationPtr> answer(const std::vector<InvocationPtr> &all, const InvocationQuery &query)
    {
        std::vector<InvocationPtr> found;
        for (const InvocationPtr &each : all) {
            const bool wrong = isError(each->outcome) || each->outcome == Outcome::Throttled;
            if ((query.function.empty() || each->revision->settings.name == query.function) &&
                (!query.errorsOnly || wrong) && (!query.until || each->accepted < *query.until) &&
                int(found.size()) < query.limit)
                found.push_back(each);
        }
        return found;
    }
};

QTEST_GUILESS_MAIN(tst_InvocationModel)
#include "tst_invocation_model.moc"
