// SPDX-License-Identifier: GPL-3.0-or-later
// What ran in earlier sessions, looked through in the window: a few thousand invocations recorded by a real engine.
#include "tests/e2e/workbench.h"
#include "ui/models/invocation_model.h"
#include "ui/models/invocation_text.h"
#include "ui/panes/function_picker.h"
#include "ui/panes/invocations_pane.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>
#include <QTest>

#include <algorithm>
#include <latch>
#include <set>

using namespace kiln;

static constexpr int bound = 20'000; // ms

class tst_History : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Three engines one after another, as on three days.
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ui::ThemeSwitch::instance().apply(ui::ThemeSwitch::Choice::Dark);
        m_bench = std::make_unique<test::Workbench>();
        test::EngineHarness &workspace = m_bench->workspace();
        workspace.addPython("often", "def handler(event, context):\n    return event['x']\n",
                            "concurrency: {max: 4}\n");
        workspace.addPython("seldom", "def handler(event, context):\n    return 1\n");
        for (int session = 0; session < 3; ++session) {
            const std::string problem = workspace.open();
            QVERIFY2(problem.empty(), problem.c_str());
            for (int i = 0; i < 30; ++i) {
                fireMany("often", 40, i % 10 == 0 ? "{}" : R"({"x": 1})"); // KeyError without x
                fireMany("seldom", 1, "{}");
            }
            if (session == 2)
                m_recorded = *workspace.history({.limit = 100'000});
            workspace.close();
        }
        QCOMPARE(m_recorded.size(), std::size_t(3 * 30 * 41));
        std::sort(m_recorded.begin(), m_recorded.end(), [](const InvocationPtr &a, const InvocationPtr &b) {
            const WallTime first = ui::endOf(*a), second = ui::endOf(*b);
            return first != second ? first > second : b->id < a->id;
        });
    }

    void init()
    {
        QCOMPARE(m_bench->open(), QString());
        QCOMPARE(m_bench->showPane("invocations", Qt::Key_5), QString());
        m_pane = m_bench->window().findChild<ui::InvocationsPane *>();
        m_table = m_pane->findChild<QTableView *>(QStringLiteral("invocations"));
        m_model = qobject_cast<ui::InvocationModel *>(m_table->model());
        m_older = m_pane->findChild<QPushButton *>(QStringLiteral("older"));
        // What was recorded before is there without being asked for.
        QTRY_COMPARE_WITH_TIMEOUT(m_model->rowCount(), 500, bound);
    }
    void cleanup() { QCOMPARE(m_bench->close(), QString()); }
    void cleanupTestCase()
    {
        m_bench.reset();
        QCOMPARE(test::EngineHarness::descendants(), 0);
    }

    void allPagesComeInOrderUntilTheEnd()
    {
        while (m_older->isEnabled()) {
            const int before = m_model->rowCount();
            QTest::mouseClick(m_older, Qt::LeftButton);
            QTRY_VERIFY_WITH_TIMEOUT(m_older->text() != QStringLiteral("Searching…"), bound);
            QVERIFY(m_model->rowCount() > before || !m_older->isEnabled());
            QVERIFY(m_model->rowCount() <= before + 500);
        }
        QCOMPARE(m_older->text(), QStringLiteral("Nothing older"));
        expectAll(m_recorded);
        QCOMPARE(countText(), QStringLiteral("3,690"));
        m_table->scrollToBottom();
        m_bench->picture("history-1-end");
    }

    void whatIsLookedAtStaysInItsPlace()
    {
        m_table->verticalScrollBar()->setValue(200);
        QTest::mouseClick(m_table->viewport(), Qt::LeftButton, {},
                          m_table->visualRect(m_model->index(203, 1)).center());
        const Uuid id = m_model->at(m_table->currentIndex().row())->id;
        const int y = m_table->visualRect(m_table->currentIndex()).y();
        for (int page = 2; page <= 4; ++page) {
            const int before = m_model->rowCount();
            QTest::mouseClick(m_older, Qt::LeftButton);
            QTRY_VERIFY_WITH_TIMEOUT(m_model->rowCount() > before, bound);
            QCOMPARE(m_model->at(m_table->currentIndex().row())->id, id);
            QCOMPARE(m_table->visualRect(m_table->currentIndex()).y(), y);
            QCOMPARE(m_table->selectionModel()->selectedRows().size(), 1);
        }
        m_table->sortByColumn(ui::InvocationModel::DurationColumn, Qt::DescendingOrder);
        QTest::mouseClick(m_older, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_model->rowCount() > 2000, bound);
        QCOMPARE(m_model->at(m_table->currentIndex().row())->id, id);
        for (int row = 1; row < m_model->rowCount(); ++row)
            QVERIFY(m_model->at(row - 1)->phases.total() >= m_model->at(row)->phases.total());
        m_table->sortByColumn(ui::InvocationModel::TimeColumn, Qt::DescendingOrder);
    }

    void theFilterHoldsAndLeavesNoGap()
    {
        auto *function = m_pane->findChild<ui::FunctionPicker *>();
        QTest::keyClicks(function, QStringLiteral("seldom"));
        QCOMPARE(function->function(), QStringLiteral("seldom"));
        loadAll();
        expectAll(those([](const Invocation &i) { return i.revision->settings.name == "seldom"; }));
        QCOMPARE(m_model->rowCount(), 90);

        QTest::keyClick(function, Qt::Key_Home);
        QCOMPARE(function->function(), QString());
        QComboBox *outcome = nullptr;
        for (QComboBox *box : m_pane->findChildren<QComboBox *>()) {
            if (box->accessibleName() == QStringLiteral("Outcome"))
                outcome = box;
        }
        QTest::keyClick(outcome, Qt::Key_Down); // errors and throttled
        loadAll();
        expectAll(those([](const Invocation &i) { return i.outcome != Outcome::Ok; }));
        QCOMPARE(m_model->rowCount(), 3 * 3 * 40);
        m_bench->picture("history-2-errors");

        QTest::keyClick(outcome, Qt::Key_Home);
        loadAll();
        expectAll(m_recorded);
    }

    /// A row of history comes without its bytes; what is done with it finds them.
    void anOldOneIsFiredAgainWithItsEvent()
    {
        int row = 0;
        while (m_model->at(row)->outcome != Outcome::Ok || m_model->at(row)->revision->settings.name != "often")
            ++row;
        m_table->selectRow(row);
        for (QAction *action : m_table->actions()) {
            if (action->text() == QStringLiteral("Fire again"))
                action->trigger();
        }
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->outcome(), QStringLiteral("OK"), bound);
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->snapshot()->invocations.end(), std::uint64_t(1), bound);
        QCOMPARE(*m_bench->snapshot()->invocations.chunks.front()->items.front()->event.data,
                 std::string(R"({"x": 1})"));
    }

