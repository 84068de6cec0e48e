// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/recording.h"
#include "ui/charts/worker_chart.h"
#include "ui/models/scale_model.h"
#include "ui/models/worker_model.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/error_card.h"
#include "ui/panes/invocation_view.h"
#include "ui/panes/log_table.h"
#include "ui/panes/payload_view.h"
#include "ui/panes/result_pane.h"
#include "ui/panes/summary_strip.h"
#include "ui/panes/workers_pane.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QTreeView>
#include <QTreeWidget>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

/// Result, invocation document and workers, driven as by hand.
class tst_ResultPane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
    }

    void emptySaysHowToGetAResult()
    {
        ResultPane pane;
        pane.show();
        const auto *hint = pane.findChild<EmptyHint *>();
        QVERIFY(hint->isVisible());
        QVERIFY(hint->accessibleDescription().contains(QStringLiteral("Ctrl+Enter")));
        pane.showRunning(QStringLiteral("checkout"));
        QCOMPARE(hint->title(), QStringLiteral("Running checkout"));
        pane.showError(QStringLiteral("no such function"));
        QCOMPARE(hint->accessibleDescription(), QStringLiteral("no such function"));
        pane.showResult(made());
        QVERIFY(!hint->isVisible());
        pane.clear();
        QVERIFY(hint->isVisible());
    }

    void anHttpAnswerIsShownAsSuch()
    {
        ResultPane pane;
        pane.resize(1200, 320);
        pane.show();
        pane.showResult(made());
        auto *payload = pane.findChild<PayloadView *>();
        QCOMPARE(payload->tabText(payload->currentIndex()), QStringLiteral("HTTP"));
        QCOMPARE(payload->findChild<QTreeWidget *>()->topLevelItemCount(), 1);
        QVERIFY(shownText(*payload).contains(QStringLiteral("\"id\": \"5f0c\"")));
        auto plain = made();
        plain->response = payload_("[1, 2.50]");
        pane.showResult(plain);
        QCOMPARE(payload->count(), 2);
        QCOMPARE(payload->tabText(payload->currentIndex()), QStringLiteral("Tree"));
        plain = made();
        plain->response = payload_("not json");
        pane.showResult(plain);
        QCOMPARE(payload->tabText(payload->currentIndex()), QStringLiteral("Raw"));
        QCOMPARE(shownText(*payload), QStringLiteral("not json"));
        pane.showResult(made());
        QCOMPARE(payload->count(), 3);
    }

    void rawIsPrettyOrExactAndCopiedExact()
    {
        PayloadView view(PayloadView::Reading::Plain);
        view.resize(500, 300);
        view.show();
        view.setPayload(payload_("{\"a\":1.50}"));
        view.setCurrentIndex(1);
        QCOMPARE(shownText(view), QStringLiteral("{\n    \"a\": 1.50\n}"));
        QToolButton *exact = nullptr, *copy = nullptr;
        for (auto *button : view.findChildren<QToolButton *>()) {
            exact = button->text() == QStringLiteral("Exact") ? button : exact;
            copy = button->accessibleName() == QStringLiteral("Copy payload") ? button : copy;
        }
        QTest::mouseClick(exact, Qt::LeftButton);
        QCOMPARE(shownText(view), QStringLiteral("{\"a\":1.50}"));
        const std::string large = "\"" + std::string(5'000'000, 'x') + "\"";
        view.setPayload(payload_(large));
        QVERIFY(shownText(view).size() < 300'000);
        QTest::mouseClick(copy, Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text().size(), qsizetype(large.size()));
    }

    void treeValuesAreCopiedByKey()
    {
        PayloadView view(PayloadView::Reading::Plain);
        view.show();
        view.activateWindow(); // shortcuts need the focus
        QVERIFY(QTest::qWaitForWindowActive(&view));
        view.setPayload(payload_("{\"name\": \"a\\nb\", \"n\": 1.50}"));
        auto *tree = view.findChild<QTreeView *>();
        tree->setFocus();
        tree->setCurrentIndex(tree->model()->index(0, 0));
        QTest::keySequence(tree, QKeySequence(QKeySequence::Copy));
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("a\nb"));
        QTest::keyClick(tree, Qt::Key_Down);
        QTest::keySequence(tree, QKeySequence(QKeySequence::Copy));
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("1.50"));
    }

    void anErrorLeadsToItsLines()
    {
        ResultPane pane;
        pane.resize(1200, 400);
        pane.show();
        auto bad = made();
        bad->outcome = Outcome::HandlerError;
        bad->error = {"KeyError",
                      "'<b>sku</b>'",
                      {"  File \"/var/task/handler.py\", line 11, in handler\n    price(item)",
                       "  File \"/usr/lib/python3.11/json/__init__.py\", line 346, in loads"}};
        bad->denied = {{"connect", "127.0.0.1:5432", "network loopback", "db/pool.py:9"}};
        pane.showResult(bad);
        auto *card = pane.findChild<ErrorCard *>();
        QVERIFY(card->isVisible());
        QSignalSpy wished(&pane, &ResultPane::sourceRequested);
        QStringList links;
        for (auto *label : card->findChildren<QLabel *>()) {
            if (label->text().contains(QStringLiteral("href='place:")))
                links.append(label->text());
            if (label->text().contains(QStringLiteral("sku")))
                QCOMPARE(label->textFormat(), Qt::PlainText); // tags in a message are text
        }
        QCOMPARE(links.size(), 2); // the stack's one place, the refusal's one
        for (auto *label : card->findChildren<QLabel *>()) {
            if (label->text().contains(QStringLiteral("place:0")))
                Q_EMIT label->linkActivated(QStringLiteral("place:0"));
            if (label->text().contains(QStringLiteral("copy:0")))
                Q_EMIT label->linkActivated(QStringLiteral("copy:0"));
        }
        QCOMPARE(wished.count(), 1);
        QCOMPARE(wished[0][0].toString(), QStringLiteral("db/pool.py")); // refusals are read first
        QCOMPARE(wished[0][1].toInt(), 9);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("network loopback"));
        pane.showResult(made());
        QVERIFY(!card->isVisible());
    }

    void whatWasRefusedIsGrantedWithOneClick()
    {
        ResultPane pane;
        pane.resize(1200, 400);
        pane.show();
        auto refused = made();
        refused->denied = {{"connect", "db:5432", "network:db:5432", "handler.py:3"},
                           {"read", "/srv/in.csv", "files:/srv/in.csv:ro", "handler.py:4"},
                           {"write", "/etc/passwd", "", ""},
                           {"connect", "db:5432", "network:db:5432", "handler.py:9"}};
        pane.showResult(refused);
        QSignalSpy granted(&pane, &ResultPane::grantRequested);
        auto *all = pane.findChild<QPushButton *>(QStringLiteral("grantAndFire"));
        QVERIFY(all && all->isVisible());
        QTest::mouseClick(all, Qt::LeftButton);
        QCOMPARE(granted.count(), 1);
        QCOMPARE(granted[0][1].toStringList(),
                 QStringList({QStringLiteral("network:db:5432"), QStringLiteral("files:/srv/in.csv:ro")}));
        QCOMPARE(granted[0][2].value<AfterGrant>(), AfterGrant::FireAgain);
        for (auto *label : pane.findChild<ErrorCard *>()->findChildren<QLabel *>()) {
            if (label->text().contains(QStringLiteral("href='grant:1'")))
                Q_EMIT label->linkActivated(QStringLiteral("grant:1"));
        }
        QCOMPARE(granted.count(), 2);
        QCOMPARE(granted[1][1].toStringList(), QStringList(QStringLiteral("files:/srv/in.csv:ro")));
        QCOMPARE(granted[1][2].value<AfterGrant>(), AfterGrant::Nothing);

        auto hopeless = made();
        hopeless->denied = {{"write", "/etc/passwd", "", ""}};
        pane.showResult(hopeless);
        QVERIFY(!all->isVisible());
    }

    void everyOutcomeHasItsWords()
    {
        ResultPane pane;
        pane.show();
        for (int i = 0; i < outcomeCount; ++i) {
            auto one = made();
            one->outcome = Outcome(i);
            if (one->outcome == Outcome::Throttled)
                one->worker = 0;
            pane.showResult(one);
            const auto &cells = pane.findChild<SummaryStrip *>()->cells();
            QVERIFY(!cells.front().value.isEmpty());
            QVERIFY(cells.front().mark != Mark::None);
            QCOMPARE(pane.findChild<ErrorCard *>()->hasContent(), one->outcome != Outcome::Ok);
        }
    }

    void firesAgainAndOpens()
    {
        ResultPane pane;
        pane.resize(1000, 300);
        pane.show();
        const auto shown = made();
        pane.showResult(shown);
        QSignalSpy again(&pane, &ResultPane::fireAgainRequested), opened(&pane, &ResultPane::invocationActivated);
        for (auto *button : pane.findChildren<QPushButton *>()) {
            if (button->isVisible())
                QTest::mouseClick(button, Qt::LeftButton);
        }
        QCOMPARE(again.count(), 1);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened[0][0].value<InvocationPtr>(), InvocationPtr(shown));
    }

    void theDocumentShowsEventResultLogsAndNames()
    {
        InvocationView view;
        view.resize(1100, 900);
        view.show();
        const auto shown = made();
        view.setInvocation(shown);
        QCOMPARE(view.findChildren<PayloadView *>().size(), 2);
        QCOMPARE(view.findChild<LogList *>()->model()->rowCount(), 1);
        QStringList texts;
        for (const auto *label : view.findChildren<QLabel *>())
            texts.append(label->text());
        QVERIFY(texts.contains(QString::fromStdString(shown->id.text())));
        QSignalSpy again(&view, &InvocationView::fireAgainRequested);
        QTest::mouseClick(view.findChild<QPushButton *>(), Qt::LeftButton);
        QCOMPARE(again.count(), 1);
    }

    void workersAreStoppedAndRetired()
    {
        Recording recording;
        WorkersPane pane;
        pane.resize(1000, 300);
        pane.show();
        pane.activateWindow(); // shortcuts need the focus
        QVERIFY(QTest::qWaitForWindowActive(&pane));
        pane.setSnapshot(recording.snapshot());
        QVERIFY(pane.findChild<EmptyHint *>()->isVisible());
        recording.addWorkers(8);
        pane.setSnapshot(recording.snapshot());
        auto *tree = pane.findChild<QTreeView *>();
        QVERIFY(tree->isVisible());
        const QModelIndex checkout = tree->model()->index(0, 0);
        QVERIFY(tree->isExpanded(checkout));
        QSignalSpy stopped(&pane, &WorkersPane::stopRequested), retired(&pane, &WorkersPane::retireIdleRequested);
        QTest::mouseClick(tree->viewport(), Qt::LeftButton, {},
                          tree->visualRect(tree->model()->index(1, 1, checkout)).center());
        QTest::keyClick(tree, Qt::Key_Delete);
        QCOMPARE(stopped.count(), 1);
        QCOMPARE(stopped[0][0].toULongLong(), 2ull);
        for (auto *button : pane.findChildren<QPushButton *>()) {
            if (button->text() == QStringLiteral("End idle"))
                QTest::mouseClick(button, Qt::LeftButton);
        }
        QCOMPARE(retired.count(), 1);
        QCOMPARE(retired[0][0].toString(), QStringLiteral("checkout"));
        pane.setFunctionFilter(QStringLiteral("thumbnail"));
        QCOMPARE(qobject_cast<WorkerModel *>(tree->model())->workerCount(), 2);
    }

    void whyWorkersCameAndWentStandsOverTime()
    {
        Recording recording;
        recording.addMetrics();
        recording.addScaling("checkout", ScaleEvent::What::Started, ScaleCause::Waiting,
                             "3 waiting, 0 idle, 2 of 20 running");
        recording.pass(std::chrono::seconds(20));
        recording.addScaling("thumbnail", ScaleEvent::What::Stopped, ScaleCause::Idle, "idle for 5 min");
        recording.pass(std::chrono::seconds(20));
        recording.addMetrics();
        WorkersPane pane;
        pane.resize(1200, 300);
        pane.show();
        pane.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&pane));
        pane.setSnapshot(recording.snapshot());
        for (auto *button : pane.findChildren<QToolButton *>()) {
            if (button->text() == QStringLiteral("Over time"))
                QTest::mouseClick(button, Qt::LeftButton);
        }
        auto *list = pane.findChild<QTableView *>(QStringLiteral("scaling"));
        QVERIFY(list->isVisible());
        const auto why = [list](int row) { return list->model()->index(row, ScaleModel::WhyColumn).data().toString(); };
        QCOMPARE(list->model()->rowCount(), 2);
        QCOMPARE(why(0), QStringLiteral("idle for 5 min")); // newest first
        QCOMPARE(why(1), QStringLiteral("3 waiting, 0 idle, 2 of 20 running"));
        auto *chart = pane.findChild<WorkerChart *>();
        QVERIFY2(chart->accessibleDescription().contains(QStringLiteral("1 start")),
                 qPrintable(chart->accessibleDescription()));

        // The row under the hand is pointed to on the chart, and stays selected as others come.
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Down);
        QCOMPARE(list->currentIndex().row(), 1);
        auto *range = pane.findChild<TimeAxisRange *>();
        QVERIFY(range->crosshair().has_value());
        QVERIFY(std::abs(*range->crosshair() - double(Recording::begin)) < 1);
        recording.addScaling("checkout", ScaleEvent::What::Stopped, ScaleCause::Failed, "timed out");
        pane.setSnapshot(recording.snapshot());
        QCOMPARE(list->model()->rowCount(), 3);
        QCOMPARE(why(0), QStringLiteral("timed out"));
        QCOMPARE(list->currentIndex().row(), 2);

        pane.setFunctionFilter(QStringLiteral("thumbnail"));
        QCOMPARE(list->model()->rowCount(), 1);
        QVERIFY(list->isColumnHidden(ScaleModel::FunctionColumn));
    }

private:
    static Payload payload_(std::string text) { return kiln::payload(std::move(text)); }

    std::shared_ptr<Invocation> made()
    {
        auto i = m_recording.invocation();
        i->outcome = Outcome::Ok;
        i->error = {};
        i->worker = 3;
        i->response =
            payload_("{\"statusCode\": 201, \"headers\": {\"x-a\": \"b\"}, \"body\": \"{\\\"id\\\": \\\"5f0c\\\"}\"}");
        i->logs = {{i->accepted, LogLevel::Info, "hello"}};
        return i;
    }

    /// Of the text view that is in sight.
    static QString shownText(const PayloadView &view)
    {
        for (const auto *text : view.findChildren<QPlainTextEdit *>()) {
            if (text->isVisible())
                return text->toPlainText();
        }
        return {};
    }

    Recording m_recording;
};

QTEST_MAIN(tst_ResultPane)
#include "tst_result_pane.moc"
