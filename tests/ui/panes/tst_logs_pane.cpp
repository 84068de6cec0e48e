// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/cpu_timer.h"
#include "tests/ui/panes/recording.h"
#include "ui/models/log_model.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/log_table.h"
#include "ui/panes/logs_pane.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

class tst_LogsPane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark); }

    void init()
    {
        m_recording = std::make_unique<Recording>();
        m_pane = std::make_unique<LogsPane>();
        m_pane->resize(1000, 400);
        m_pane->show();
        m_pane->activateWindow(); // shortcuts need the focus
        QVERIFY(QTest::qWaitForWindowActive(m_pane.get()));
        more(200);
        m_table = nullptr;
        for (auto *table : m_pane->findChildren<LogTable *>()) {
            if (table->isVisible())
                m_table = table;
        }
        QVERIFY(m_table);
        m_model = qobject_cast<LogModel *>(m_table->model());
    }

    void followsTheEnd()
    {
        more(300);
        QVERIFY(m_table->atEnd());
        QVERIFY(follow()->isChecked());
    }

    void scrollingStopsFollowingAndEndResumes()
    {
        QTest::keyClick(m_table, Qt::Key_PageUp);
        m_table->verticalScrollBar()->setValue(50);
        QVERIFY(!follow()->isChecked());
        const int top = m_table->rowAt(0);
        more(300);
        QCOMPARE(m_table->rowAt(0), top);
        QTest::keyClick(m_table, Qt::Key_End);
        QVERIFY(follow()->isChecked());
        QVERIFY(m_table->atEnd());
        QTest::mouseClick(follow(), Qt::LeftButton);
        QVERIFY(!follow()->isChecked());
        QTest::mouseClick(follow(), Qt::LeftButton);
        QVERIFY(follow()->isChecked());
    }

    void whatIsReadStaysWhenTheOldestGo()
    {
        more(LogModel::bound - 200);
        m_table->verticalScrollBar()->setValue(5000);
        const LogEntry read = m_model->at(m_table->rowAt(0));
        more(1500);
        QCOMPARE(m_model->rowCount(), LogModel::bound);
        QCOMPARE(m_model->at(m_table->rowAt(0)).line.text, read.line.text);
    }

    void aBadExpressionIsToldInPlaceAndTheLastGoodOneStays()
    {
        auto *text = m_pane->findChild<QLineEdit *>();
        QTest::mouseClick(button(QStringLiteral(".*")), Qt::LeftButton);
        QTest::keyClicks(text, QStringLiteral("sku \\d{4}"));
        QTRY_VERIFY(m_model->rowCount() > 0 && m_model->rowCount() < 50);
        const int shown = m_model->rowCount();
        QTest::keyClicks(text, QStringLiteral("("));
        QTRY_VERIFY(text->property("invalid").toBool());
        QCOMPARE(m_model->rowCount(), shown);
        bool told = false;
        for (const auto *label : m_pane->findChildren<QLabel *>())
            told = told ||
                   (label->isVisible() && label->text().startsWith(QStringLiteral("Regular expression, character")));
        QVERIFY(told);
        QTest::keyClick(text, Qt::Key_Backspace);
        QTRY_VERIFY(!text->property("invalid").toBool());
    }

    void aSelectedLineIsShownWholeAndOpensItsInvocation()
    {
        const auto id = Uuid::next(m_recording->now());
        m_recording->addLog(LogLevel::Error, std::string(3000, 'e') + " end", "checkout", id);
        m_pane->setSnapshot(m_recording->snapshot());
        QSignalSpy wished(m_pane.get(), &LogsPane::invocationRequested);
        const QRect last = m_table->visualRect(m_model->index(m_model->rowCount() - 1, LogModel::TextColumn));
        QTest::mouseClick(m_table->viewport(), Qt::LeftButton, {}, last.topLeft() + QPoint(20, 4));
        auto *detail = m_pane->findChild<QPlainTextEdit *>();
        QVERIFY(detail->isVisible());
        QVERIFY(detail->toPlainText().endsWith(QStringLiteral(" end")));
        QVERIFY(!follow()->isChecked()); // what is read must not run away
        QTest::keyClick(m_table, Qt::Key_Return);
        QCOMPARE(wished.count(), 1);
        QCOMPARE(wished[0][0].value<Uuid>(), id);
        QTest::keySequence(m_table, QKeySequence(QKeySequence::Copy));
        QVERIFY(QGuiApplication::clipboard()->text().endsWith(QStringLiteral(" end")));
    }

    void theFocusAloneChoosesNoLine()
    {
        more(500);
        m_table->setFocus();
        QVERIFY(follow()->isChecked());
        QVERIFY(!m_pane->findChild<QPlainTextEdit *>()->isVisible());
        QTest::keyClick(m_table, Qt::Key_Down); // an arrow does
        QVERIFY(!follow()->isChecked());
        QVERIFY(m_pane->findChild<QPlainTextEdit *>()->isVisible());
    }

    void linesOfAnEarlierStartAreOffered()
    {
        LogsPane pane;
        Recording nothingYet;
        auto snapshot = std::make_shared<Snapshot>(*nothingYet.snapshot());
        snapshot->engine.historyInvocations = 3;
        pane.setSnapshot(snapshot);
        pane.show();
        QSignalSpy asked(&pane, &LogsPane::searchRequested);
        QTest::mouseClick(pane.findChild<EmptyHint *>()->findChild<QPushButton *>(), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
    }

    void historyIsAskedForAndShownApart()
    {
        QSignalSpy asked(m_pane.get(), &LogsPane::searchRequested);
        m_pane->setFunctionFilter(QStringLiteral("checkout"));
        auto *text = m_pane->findChild<QLineEdit *>();
        QTest::keyClicks(text, QStringLiteral("order"));
        QTest::keyClick(text, Qt::Key_Return);
        QCOMPARE(asked.count(), 1);
        const auto query = asked[0][0].value<LogQuery>();
        QCOMPARE(query.grep, std::string("order"));
        QCOMPARE(query.function, std::string("checkout"));
        std::vector<LogEntry> found;
        for (int i = 5; i > 0; --i) // newest first, as history answers
            found.push_back(
                {{m_recording->now() - std::chrono::hours(6 - i), LogLevel::Info, "order " + std::to_string(i)},
                 "checkout",
                 {}});
        m_pane->showFound(found);
        LogTable *shown = nullptr;
        for (auto *table : m_pane->findChildren<LogTable *>()) {
            if (table->isVisible())
                shown = table;
        }
        QVERIFY(shown && shown != m_table);
        QCOMPARE(shown->model()->rowCount(), 5);
        QCOMPARE(shown->model()->index(0, LogModel::TextColumn).data().toString(), QStringLiteral("order 1"));
        more(10); // live goes on behind
        QVERIFY(shown->isVisible());
        for (auto *back : m_pane->findChildren<QPushButton *>()) {
            if (back->text() == QStringLiteral("Back to live"))
                QTest::mouseClick(back, Qt::LeftButton);
        }
        QVERIFY(m_table->isVisible());
        QVERIFY(follow()->isChecked());
    }

    void fifteenHundredLinesASnapshot()
    {
        more(20'000);
        std::vector<qint64> taken;
        for (int i = 0; i < 20; ++i) {
            m_recording->addLogs(1500);
            const SnapshotPtr snapshot = m_recording->snapshot();
            CpuTimer timer;
            timer.start();
            m_pane->setSnapshot(snapshot);
            taken.push_back(timer.nsecsElapsed());
            m_table->viewport()->repaint();
        }
        std::sort(taken.begin(), taken.end());
        qInfo("setSnapshot with 1,500 new lines: median %.2f ms, most %.2f ms", double(taken[10]) / 1e6,
              double(taken[19]) / 1e6);
        QCOMPARE(m_model->rowCount(), LogModel::bound);
    }

private:
    void more(int count)
    {
        m_recording->addLogs(count);
        m_pane->setSnapshot(m_recording->snapshot());
    }
    QToolButton *button(const QString &text) const
    {
        for (auto *candidate : m_pane->findChildren<QToolButton *>()) {
            if (candidate->text() == text)
                return candidate;
        }
        return nullptr;
    }
    QToolButton *follow() const { return button(QStringLiteral("Follow")); }

    std::unique_ptr<Recording> m_recording;
    std::unique_ptr<LogsPane> m_pane;
    LogTable *m_table = nullptr;
    LogModel *m_model = nullptr;
};

QTEST_MAIN(tst_LogsPane)
#include "tst_logs_pane.moc"
