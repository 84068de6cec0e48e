// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/panes/recording.h"
#include "ui/panes/carried_view.h"
#include "ui/panes/inherited_page.h"
#include "ui/panes/result_pane.h"
#include "ui/panes/worker_page.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>
#include <QTreeWidget>

#include <algorithm>

using namespace kiln;
using namespace kiln::ui;
using namespace kiln::test;

namespace {

WorkerInspection seen()
{
    WorkerInspection inspection;
    inspection.worker.id = 3;
    inspection.worker.function = "checkout";
    inspection.worker.pid = 4711;
    inspection.worker.served = 1;
    inspection.layers = {{"System call filter", IsolationLayer::State::On, "seccomp mode 2 (filter)"},
                         {"Network", IsolationLayer::State::Partly, "shares the machine's"}};
    inspection.carried.variables = {{"handler.count", "1"}, {"handler.cache", "dict of 17"}};
    inspection.carried.files = {{"/tmp/<b>cache</b>", ByteSize{1000}}};
    inspection.carried.moreFiles = 7;
    inspection.carried.processes = {{12, "sleep 600"}};
    return inspection;
}

QPushButton *button(QWidget &page, const QString &text)
{
    for (QPushButton *each : page.findChildren<QPushButton *>())
        if (each->text() == text)
            return each;
    return nullptr;
}

} // namespace

/// A worker whole, and what a second run found of the first.
class tst_WorkerPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ThemeSwitch::instance().apply(ThemeSwitch::Choice::Dark);
    }

    void showsEachLayerWithItsEvidence()
    {
        auto *page = new WorkerPage(3);
        page->show();
        page->showInspection(seen());
        QCOMPARE(page->windowTitle(), QStringLiteral("Worker 3 of checkout"));
        const auto *layers = page->findChild<QTreeWidget *>(QStringLiteral("layers"));
        QCOMPARE(layers->topLevelItemCount(), 2);
        QCOMPARE(layers->topLevelItem(0)->text(1), QStringLiteral("on"));
        QCOMPARE(layers->topLevelItem(1)->text(1), QStringLiteral("partly"));
        QCOMPARE(layers->topLevelItem(1)->text(2), QStringLiteral("shares the machine's"));
        page->close();
    }

    void tellsHowManyInvocationsShareTheWorker()
    {
        auto *page = new WorkerPage(3);
        WorkerInspection inspection = seen();
        inspection.worker.running = 3;
        inspection.worker.perWorker = 10;
        page->showInspection(inspection);
        const auto labels = page->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *label) {
            return label->text().contains(QStringLiteral("3 of 10 under way"));
        }));
        delete page;
    }

    void looksAgainAndKeepsWhatItSawWhenTheWorkerIsGone()
    {
        auto *page = new WorkerPage(3);
        page->show();
        QSignalSpy wishes(page, &WorkerPage::refreshRequested);
        page->showInspection(seen());
        QTest::mouseClick(button(*page, QStringLiteral("Look again")), Qt::LeftButton);
        QCOMPARE(wishes.count(), 1);
        QCOMPARE(wishes[0][0].toULongLong(), 3u);
        page->showProblem(QStringLiteral("There is no such worker any more"));
        QCOMPARE(page->findChild<QTreeWidget *>(QStringLiteral("layers"))->topLevelItemCount(), 2);
        page->close();
    }

    void copiesAllAsText()
    {
        auto *page = new WorkerPage(3);
        page->show();
        page->showInspection(seen());
        QTest::mouseClick(button(*page, QStringLiteral("Copy")), Qt::LeftButton);
        const QString text = QGuiApplication::clipboard()->text();
        QVERIFY2(text.contains(QStringLiteral("System call filter: on: seccomp mode 2 (filter)")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("/tmp/<b>cache</b>")), qPrintable(text));
        page->close();
    }

    void whatIsKeptIsListedByKind()
    {
        CarriedView view;
        view.show();
        view.setState({});
        auto *tree = view.findChild<QTreeWidget *>();
        QVERIFY(!tree->isVisible());
        view.setState(seen().carried);
        QVERIFY(tree->isVisible());
        QCOMPARE(tree->topLevelItemCount(), 3);
        QCOMPARE(tree->topLevelItem(0)->text(0), QStringLiteral("Variables of its modules (2)"));
        QCOMPARE(tree->topLevelItem(0)->child(0)->text(0), QStringLiteral("handler.count"));
        QCOMPARE(tree->topLevelItem(0)->child(0)->text(1), QStringLiteral("1"));
        QCOMPARE(tree->topLevelItem(1)->text(0), QStringLiteral("Files in /tmp (8)"));
        QCOMPARE(tree->topLevelItem(1)->childCount(), 2);
        QCOMPARE(tree->topLevelItem(2)->child(0)->text(0), QStringLiteral("sleep 600"));
    }

    void theResultTellsWhatTheSecondRunInherited()
    {
        ResultPane pane;
        pane.resize(1200, 320);
        pane.show();
        auto first = made(), second = made();
        first->worker = second->worker = 3;
        pane.showResult(second);
        pane.showInherited(first, seen());
        auto *page = pane.findChild<InheritedPage *>();
        QVERIFY(page->isVisible());
        QVERIFY(page->findChild<CarriedView *>()->isVisible());
        pane.showResult(made()); // the next result has nothing to do with it
        QVERIFY(!page->isVisible());
    }

    void withoutAWorkerInBetweenItSaysWhy()
    {
        InheritedPage page;
        page.show();
        auto first = made();
        first->outcome = Outcome::Crashed;
        page.setRuns(*first, *made(), std::nullopt);
        QVERIFY(!page.findChild<CarriedView *>()->isVisible());
        bool told = false;
        for (const QLabel *label : page.findChildren<QLabel *>())
            told = told || (label->isVisible() && label->text().contains(QStringLiteral("Nothing: the worker")));
        QVERIFY(told);
    }

private:
    std::shared_ptr<Invocation> made()
    {
        auto invocation = m_recording.invocation();
        invocation->outcome = Outcome::Ok;
        invocation->error = {};
        invocation->worker = 3;
        return invocation;
    }

    Recording m_recording;
};

QTEST_MAIN(tst_WorkerPage)
#include "tst_worker_page.moc"
