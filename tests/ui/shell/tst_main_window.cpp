// SPDX-License-Identifier: GPL-3.0-or-later
// The window by mouse and keys, on an engine that notes what is wished of it.
#include "tests/ui/shell/recorded.h"
#include "ui/editor/code_editor.h"
#include "ui/editor/code_surface.h"
#include "ui/panes/explorer_pane.h"
#include "ui/panes/inherited_page.h"
#include "ui/panes/inspector_pane.h"
#include "ui/panes/invocations_pane.h"
#include "ui/panes/result_pane.h"
#include "ui/panes/worker_page.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/code_document.h"
#include "ui/shell/documents.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pane_dock.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QTreeView>
#include <QTreeWidget>

using namespace kiln;

class tst_MainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en_US")));
        ui::ThemeSwitch::instance().apply(ui::ThemeSwitch::Choice::Dark);
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_shop = std::filesystem::path(m_folder->path().toStdString()) / "shop";
        test::writeRecordedWorkspace(m_shop);
        m_snapshot = test::recordedSnapshot(m_shop);
        open();
    }
    void cleanup()
    {
        m_window.reset();
        m_bridge.reset();
    }

    void theFirstStartShowsTheCodeOfTheFunctionInHand()
    {
        QCOMPARE(documents()->keys().size(), 2);
        QVERIFY(documents()->currentKey().endsWith(s("functions/checkout/handler.py")));
        QCOMPARE(m_window->function(), s("checkout"));
        QVERIFY(editor()->text().startsWith(s("import json")));
    }

    void theLastErrorMarksItsLine() { QCOMPARE(editor()->markedLines(), std::vector<int>{14}); }

    void ctrlReturnInTheEditorFiresTheChosenTestEvent()
    {
        editor()->setFocus();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE(m_engine->fired.size(), std::size_t(1));
        QCOMPARE(m_engine->fired[0].function, std::string("checkout"));
        QCOMPARE(m_engine->fired[0].data,
                 std::string("{\"body\": \"{\\\"items\\\": [{\\\"sku\\\": \\\"tea\\\"}]}\"}\n"));
        QVERIFY(!m_engine->fired[0].cold);
        QVERIFY(editor()->text().startsWith(s("import json"))); // the key went to the window
        QVERIFY(!m_window->findChild<ui::ResultPane *>()->visibleRegion().isEmpty());

        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(m_engine->fired.size(), std::size_t(2));
        QCOMPARE(m_engine->fired[1].data, m_engine->fired[0].data);
    }

    void nextColdIsForOneStart()
    {
        action("run.cold")->trigger();
        action("run.fire")->trigger();
        action("run.fire")->trigger();
        QVERIFY(m_engine->fired.at(0).cold);
        QVERIFY(!m_engine->fired.at(1).cold);
        QVERIFY(!action("run.cold")->isChecked());
    }

    void fireTwiceShowsWhatTheSecondRunInherited()
    {
        const InvocationPtr run = m_snapshot->functions.front().last;
        QVERIFY(run);
        m_engine->twiceAnswer = Engine::FiredTwice{run, run, WorkerInspection{}};
        action("run.fireTwice")->trigger();
        QTRY_COMPARE(m_engine->twice.size(), std::size_t(1));
        QCOMPARE(m_engine->twice[0].function, std::string("checkout"));
        QTRY_VERIFY(m_window->findChild<ui::InheritedPage *>());
        QTRY_VERIFY(m_window->findChild<ui::InheritedPage *>()->isVisible());
    }

    void aWorkersPageIsOpenedOnceAndFilled()
    {
        action("view.workers")->trigger();
        auto *tree = m_window->findChild<QTreeView *>(s("workers"));
        QTRY_VERIFY(tree && tree->isVisible() && tree->model()->rowCount() > 0);
        tree->setCurrentIndex(tree->model()->index(0, 0, tree->model()->index(0, 0)));
        m_engine->inspection->layers = {{"Network", IsolationLayer::State::On, "its own"}};
        action("run.inspectWorker")->trigger();
        QTRY_COMPARE(m_window->findChildren<ui::WorkerPage *>().size(), 1);
        const auto *page = m_window->findChild<ui::WorkerPage *>();
        QTRY_COMPARE(page->findChild<QTreeWidget *>(s("layers"))->topLevelItemCount(), 1);
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_Return);
        QTRY_COMPARE(m_engine->inspected.size(), std::size_t(2));
        QCOMPARE(m_window->findChildren<ui::WorkerPage *>().size(), 1);
    }

    void whatIsTypedInATestEventIsFiredUnsaved()
    {
        action("file.quickOpen")->trigger();
        QTest::keyClicks(paletteField(), s("empty cart"));
        QTest::keyClick(paletteField(), Qt::Key_Return);
        QVERIFY(documents()->currentKey().endsWith(s("order-empty-cart.json")));
        editor()->setText(s("{\"changed\": 1}"));
        action("run.fire")->trigger();
        QCOMPARE(m_engine->fired.at(0).data, std::string("{\"changed\": 1}"));
    }

    void typingMarksTheTabAndSaveWritesTheFile()
    {
        editor()->surface()->setFocus();
        QTest::keyClicks(editor()->surface(), s("# "));
        QVERIFY(editor()->isModified());
        QTest::keyClick(editor()->surface(), Qt::Key_S, Qt::ControlModifier);
        QVERIFY(!editor()->isModified());
        QFile file(QString::fromStdString((m_shop / "functions/checkout/handler.py").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().startsWith("# import json"));
    }

    void anotherProgramsChangeIsShown()
    {
        const QString path = QString::fromStdString((m_shop / "functions/checkout/handler.py").string());
        write(path, "x = 1\n");
        QTRY_COMPARE(editor()->text(), s("x = 1\n"));
        QVERIFY(!editor()->isModified());

        editor()->setText(s("mine\n"));
        write(path, "theirs\n");
        QTRY_VERIFY(document()->findChild<QPushButton *>(s("action-0")));
        QCOMPARE(editor()->text(), s("mine\n"));
        QTest::mouseClick(document()->findChild<QPushButton *>(s("action-0")), Qt::LeftButton);
        QCOMPARE(editor()->text(), s("theirs\n"));
    }

    void closingAsksForWhatIsNotSaved()
    {
        editor()->setText(s("typed\n"));
        action("file.close")->trigger();
        QCOMPARE(documents()->keys().size(), 2);
        QTest::mouseClick(document()->findChild<QPushButton *>(s("action-1")), Qt::LeftButton);
        QCOMPARE(documents()->keys().size(), 1);

        action("file.quickOpen")->trigger();
        QTest::keyClicks(paletteField(), s("checkout/handler"));
        QTest::keyClick(paletteField(), Qt::Key_Return);
        editor()->setText(s("typed\n"));
        QVERIFY(!m_window->close());
        QVERIFY(m_window->isVisible());
        QTest::mouseClick(m_window->findChild<QWidget *>(s("banner-close"))->findChild<QPushButton *>(s("action-1")),
                          Qt::LeftButton);
        QTRY_VERIFY(!m_window->isVisible());
    }

    void aQuestionRaisedByAKeyIsAnsweredByKeys()
    {
        editor()->setText(s("typed\n"));
        editor()->setFocus();
        for (int i = 0; i < 2; ++i) { // waved aside, it is asked again
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_W, Qt::ControlModifier);
            auto *saving = qobject_cast<QPushButton *>(QApplication::focusWidget());
            QVERIFY(saving && saving->text() == s("Save"));
            if (i == 0)
                QTest::mouseClick(document()->findChild<QToolButton *>(s("dismiss")), Qt::LeftButton);
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            QTRY_COMPARE(documents()->keys().size(), 2);
        }
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QCOMPARE(documents()->keys().size(), 1);
    }

    void unsavedTextComesBackAfterAKill()
    {
        editor()->setText(s("typed and lost\n"));
        QTRY_VERIFY_WITH_TIMEOUT(!QDir(m_folder->filePath(s("unsaved"))).isEmpty(), 3'000);
        m_window.release()->deleteLater(); // as a killed process: nothing is asked, nothing saved
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        m_bridge.reset();
        open();
        QTest::mouseClick(m_window->findChild<QWidget *>(s("banner-left"))->findChild<QPushButton *>(s("action-0")),
                          Qt::LeftButton);
        QCOMPARE(editor()->text(), s("typed and lost\n"));
        QVERIFY(editor()->isModified());
    }

    void nextErrorWalksThroughAll()
    {
        QTest::keyClick(m_window.get(), Qt::Key_F8);
        QCOMPARE(editor()->cursorLine(), 14);
        QTest::keyClick(m_window.get(), Qt::Key_F8);
        QVERIFY(documents()->currentKey().endsWith(s("resize/function.yaml")));
        QCOMPARE(editor()->cursorLine(), 3);
    }

    void everyActionIsInAMenuAndHasNoKeyOfAnother()
    {
        QList<QAction *> inMenus;
        for (const QAction *menu : m_window->menuBar()->actions())
            inMenus += menu->menu()->actions();
        QStringList keys;
        for (QAction *each : m_window->allActions().all()) {
            QVERIFY2(inMenus.contains(each), qPrintable(each->objectName()));
            for (const QKeySequence &key : each->shortcuts()) {
                QVERIFY2(!keys.contains(key.toString()), qPrintable(key.toString()));
                keys << key.toString();
            }
        }
    }

    void noKeyOfTheEditorIsOneOfTheWindows()
    {
        QStringList keys;
        for (const QAction *each : m_window->allActions().all())
            for (const QKeySequence &key : each->shortcuts())
                keys << key.toString();
        for (const QAction *each : editor()->actions())
            for (const QKeySequence &key : each->shortcuts())
                QVERIFY2(!keys.contains(key.toString()), qPrintable(each->objectName() + key.toString()));
    }

    void thePaletteRunsCommandsAndRemembersThem()
    {
        QTest::keyClick(m_window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(paletteField()->hasFocus());
        QTest::keyClicks(paletteField(), s("retire"));
        QTest::keyClick(paletteField(), Qt::Key_Return);
        QCOMPARE(m_engine->retired, std::vector<std::string>{"checkout"});
    }

    void panesAreToggledAndTheLayoutIsReset()
    {
        auto *explorer = m_window->findChild<ui::PaneDock *>(s("explorer"));
        QTest::keyClick(m_window.get(), Qt::Key_1, Qt::ControlModifier);
        QVERIFY(!explorer->isVisible());
        m_window->findChild<ui::PaneDock *>(s("logs"))->setFloating(true);
        action("view.resetLayout")->trigger();
        QVERIFY(explorer->isVisible());
        QVERIFY(!m_window->findChild<ui::PaneDock *>(s("logs"))->isFloating());
        QCOMPARE(m_window->dockWidgetArea(explorer), Qt::LeftDockWidgetArea);
    }

    void aHiddenPaneComesToTheFrontByItsKey()
    {
        QTest::keyClick(m_window.get(), Qt::Key_6, Qt::ControlModifier);
        auto *logs = m_window->findChild<ui::PaneDock *>(s("logs"));
        QTRY_VERIFY(!logs->visibleRegion().isEmpty());
        QVERIFY(logs->isBuilt());
    }

    void aPaneThatIsCalledByItsKeyHasTheFocus()
    {
        editor()->setFocus();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_5, Qt::ControlModifier);
        const auto *invocations = m_window->findChild<ui::PaneDock *>(s("invocations"));
        QTRY_VERIFY(invocations->isAncestorOf(QApplication::focusWidget()));
    }

    /// In the editor Tab is a character, so there must be another way out of it, and one around.
    void f6GoesAroundTheWindow()
    {
        editor()->setFocus();
        QStringList places;
        for (int i = 0; i < 3; ++i) { // the result pane is empty yet
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_F6);
            const QWidget *focus = QApplication::focusWidget();
            for (const auto *dock : m_window->findChildren<ui::PaneDock *>()) {
                if (dock->isAncestorOf(focus))
                    places << dock->objectName();
            }
        }
        QCOMPARE(places.join(QLatin1Char(' ')), s("explorer inspector"));
        QVERIFY(editor()->isAncestorOf(QApplication::focusWidget()));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F6, Qt::ShiftModifier);
        QVERIFY(m_window->findChild<ui::PaneDock *>(s("inspector"))->isAncestorOf(QApplication::focusWidget()));
    }

    void unsavedTextIsAskedAboutBeforeAnotherWorkspace()
    {
        QSignalSpy opened(m_window.get(), &ui::MainWindow::openWorkspaceRequested);
        publish([](Snapshot &snapshot) {
            auto workspace = std::make_shared<WorkspaceView>(*snapshot.workspace);
            workspace->readOnly = true;
            workspace->readOnlyReason = "another Kiln has it";
            snapshot.workspace = workspace;
        });
        QTest::keyClicks(editor()->surface(), s("# "));
        QTRY_VERIFY(m_window->findChild<QWidget *>(s("banner-readOnly")));
        const auto press = [this](const char *banner, int number) {
            QTest::mouseClick(
                m_window->findChild<QWidget *>(s(banner))->findChild<QPushButton *>(s("action-%1").arg(number)),
                Qt::LeftButton);
        };
        press("banner-readOnly", 0);
        QCOMPARE(opened.count(), 0);
        press("banner-close", 1); // discard
        QCOMPARE(opened.count(), 1);
        QVERIFY(m_window->isVisible()); // what opens takes its place
    }

    void tabsSelectionAndLayoutComeBack()
    {
        action("file.quickOpen")->trigger();
        QTest::keyClicks(paletteField(), s("thumbnail/index"));
        QTest::keyClick(paletteField(), Qt::Key_Return);
        QCOMPARE(m_window->function(), s("thumbnail"));
        QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
        QVERIFY(m_window->close());
        m_window.reset();
        m_bridge.reset();
        open();
        QCOMPARE(documents()->keys().size(), 3);
        QVERIFY(documents()->currentKey().endsWith(s("thumbnail/index.mjs")));
        QCOMPARE(m_window->function(), s("thumbnail"));
        QVERIFY(!m_window->findChild<ui::PaneDock *>(s("inspector"))->isVisible());
    }

    void anUntrustedWorkspaceOffersTrust()
    {
        auto workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        workspace->trusted = false;
        publish([&](Snapshot &next) { next.workspace = workspace; });
        QTRY_VERIFY(m_window->findChild<QWidget *>(s("banner-trust")));
        QTest::mouseClick(m_window->findChild<QWidget *>(s("banner-trust"))->findChild<QPushButton *>(s("action-0")),
                          Qt::LeftButton);
        QCOMPARE(m_engine->trusted, 1);
        publish([&](Snapshot &next) { next.workspace = m_snapshot->workspace; });
        QTRY_VERIFY(!m_window->findChild<ui::BannerBar *>()->shows(s("trust")));
    }

    void anEditThatIsRefusedIsALine()
    {
        m_engine->editAnswer =
            fail(Error::Code::Io, "cannot write", "functions/checkout/function.yaml", "free some space");
        auto *inspector = m_window->findChild<ui::InspectorPane *>();
        Q_EMIT inspector->editRequested(SetValue{"checkout", {"memory"}, "512MB"});
        QTRY_VERIFY(m_window->findChild<ui::BannerBar *>()->textOf(s("error")).contains(s("cannot write")));
    }

    void aDeletedTestEventCanBeTakenBack()
    {
        auto *explorer = m_window->findChild<ui::ExplorerPane *>();
        Q_EMIT explorer->deleteTestEventRequested(s("checkout"), s("order-created.json"));
        QTRY_VERIFY(m_window->findChild<QWidget *>(s("banner-deleted")));
        QCOMPARE(std::get<DeleteTestEvent>(m_engine->edits.at(0)).name, std::string("order-created.json"));
        QTest::mouseClick(m_window->findChild<QWidget *>(s("banner-deleted"))->findChild<QPushButton *>(s("action-0")),
                          Qt::LeftButton);
        QTRY_COMPARE(m_engine->edits.size(), std::size_t(2));
        QVERIFY(std::get<SaveTestEvent>(m_engine->edits[1]).data.find("tea") != std::string::npos);
    }

    void aNewTestEventIsNamedInPlaceAndOpened()
    {
        QTest::keyClick(m_window.get(), Qt::Key_N, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(paletteField()->text(), s("event-1.json"));
        QTest::keyClicks(paletteField(), s("order-created")); // the proposal is selected; this one is taken
        QTest::keyClick(paletteField(), Qt::Key_Return);
        QVERIFY(m_engine->edits.empty());
        paletteField()->clear();
        QTest::keyClicks(paletteField(), s("order-empty"));
        write(QString::fromStdString((m_shop / "functions/checkout/events/order-empty.json").string()),
              "{}"); // the engine's work
        QTest::keyClick(paletteField(), Qt::Key_Return);
        const auto &saved = std::get<SaveTestEvent>(m_engine->edits.at(0));
        QCOMPARE(saved.name, std::string("order-empty.json"));
        QTRY_VERIFY(documents()->currentKey().endsWith(s("events/order-empty.json")));
    }

    void aTestEventIsMadeFromTheLastRequest()
    {
        action("file.newEventFromLast")->trigger();
        QTest::keyClick(paletteField(), Qt::Key_Return);
        QCOMPARE(std::get<SaveTestEvent>(m_engine->edits.at(0)).data, *m_snapshot->functions[0].last->event.data);
    }

    void aDeletedFunctionIsTakenBackFromTheTrash()
    {
        const std::filesystem::path folder = m_shop / "functions/thumbnail", trash = m_shop / ".kiln/trash";
        std::filesystem::create_directories(trash / "thumbnail-20250101T000000.000"); // an older one
        auto *explorer = m_window->findChild<ui::ExplorerPane *>();
        Q_EMIT explorer->deleteFunctionRequested(s("thumbnail"));
        std::filesystem::rename(folder, trash / "thumbnail-20260301T120000.000"); // the engine's work
        QTRY_VERIFY(m_window->findChild<QWidget *>(s("banner-deleted")));
        QTest::mouseClick(m_window->findChild<QWidget *>(s("banner-deleted"))->findChild<QPushButton *>(s("action-0")),
                          Qt::LeftButton);
        QVERIFY(std::filesystem::exists(folder / "index.mjs"));
    }

    void whatARevisionAsksForMoreIsABannerThatLeadsThere()
    {
        QVERIFY(!m_window->findChild<QWidget *>(s("banner-asksMore")));
        auto workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        FunctionView &last = workspace->functions.back();
        last.asksMore = {"network:all"};
        publish([&](Snapshot &next) { next.workspace = workspace; });
        QTRY_VERIFY(m_window->findChild<QWidget *>(s("banner-asksMore")));
        auto *banner = m_window->findChild<QWidget *>(s("banner-asksMore"));
        const QString told = QString::fromStdString(last.name) + s(": network:all");
        bool found = false;
        for (const QLabel *label : banner->findChildren<QLabel *>())
            found = found || label->text().contains(told);
        QVERIFY(found);
        QTest::mouseClick(banner->findChild<QPushButton *>(s("action-0")), Qt::LeftButton);
        auto *asked = m_window->findChild<ui::InspectorPane *>()->findChild<QLabel *>(s("askedMore"));
        QTRY_VERIFY(!asked->visibleRegion().isEmpty());
    }

    void aSecretsValueGoesToTheEngine()
    {
        auto *inspector = m_window->findChild<ui::InspectorPane *>();
        Q_EMIT inspector->secretGiven(s("API_KEY"), s("hunter2"));
        Q_EMIT inspector->secretForgotten(s("OLD_KEY"));
        using Secrets = std::vector<std::pair<std::string, std::optional<std::string>>>;
        QTRY_COMPARE(m_engine->secrets, (Secrets{{"API_KEY", "hunter2"}, {"OLD_KEY", std::nullopt}}));
    }

    void aNewRevisionIsTold()
    {
        auto workspace = std::make_shared<WorkspaceView>(*m_snapshot->workspace);
        auto revision = std::make_shared<Revision>(*workspace->functions[0].revision);
        revision->hash = "fedcba9876543210";
        workspace->functions[0].revision = revision;
        publish([&](Snapshot &next) { next.workspace = workspace; });
        QTRY_COMPARE(m_window->findChild<QLabel *>(s("statusNote"))->text(), s("checkout: revision fedcba98 ready"));
        QVERIFY(editor()->markedLines().empty()); // the error was of the old one
    }

    /// Lists leave out what is large, and history all events.
    void aRowsEventIsLookedUpBeforeItIsFiredAgainOrCopied()
    {
        auto whole = std::make_shared<Invocation>(*m_snapshot->functions[0].last);
        whole->event.data = payload("{\"n\": 1}");
        m_engine->whole.push_back(whole);
        auto row = std::make_shared<Invocation>(*whole);
        row->event.data = payload({});
        action("view.invocations")->trigger();
        auto *pane = m_window->findChild<ui::InvocationsPane *>();
        QVERIFY(pane);
        Q_EMIT pane->copyEventRequested(row);
        QTRY_COMPARE(QGuiApplication::clipboard()->text(), s("{\"n\": 1}"));
        Q_EMIT pane->fireAgainRequested(row);
        QTRY_COMPARE(m_engine->fired.size(), std::size_t(1));
        QCOMPARE(m_engine->fired[0].data, std::string("{\"n\": 1}"));
    }

    void everyControlHasANameForTheScreenReader()
    {
        for (const char *pane : {"result", "metrics", "invocations", "logs", "workers"})
            action(("view." + std::string(pane)).c_str())->trigger();
        for (const QWidget *each : m_window->findChildren<QWidget *>()) {
            const bool control = each->isVisible() && (each->focusPolicy() & Qt::TabFocus) != 0;
            const bool frame = each->inherits("QScrollArea") || each->inherits("QTabBar") ||
                               each->inherits("QMenuBar") || each->inherits("QTabWidget") || each->inherits("QLabel");
            if (!control || frame || (each->parentWidget() && each->parentWidget()->inherits("QAbstractScrollArea")))
                continue;
            QAccessibleInterface *spoken = QAccessible::queryAccessibleInterface(const_cast<QWidget *>(each));
            QVERIFY2(spoken && !spoken->text(QAccessible::Name).isEmpty(),
                     qPrintable(QStringLiteral("%1 %2 in %3")
                                    .arg(QString::fromLatin1(each->metaObject()->className()), each->objectName(),
                                         QString::fromLatin1(each->parentWidget()->metaObject()->className()))));
        }
    }

    void aMarkedLineOpensItsInvocation()
    {
        Q_EMIT editor()->markActivated(14);
        QTRY_VERIFY(documents()->currentKey().startsWith(s("invocation:")));
    }

    void theAddressIsCopiedByAClick()
    {
        QTest::mouseClick(m_window->findChild<QToolButton *>(s("address")), Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(), s("http://127.0.0.1:7070"));
    }

private:
    static QString s(const char *text) { return QString::fromLatin1(text); }
    static void write(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

    void open()
    {
        m_bridge = std::make_unique<ui::EngineBridge>();
        ui::MainWindow::Options options;
        options.workspace = QString::fromStdString(m_shop.string());
        options.settingsFile = m_folder->filePath(s("window.ini"));
        options.backupFolder = m_folder->filePath(s("unsaved"));
        m_window = std::make_unique<ui::MainWindow>(*m_bridge, options);
        m_window->resize(1280, 800);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        auto engine = std::make_unique<test::RecordedEngine>(m_snapshot);
        m_engine = engine.get();
        m_engine->fireAnswer = m_snapshot->functions[0].last;
        m_bridge->attach(std::move(engine));
        QTRY_VERIFY(documents()->keys().size() > 1);
    }

    void publish(const std::function<void(Snapshot &)> &change)
    {
        auto next = std::make_shared<Snapshot>(*m_engine->snapshot());
        ++next->number;
        change(*next);
        m_engine->publish(next);
    }

    ui::Documents *documents() const { return m_window->findChild<ui::Documents *>(); }
    QAction *action(const char *id) const { return m_window->allActions().get(QString::fromLatin1(id)); }
    QLineEdit *paletteField() const { return m_window->findChild<QLineEdit *>(s("paletteField")); }
    ui::CodeDocument *document() const { return qobject_cast<ui::CodeDocument *>(documents()->currentWidget()); }
    ui::CodeEditor *editor() const { return document()->editor(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_shop;
    std::shared_ptr<Snapshot> m_snapshot;
    std::unique_ptr<ui::EngineBridge> m_bridge;
    std::unique_ptr<ui::MainWindow> m_window;
    test::RecordedEngine *m_engine = nullptr;
};

QTEST_MAIN(tst_MainWindow)
#include "tst_main_window.moc"
