// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/cpu_timer.h"
#include "tests/ui/panes/recording.h"
#include "ui/models/invocation_model.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/function_picker.h"
#include "ui/panes/invocations_pane.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_InvocationsPane : public QObject
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
        m_pane = std::make_unique<InvocationsPane>();
        m_pane->resize(1280, 400);
        m_pane->show();
        m_pane->activateWindow(); // shortcuts need the focus
        QVERIFY(QTest::qWaitForWindowActive(m_pane.get()));
        m_table = m_pane->findChild<QTableView *>(QStringLiteral("invocations"));
        m_model = qobject_cast<InvocationModel *>(m_table->model());
    }

    void emptySaysWhatWouldBeHere()
    {
        m_pane->setSnapshot(m_recording->snapshot());
        auto *hint = m_pane->findChild<EmptyHint *>();
        QVERIFY(hint->isVisible());
        QVERIFY(!hint->title().isEmpty());
        more(1);
        QVERIFY(!hint->isVisible());
    }

    void followsWhileAtTheTop()
    {
        more(500);
        more(300);
        QCOMPARE(m_table->rowAt(0), 0);
        QVERIFY(!newer()->isVisible());
        QCOMPARE(m_model->rowCount(), 800);
    }

    void aScrolledTableKeepsItsPlaceAndCountsWhatIsNew()
    {
        more(500);
        QTest::keyClick(m_table, Qt::Key_PageDown);
        m_table->verticalScrollBar()->setValue(100);
        const InvocationPtr top = m_model->at(m_table->rowAt(0));
        more(300);
        more(20);
        QCOMPARE(m_model->at(m_table->rowAt(0)), top);
        QVERIFY(newer()->isVisible());
        QCOMPARE(newer()->text(), QStringLiteral("320 new"));
        QTest::mouseClick(newer(), Qt::LeftButton);
        QCOMPARE(m_table->rowAt(0), 0);
        QVERIFY(!newer()->isVisible());
    }

    void aSelectedRowStaysUnderTheHand()
    {
        more(500);
        click(3);
        const InvocationPtr chosen = m_model->at(m_table->currentIndex().row());
        const int y = m_table->visualRect(m_table->currentIndex()).y();
        more(300);
        QCOMPARE(m_model->at(m_table->currentIndex().row()), chosen);
        QCOMPARE(m_table->visualRect(m_table->currentIndex()).y(), y);
    }

    void aSortedTableKeepsTheSelectedRow()
    {
        more(2000);
        QTest::mouseClick(m_table->horizontalHeader()->viewport(), Qt::LeftButton, {},
                          headerPoint(InvocationModel::DurationColumn));
        QVERIFY(!m_model->sortedByTime());
        m_table->verticalScrollBar()->setValue(600);
        click(4);
        const InvocationPtr chosen = m_model->at(m_table->currentIndex().row());
        const int y = m_table->visualRect(m_table->currentIndex()).y();
        more(900);
        QTRY_COMPARE(m_model->rowCount(), 2900); // merged after a while
        QCOMPARE(m_model->at(m_table->currentIndex().row()), chosen);
        QCOMPARE(m_table->visualRect(m_table->currentIndex()).y(), y);
        QCOMPARE(m_table->selectionModel()->selectedRows().size(), 1);
    }

    void hiddenItOnlyKeepsTheSnapshot()
    {
        m_pane->hide();
        more(200);
        QCOMPARE(m_model->rowCount(), 0);
        m_pane->show();
        QCOMPARE(m_model->rowCount(), 200);
    }

    void typingFilters()
    {
        more(1000);
        auto *text = m_pane->findChild<QLineEdit *>();
        QTest::keyClicks(text, QStringLiteral("keyerror"));
        QTRY_VERIFY(m_model->rowCount() > 0 && m_model->rowCount() < 100);
        QTest::keyClicks(text, QStringLiteral("zzz"));
        QTRY_COMPARE(m_model->rowCount(), 0);
        auto *hint = m_pane->findChild<EmptyHint *>();
        QVERIFY(hint->isVisible());
        QTest::mouseClick(hint->findChild<QPushButton *>(), Qt::LeftButton);
        QCOMPARE(m_model->rowCount(), 1000);
    }

    void functionAndOutcomeFilter()
    {
        more(1000);
        m_pane->setFunctionFilter(QStringLiteral("thumbnail"));
        QVERIFY(m_model->rowCount() > 0 && m_model->rowCount() < 400);
        const auto boxes = m_pane->findChildren<QComboBox *>();
        QVERIFY(boxes.size() >= 3);
        QTest::keyClick(boxes[1], Qt::Key_Down); // any outcome → errors and throttled
        for (int row = 0; row < m_model->rowCount(); ++row) {
            const Outcome outcome = m_model->at(row)->outcome;
            QVERIFY(isError(outcome) || outcome == Outcome::Throttled);
        }
    }

    void enterAndDoubleClickOpen()
    {
        QSignalSpy opened(m_pane.get(), &InvocationsPane::invocationActivated);
        more(50);
        click(2);
        QTest::keyClick(m_table, Qt::Key_Return);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened[0][0].value<InvocationPtr>(), m_model->at(2));
        const QPoint at = m_table->visualRect(m_model->index(4, 1)).center();
        QTest::mouseClick(m_table->viewport(), Qt::LeftButton, {}, at);
        QTest::mouseDClick(m_table->viewport(), Qt::LeftButton, {}, at);
        QCOMPARE(opened.count(), 2);
        QCOMPARE(opened[1][0].value<InvocationPtr>(), m_model->at(4));
    }

    void copiesExactValues()
    {
        more(50);
        click(1);
        QTest::keyClick(m_table, Qt::Key_Down, Qt::ShiftModifier);
        QTest::keySequence(m_table, QKeySequence(QKeySequence::Copy));
        const QStringList lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 2);
        QVERIFY(lines[0].contains(QString::fromStdString(m_model->at(1)->id.text())));
        QCOMPARE(lines[0].count(QLatin1Char('\t')), int(InvocationModel::ColumnCount) - 1);
    }

    void theMenuFiresAgain()
    {
        more(5);
        QSignalSpy fired(m_pane.get(), &InvocationsPane::fireAgainRequested);
        click(0);
        for (QAction *action : m_table->actions()) {
            if (action->text() == QStringLiteral("Fire again"))
                action->trigger();
        }
        QCOMPARE(fired.count(), 1);
        QCOMPARE(fired[0][0].value<InvocationPtr>(), m_model->at(0));
    }

    void olderOnesAreAskedForAndShown()
    {
        Recording history;
        history.addInvocations(40);
        std::vector<InvocationPtr> older;
        history.snapshot()->invocations.since(0, [&](const InvocationPtr &i) { older.insert(older.begin(), i); });
        m_recording->pass(std::chrono::hours(1));
        more(10);
        QSignalSpy asked(m_pane.get(), &InvocationsPane::olderRequested);
        QTest::mouseClick(olderButton(), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        const auto query = asked[0][0].value<InvocationQuery>();
        QVERIFY(query.until && *query.until > m_model->at(9)->accepted);
        QVERIFY(!olderButton()->isEnabled());
        m_pane->showOlder(query, std::nullopt); // it did not work; that is no end of history
        QVERIFY(olderButton()->isEnabled());
        QTest::mouseClick(olderButton(), Qt::LeftButton);
        m_pane->showOlder(query, older);
        QCOMPARE(m_model->rowCount(), 50);
        QCOMPARE(olderButton()->text(), QStringLiteral("Nothing older"));
        QVERIFY(!olderButton()->isEnabled());
    }

    void olderOnesAreSearchedUntilOnePassesTheFilter()
    {
        more(10);
        auto *text = m_pane->findChild<QLineEdit *>();
        QTest::keyClicks(text, QStringLiteral("unheard of"));
        QTRY_COMPARE(m_model->rowCount(), 0);
        Recording history;
        std::vector<InvocationPtr> all;
        for (int i = 0; i < 1800; ++i) {
            const auto made = history.invocation();
            made->accepted -= std::chrono::seconds(i);
            made->error = {"KeyError", i == 1700 ? "unheard of" : "'sku'", {}};
            all.push_back(made);
        }
        int asked = 0;
        connect(m_pane.get(), &InvocationsPane::olderRequested, this, [&](const InvocationQuery &query) {
            const std::size_t from = std::size_t(asked++ * query.limit);
            const std::size_t to = std::min(from + std::size_t(query.limit), all.size());
            std::vector<InvocationPtr> page(all.begin() + std::ptrdiff_t(from), all.begin() + std::ptrdiff_t(to));
            QMetaObject::invokeMethod(
                m_pane.get(), [this, query, page = std::move(page)] { m_pane->showOlder(query, page); },
                Qt::QueuedConnection);
        });
        QTest::mouseClick(olderButton(), Qt::LeftButton);
        QTRY_COMPARE(m_model->rowCount(), 1);
        QCOMPARE(asked, 4);
    }

    void whatWasRecordedBeforeIsThereByItself()
    {
        QSignalSpy asked(m_pane.get(), &InvocationsPane::olderRequested);
        m_recording->addInvocations(3);
        auto snapshot = std::make_shared<Snapshot>(*m_recording->snapshot());
        snapshot->engine.historyInvocations = 40;
        m_pane->setSnapshot(snapshot);
        m_pane->setSnapshot(snapshot);
        QCOMPARE(asked.count(), 1);
        const auto until = asked[0][0].value<InvocationQuery>().until;
        QVERIFY(until && *until > m_model->at(2)->accepted);
    }

    /// Prints what a snapshot and its painting cost; no number is asserted on a shared machine.
    void fifteenHundredRowsASnapshot()
    {
        more(10'000);
        std::vector<qint64> taken, painted;
        for (int i = 0; i < 20; ++i) {
            m_recording->addInvocations(1500);
            const SnapshotPtr snapshot = m_recording->snapshot();
            CpuTimer timer;
            timer.start();
            m_pane->setSnapshot(snapshot);
            taken.push_back(timer.nsecsElapsed());
            timer.start();
            m_table->viewport()->repaint();
            painted.push_back(timer.nsecsElapsed());
        }
        std::sort(taken.begin(), taken.end());
        std::sort(painted.begin(), painted.end());
        qInfo("setSnapshot with 1,500 new rows: median %.2f ms, most %.2f ms; painting: median %.2f ms",
              double(taken[10]) / 1e6, double(taken[19]) / 1e6, double(painted[10]) / 1e6);
        QCOMPARE(m_model->rowCount(), 10'000);
    }

private:
    void more(int count)
    {
        m_recording->addInvocations(count);
        m_pane->setSnapshot(m_recording->snapshot());
    }
    void click(int line)
    {
        const int row = m_table->rowAt(0) + line;
        QTest::mouseClick(m_table->viewport(), Qt::LeftButton, {},
                          m_table->visualRect(m_model->index(row, 1)).center());
    }
    QPoint headerPoint(int column) const
    {
        const auto *header = m_table->horizontalHeader();
        return {header->sectionViewportPosition(column) + header->sectionSize(column) / 2, header->height() / 2};
    }
    QPushButton *olderButton() const { return m_pane->findChild<QPushButton *>(QStringLiteral("older")); }
    QPushButton *newer() const
    {
        for (auto *button : m_pane->findChildren<QPushButton *>()) {
            if (button->text().endsWith(QStringLiteral(" new")))
                return button;
        }
        return nullptr;
    }

    std::unique_ptr<Recording> m_recording;
    std::unique_ptr<InvocationsPane> m_pane;
    QTableView *m_table = nullptr;
    InvocationModel *m_model = nullptr;
};

QTEST_MAIN(tst_InvocationsPane)
#include "tst_invocations_pane.moc"
