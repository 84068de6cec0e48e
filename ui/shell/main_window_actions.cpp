// SPDX-License-Identifier: GPL-3.0-or-later
// What the user can do, by menu, key and palette.
#include "ui/editor/code_editor.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/document_desk.h"
#include "ui/shell/documents.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"

#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QMenuBar>
#include <QMessageBox>

namespace kiln::ui {

void MainWindow::addActions()
{
    addFileActions();
    addEditActions();
    addRunActions();
    addViewActions();
}

void MainWindow::addFileActions()
{
    m_actions.add({QStringLiteral("file.newFunction"), tr("New function…"), QKeySequence::New, QStringLiteral("add")},
                  [this](bool) { askNewFunction(); });
    m_actions.add({QStringLiteral("file.newEvent"), tr("New test event…"), QKeySequence(tr("Ctrl+Shift+N")),
                   QStringLiteral("event")},
                  [this](bool) { addTestEvent(m_function); });
    m_actions.add({QStringLiteral("file.newEventFromLast"),
                   tr("New test event from the last request…"),
                   {},
                   QStringLiteral("event")},
                  [this](bool) { addTestEventFromLast(m_function); });
    m_actions.add(
        {QStringLiteral("file.openWorkspace"), tr("Open workspace…"), QKeySequence::Open, QStringLiteral("folder")},
        [this](bool) {
            const QString folder = QFileDialog::getExistingDirectory(this, tr("Open workspace"));
            if (!folder.isEmpty())
                leaveFor(folder);
        });
    m_actions.add(
        {QStringLiteral("file.quickOpen"), tr("Quick open…"), QKeySequence(tr("Ctrl+P")), QStringLiteral("search")},
        [this](bool) { openQuickOpen(); });
    m_actions.add({QStringLiteral("file.save"), tr("Save"), QKeySequence::Save, QStringLiteral("save")},
                  [this](bool) { m_desk->saveCurrent(); });
    m_actions.add({QStringLiteral("file.saveAll"), tr("Save all"), QKeySequence(tr("Ctrl+Shift+S"))},
                  [this](bool) { m_desk->saveAll(); });
    m_actions.add({QStringLiteral("file.close"), tr("Close tab"), QKeySequence(tr("Ctrl+W"))},
                  [this](bool) { m_desk->closeCurrent(); });
    m_actions.add({QStringLiteral("file.quit"), tr("Quit"), QKeySequence(tr("Ctrl+Q"))}, [this](bool) { close(); });
}

void MainWindow::addEditActions()
{
    // These go to whatever has the focus; fields and editors take the keys themselves.
    const auto forward = [](const char *slot) {
        return [slot](bool) {
            if (QWidget *focus = QApplication::focusWidget())
                QMetaObject::invokeMethod(focus, slot);
        };
    };
    m_actions.add({QStringLiteral("edit.undo"), tr("Undo"), QKeySequence::Undo, QStringLiteral("undo")},
                  forward("undo"));
    m_actions.add({QStringLiteral("edit.redo"), tr("Redo"), QKeySequence::Redo, QStringLiteral("redo")},
                  forward("redo"));
    m_actions.add({QStringLiteral("edit.cut"), tr("Cut"), QKeySequence::Cut}, forward("cut"));
    m_actions.add({QStringLiteral("edit.copy"), tr("Copy"), QKeySequence::Copy, QStringLiteral("copy")},
                  forward("copy"));
    m_actions.add({QStringLiteral("edit.paste"), tr("Paste"), QKeySequence::Paste}, forward("paste"));
    m_actions.add({QStringLiteral("edit.selectAll"), tr("Select all"), QKeySequence::SelectAll}, forward("selectAll"));
    const auto inEditor = [this](void (CodeEditor::*act)()) {
        return [this, act](bool) {
            if (CodeEditor *editor = m_desk->currentEditor())
                (editor->*act)();
        };
    };
    m_actions.add({QStringLiteral("edit.find"), tr("Find"), QKeySequence(tr("Ctrl+F")), QStringLiteral("search")},
                  inEditor(&CodeEditor::openFind));
    m_actions.add({QStringLiteral("edit.replace"), tr("Find and replace"), QKeySequence(tr("Ctrl+H"))},
                  inEditor(&CodeEditor::openReplace));
    m_actions.add({QStringLiteral("edit.goToLine"), tr("Go to line"), QKeySequence(tr("Ctrl+G"))},
                  inEditor(&CodeEditor::openGoToLine));
    m_actions.add({QStringLiteral("edit.deleteFunction"), tr("Delete function"), {}, QStringLiteral("trash")},
                  [this](bool) { deleteFunction(m_function); });
}

void MainWindow::addRunActions()
{
    QAction *fire =
        m_actions.add({QStringLiteral("run.fire"), tr("Fire"), QKeySequence(tr("Ctrl+Return")), QStringLiteral("fire")},
                      [this](bool) { m_fire->fire(); });
    fire->setShortcuts({QKeySequence(tr("Ctrl+Return")), QKeySequence(tr("Ctrl+Enter"))});
    m_actions.add({QStringLiteral("run.fireAgain"), tr("Fire again"), QKeySequence(tr("Ctrl+Shift+Return")),
                   QStringLiteral("refresh")},
                  [this](bool) { m_fire->fireAgain(); });
    m_actions.add({QStringLiteral("run.fireCold"), tr("Fire cold"), QKeySequence(tr("Ctrl+Alt+Return"))},
                  [this](bool) { m_fire->fireEvent(m_function, m_fire->event(), true); });
    m_actions
        .add({QStringLiteral("run.fireTwice"), tr("Fire twice"), QKeySequence(tr("Ctrl+Alt+Shift+Return"))},
             [this](bool) { m_fire->fireTwice(); })
        ->setToolTip(tr("Fire at a new worker and then at the same again, and tell what the second run inherited"));
    QAction *cold = m_actions.add(
        {QStringLiteral("run.cold"), tr("Next start cold"), {}, QStringLiteral("cold"), Actions::Kind::Checkable},
        [this](bool on) { m_fire->setNextCold(on); });
    cold->setIconText(tr("Next cold"));
    cold->setToolTip(tr("Fire takes a new worker, whatever is warm"));
    m_actions.add({QStringLiteral("run.load"), tr("Load…"), QKeySequence(tr("Ctrl+Shift+L")), QStringLiteral("load")},
                  [this](bool) { openLoadDialog(m_function); });
    m_actions.add({QStringLiteral("run.stopLoad"), tr("Stop the load run"), {}, QStringLiteral("stop")},
                  [this](bool) { stopLoad(); });
    m_actions.add({QStringLiteral("run.saveLoad"), tr("Save the load report…"), {}, QStringLiteral("save")},
                  [this](bool) { saveLoadReport(); });
    m_actions.add(
        {QStringLiteral("run.nextError"), tr("Next error"), QKeySequence(Qt::Key_F8), QStringLiteral("error")},
        [this](bool) { nextError(); });
    m_actions.add({QStringLiteral("run.grant"), tr("Grant what was refused, and fire again")},
                  [this](bool) { grantLastRefused(); });
    m_actions.add({QStringLiteral("run.retireIdle"), tr("Retire idle workers")},
                  [this](bool) { m_bridge.retireIdle(m_function); });
    m_actions.add({QStringLiteral("run.inspectWorker"), tr("Isolation and state of the selected worker…")},
                  [this](bool) { inspectSelectedWorker(); });
    m_actions.add({QStringLiteral("run.stopWorker"), tr("Stop selected workers"), {}, QStringLiteral("stop")},
                  [this](bool) { stopSelectedWorkers(); });
    m_actions.add({QStringLiteral("run.trust"), tr("Trust this workspace")}, [this](bool) { m_bridge.trust(); });
}

void MainWindow::addViewActions()
{
    m_actions.add({QStringLiteral("view.palette"), tr("Command palette…"), QKeySequence(tr("Ctrl+Shift+P")),
                   QStringLiteral("palette")},
                  [this](bool) { openPalette(); });
    int number = 1;
    for (const auto &[id, title] :
         std::initializer_list<std::pair<const char *, QString>>{{"explorer", tr("Explorer")},
                                                                 {"inspector", tr("Inspector")},
                                                                 {"result", tr("Result")},
                                                                 {"metrics", tr("Metrics")},
                                                                 {"invocations", tr("Invocations")},
                                                                 {"logs", tr("Logs")},
                                                                 {"workers", tr("Workers")},
                                                                 {"events", tr("Test events")},
                                                                 {"load", tr("Load")}}) {
        const QString pane = QString::fromLatin1(id);
        m_actions.add({QStringLiteral("view.") + pane, title, QKeySequence(QStringLiteral("Ctrl+%1").arg(number++)),
                       pane == QStringLiteral("events")      ? QStringLiteral("event")
                       : pane == QStringLiteral("explorer")  ? QStringLiteral("function")
                       : pane == QStringLiteral("inspector") ? QStringLiteral("settings")
                                                             : pane},
                      [this, pane](bool) { togglePane(pane); });
    }
    m_actions.add({QStringLiteral("view.map"), tr("Map"), QKeySequence(tr("Ctrl+Shift+M")), QStringLiteral("map")},
                  [this](bool) { m_documents->activate(QStringLiteral("map")); });
    m_actions.add({QStringLiteral("view.nextTab"), tr("Next tab"), QKeySequence(tr("Ctrl+PgDown"))},
                  [this](bool) { m_documents->step(1); });
    m_actions.add({QStringLiteral("view.previousTab"), tr("Previous tab"), QKeySequence(tr("Ctrl+PgUp"))},
                  [this](bool) { m_documents->step(-1); });
    m_actions.add({QStringLiteral("view.nextPane"), tr("Next pane"), QKeySequence(Qt::Key_F6)},
                  [this](bool) { stepFocus(1); });
    m_actions.add({QStringLiteral("view.previousPane"), tr("Previous pane"), QKeySequence(tr("Shift+F6"))},
                  [this](bool) { stepFocus(-1); });
    m_actions.add({QStringLiteral("view.themeSystem"), tr("Theme of the system"), {}, QStringLiteral("sun")},
                  [this](bool) { applyTheme(ThemeSwitch::Choice::System); });
    m_actions.add({QStringLiteral("view.themeDark"), tr("Dark theme")},
                  [this](bool) { applyTheme(ThemeSwitch::Choice::Dark); });
    m_actions.add({QStringLiteral("view.themeLight"), tr("Light theme")},
                  [this](bool) { applyTheme(ThemeSwitch::Choice::Light); });
    m_actions.add({QStringLiteral("view.resetLayout"), tr("Reset layout")}, [this](bool) {
        m_settings.forgetLayout();
        arrangePanes();
    });
    m_actions.add({QStringLiteral("view.fullScreen"), tr("Full screen"), QKeySequence(Qt::Key_F11)},
                  [this](bool) { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    m_actions.add({QStringLiteral("help.about"), tr("About Kiln")}, [this](bool) {
        auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Kiln"),
                                    tr("Kiln %1\nA workbench for serverless functions.\nLicence: GPL-3.0-or-later")
                                        .arg(QCoreApplication::applicationVersion()),
                                    QMessageBox::Close, this);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    });
}

void MainWindow::buildMenus()
{
    const std::pair<QString, QString> menus[] = {{QStringLiteral("file."), tr("&File")},
                                                 {QStringLiteral("edit."), tr("&Edit")},
                                                 {QStringLiteral("view."), tr("&View")},
                                                 {QStringLiteral("run."), tr("&Run")},
                                                 {QStringLiteral("help."), tr("&Help")}};
    for (const auto &[prefix, title] : menus) {
        QMenu *menu = menuBar()->addMenu(title);
        for (QAction *action : m_actions.all()) {
            if (!action->objectName().startsWith(prefix))
                continue;
            if (action->objectName() == QStringLiteral("view.themeSystem") ||
                action->objectName() == QStringLiteral("view.resetLayout") ||
                action->objectName() == QStringLiteral("file.quit"))
                menu->addSeparator();
            menu->addAction(action);
        }
    }
}

QMenu *MainWindow::buildWorkspaceMenu()
{
    auto *menu = new QMenu(this);
    menu->addAction(m_actions.get(QStringLiteral("file.openWorkspace")));
    QStringList recent = m_settings.recentWorkspaces();
    recent.removeAll(m_options.workspace);
    if (!recent.isEmpty())
        menu->addSeparator();
    for (const QString &folder : std::as_const(recent))
        menu->addAction(QDir::toNativeSeparators(folder), this, [this, folder] { leaveFor(folder); });
    if (!m_options.workspace.isEmpty())
        m_settings.addRecentWorkspace(m_options.workspace);
    return menu;
}

void MainWindow::openPalette()
{
    QList<PaletteItem> items;
    for (const QAction *action : m_actions.all()) {
        if (action->objectName() == QStringLiteral("view.palette"))
            continue;
        QString text = action->text();
        items.append({QStringLiteral("action:") + action->objectName(), text.remove(QChar(0x2026)),
                      action->shortcut().toString(QKeySequence::NativeText), action->property("iconName").toString(),
                      action->isEnabled()});
    }
    // The current editor's own: comment, move lines, fold …
    if (const CodeEditor *editor = m_desk->currentEditor()) {
        for (const QAction *action : editor->actions()) {
            if (!action->shortcut().isEmpty() || action->objectName().startsWith(QStringLiteral("json.")))
                items.append({QStringLiteral("editor:") + action->objectName(), action->text(),
                              action->shortcut().toString(QKeySequence::NativeText), QStringLiteral("code")});
        }
    }
    m_palette->open(tr("Run a command"), std::move(items), m_settings.recentCommands());
}

void MainWindow::openQuickOpen()
{
    QList<PaletteItem> items;
    for (const FunctionView &view : m_snapshot->workspace->functions) {
        const QString name = QString::fromStdString(view.name);
        items.append({QStringLiteral("function:") + name, name, tr("function"), QStringLiteral("function")});
        for (const std::string &file : view.files) {
            const QString path = name + QLatin1Char('/') + QString::fromStdString(file);
            items.append({QStringLiteral("code:") + path, path, tr("file"), QStringLiteral("file")});
        }
        for (const std::string &event : view.testEvents) {
            const QString path = name + QLatin1Char('/') + QString::fromStdString(event);
            items.append({QStringLiteral("event:") + path, path, tr("test event"), QStringLiteral("event")});
        }
    }
    m_palette->open(tr("Open a function, file or test event"), std::move(items), {});
}

void MainWindow::runPaletteItem(const QString &id)
{
    const QString kind = id.section(QLatin1Char(':'), 0, 0), rest = id.section(QLatin1Char(':'), 1);
    if (kind == QStringLiteral("action")) {
        m_settings.addRecentCommand(id);
        m_actions.get(rest)->trigger();
    } else if (kind == QStringLiteral("editor")) {
        m_settings.addRecentCommand(id);
        if (auto *action = m_desk->currentEditor()->findChild<QAction *>(rest))
            action->trigger();
    } else if (kind == QStringLiteral("function")) {
        openFunction(rest);
    } else {
        const QString function = rest.section(QLatin1Char('/'), 0, 0), file = rest.section(QLatin1Char('/'), 1);
        kind == QStringLiteral("event") ? openTestEvent(function, file) : openSource(function, file, 0);
    }
}

} // namespace kiln::ui