private:
    void fireMany(const char *function, int count, const char *data)
    {
        std::latch answered(count);
        for (int i = 0; i < count; ++i)
            m_bench->workspace().engine().fire({.function = function, .data = data},
                                               [&](const Result<InvocationPtr> &) { answered.count_down(); });
        answered.wait();
    }

    std::vector<InvocationPtr> those(const std::function<bool(const Invocation &)> &fits) const
    {
        std::vector<InvocationPtr> found;
        std::copy_if(m_recorded.begin(), m_recorded.end(), std::back_inserter(found),
                     [&](const InvocationPtr &each) { return fits(*each); });
        return found;
    }

    void loadAll()
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_older->text() != QStringLiteral("Searching…"), bound);
        while (m_older->isEnabled()) {
            QTest::mouseClick(m_older, Qt::LeftButton);
            QTRY_VERIFY_WITH_TIMEOUT(m_older->text() != QStringLiteral("Searching…"), bound);
        }
    }

    void expectAll(const std::vector<InvocationPtr> &wanted)
    {
        QCOMPARE(m_model->rowCount(), int(wanted.size()));
        for (int row = 0; row < m_model->rowCount(); ++row)
            QVERIFY2(m_model->at(row)->id == wanted[std::size_t(row)]->id, qPrintable(QString::number(row)));
    }

    QString countText() const
    {
        const auto labels = m_pane->findChildren<QLabel *>(QStringLiteral("count"));
        return labels.isEmpty() ? QString() : labels.front()->text();
    }

    std::unique_ptr<test::Workbench> m_bench;
    std::vector<InvocationPtr> m_recorded; ///< As the table has them: the last that ended first.
    ui::InvocationsPane *m_pane = nullptr;
    QTableView *m_table = nullptr;
    ui::InvocationModel *m_model = nullptr;
    QPushButton *m_older = nullptr;
};

QTEST_MAIN(tst_History)
#include "tst_history.moc"
