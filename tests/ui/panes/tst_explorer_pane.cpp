// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/shell/recorded.h"
#include "ui/panes/explorer_pane.h"

#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QTreeView>

using namespace kiln;
using ui::ExplorerModel;
using ui::ExplorerPane;

class tst_ExplorerPane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_pane = std::make_unique<ExplorerPane>();
        m_pane->setSnapshot(test::recordedSnapshot("/shop"));
        m_pane->resize(280, 800);
        m_pane->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_pane.get()));
    }
    void cleanup() { m_pane.reset(); }

    void aClickSelectsAFunction()
    {
        QSignalSpy selected(m_pane.get(), &ExplorerPane::functionSelected);
        click(function("thumbnail"));
        QCOMPARE(selected.size(), 1);
        QCOMPARE(selected[0][0].toString(), QStringLiteral("thumbnail"));
    }

    void aClickOnATriggerSelectsIt()
    {
        QSignalSpy selected(m_pane.get(), &ExplorerPane::triggerSelected);
        click(model()->indexOfTrigger(QStringLiteral("checkout"), 1));
        QCOMPARE(selected.size(), 1);
        QCOMPARE(selected[0][0].toString(), QStringLiteral("checkout"));
        QCOMPARE(selected[0][1].toInt(), 1);
    }

    void returnOpensAFile()
    {
        QSignalSpy opened(m_pane.get(), &ExplorerPane::fileOpened);
        const QModelIndex checkout = function("checkout");
        view()->setCurrentIndex(model()->index(4, 0, checkout));
        QTest::keyClick(view(), Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][1].toString(), QStringLiteral("handler.py"));
    }

    void aProblemOpensItsLine()
    {
        QSignalSpy opened(m_pane.get(), &ExplorerPane::problemOpened);
        view()->setCurrentIndex(model()->index(0, 0, function("resize")));
        QTest::keyClick(view(), Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][0].toString(), QStringLiteral("functions/resize/function.yaml"));
        QCOMPARE(opened[0][1].toInt(), 3);
    }

    void plusAsksForANewFunction()
    {
        QSignalSpy asked(m_pane.get(), &ExplorerPane::newFunctionRequested);
        QTest::mouseClick(m_pane->findChild<QToolButton *>(QStringLiteral("add-functions")), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
    }

    void whatTheWindowSelectsIsNotToldBack()
    {
        QSignalSpy selected(m_pane.get(), &ExplorerPane::functionSelected);
        m_pane->select(QStringLiteral("thumbnail"));
        QCOMPARE(view()->currentIndex().data().toString(), QStringLiteral("thumbnail"));
        QCOMPARE(selected.size(), 0);
    }

    void aChangeOnDiskKeepsSelectionAndFolds()
    {
        click(function("thumbnail"));
        view()->collapse(function("checkout"));
        auto snapshot = test::recordedSnapshot("/shop");
        auto workspace = std::make_shared<WorkspaceView>(*snapshot->workspace);
        workspace->functions[0].files.push_back("new.py");
        snapshot->workspace = workspace;
        m_pane->setSnapshot(snapshot);
        QCOMPARE(view()->currentIndex().data().toString(), QStringLiteral("thumbnail"));
        QVERIFY(!view()->isExpanded(function("checkout")));
        QVERIFY(view()->isExpanded(function("thumbnail")));
    }

private:
    QTreeView *view() const { return m_pane->findChild<QTreeView *>(QStringLiteral("explorer")); }
    ExplorerModel *model() const { return qobject_cast<ExplorerModel *>(view()->model()); }
    QModelIndex function(const char *name) const { return model()->indexOfFunction(QString::fromLatin1(name)); }
    void click(const QModelIndex &index)
    {
        view()->scrollTo(index);
        QTest::mouseClick(view()->viewport(), Qt::LeftButton, {}, view()->visualRect(index).center());
    }

    std::unique_ptr<ExplorerPane> m_pane;
};

QTEST_MAIN(tst_ExplorerPane)
#include "tst_explorer_pane.moc"
