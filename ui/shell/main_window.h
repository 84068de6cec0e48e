// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/base/result.h"
#include "ui/panes/new_function_dialog.h"
#include "ui/panes/trigger_editor.h"
#include "ui/shell/actions.h"
#include "ui/shell/window_settings.h"

#include <QHash>
#include <QMainWindow>

#include <functional>
#include <vector>

class QMenu;

namespace kiln::ui {

class BannerBar;
class CommandPalette;
class DocumentDesk;
class Documents;
class EngineBridge;
class ErrorPlaces;
class ExplorerPane;
class FireControl;
class InspectorPane;
class InvocationsPane;
class LoadDialog;
class MapView;
class PaneDock;
class ResultPane;
class StatusBar;
class TopBar;
class WorkerPage;
class WorkersPane;
struct PaletteItem;
enum class AfterGrant;

/// The window of one workspace: connects what the panes wish for to the engine, and what the engine tells to the panes,
/// which know neither each other nor the engine. GUI thread.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    struct Options
    {
        QString workspace;    ///< Its folder.
        QString settingsFile; ///< WindowSettings::defaultFile() when empty.
        QString backupFolder; ///< UnsavedBackup::folderOf(workspace) when empty.
        TriggerChecks checks; ///< The engine's rules for triggers, lent to the editors.
        std::vector<TemplateChoice> templates;
    };

    MainWindow(EngineBridge &bridge, Options options);
    ~MainWindow() override;

    [[nodiscard]] const Actions &allActions() const { return m_actions; }
    /// The function in hand: what the inspector shows and Fire fires.
    [[nodiscard]] QString function() const { return m_function; }

    /// A line in the window: what could not be done, where, why, and what to do about it.
    void tellError(const Error &error);

Q_SIGNALS:
    void openWorkspaceRequested(const QString &folder); ///< Another workspace, in this window's place.
    void firstPainted();

protected:
    bool event(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    // main_window.cpp
    void take(const SnapshotPtr &snapshot);
    void select(const QString &function);
    void chooseSomething();
    void showBanners();
    void showTarget();
    void tellRevisions(const SnapshotPtr &before);
    void tellNoEngine(const Error &error);
    void leaveFor(const QString &folder);
    bool asksForUnsaved();
    void runBanner(const QString &id, int action);
    void showAsking();
    void copy(const QString &text);
    void rememberState();
    void restoreState();
    void applyTheme(ThemeSwitch::Choice choice);
    [[nodiscard]] const FunctionView *viewOf(const QString &function) const;

    // main_window_documents.cpp
    void buildDesk();
    void restoreTabs();
    void openPath(const QString &path, int line);
    void openFunction(const QString &function);
    void openSource(const QString &function, const QString &file, int line);
    void openWorkspaceFile(const QString &file, int line);
    void openTestEvent(const QString &function, const QString &name);
    void openInvocation(const InvocationPtr &invocation);
    void withEvent(const InvocationPtr &invocation, std::function<void(const InvocationPtr &)> then);
    void nextError();
    [[nodiscard]] std::pair<QString, QString> whereIs(const QString &path) const;
    [[nodiscard]] QString infoOf(const QString &path) const;
    [[nodiscard]] QString titleOf(const QString &path) const;

    // main_window_actions.cpp
    void addActions();
    void addFileActions();
    void addEditActions();
    void addRunActions();
    void addViewActions();
    void buildMenus();
    QMenu *buildWorkspaceMenu();
    void openPalette();
    void openQuickOpen();
    void runPaletteItem(const QString &id);
    void askNewFunction();
    void openNewFunction();
    void addTestEvent(const QString &function, const InvocationPtr &like = nullptr);
    void addTestEventFromLast(const QString &function);
    void deleteFunction(const QString &function);
    void deleteTestEvent(const QString &function, const QString &name);
    void grant(const InvocationPtr &invocation, const QStringList &grants, AfterGrant then);
    void grantLastRefused();

    // main_window_panes.cpp
    void buildPanes();
    void connectExplorer();
    void connectInspector();
    void addDock(const QString &id, const QString &title, std::function<QWidget *()> make);
    // main_window_bottom.cpp
    void connectFire();
    void showInvocationsBetween(const QString &function, WallTime from, WallTime to);
    QWidget *makeResultPane();
    QWidget *makeMetricsPane();
    QWidget *makeInvocationsPane();
    QWidget *makeLogsPane();
    QWidget *makeWorkersPane();
    void stopSelectedWorkers();
    void inspectSelectedWorker();
    void openWorkerPage(quint64 worker);
    void fillWorkerPage(WorkerPage *page);
    QWidget *makeTestEventsPane(); ///< main_window_events.cpp
    // main_window_load.cpp
    QWidget *makeLoadPane();
    void openLoadDialog(const QString &function);
    void startLoad(LoadPlan plan);
    void stopLoad();
    void saveLoadReport();
    void tellLoad(const SnapshotPtr &before);
    void buildMap();
    void arrangePanes();
    void buildHeavy();
    void updateTitleBars();
    void togglePane(const QString &id);
    void showPane(const QString &id);
    void stepFocus(int panes);

    EngineBridge &m_bridge;
    Options m_options;
    WindowSettings m_settings;
    Actions m_actions;
    SnapshotPtr m_snapshot;
    QString m_function;
    bool m_painted = false;
    WallTime m_infoShown; ///< Figures above the code change once a second, which can be read.
    bool m_tabsRestored = false;

    FireControl *const m_fire;
    ErrorPlaces *const m_errors;
    BannerBar *m_banners = nullptr;
    Documents *m_documents = nullptr;
    DocumentDesk *m_desk = nullptr;
    MapView *m_map = nullptr; ///< Made after the first paint.
    ResultPane *m_result = nullptr;
    InvocationsPane *m_invocations = nullptr;
    WorkersPane *m_workers = nullptr;
    QString m_newFunction;              ///< Made by hand and not yet shown.
    QString m_leaveFor;                 ///< The workspace to open once nothing is unsaved.
    QString m_fired;                    ///< The function whose result is shown.
    LoadDialog *m_loadDialog = nullptr; ///< Made when it is first asked for.
    CommandPalette *m_palette = nullptr;
    TopBar *m_topBar = nullptr;
    StatusBar *m_status = nullptr;
    ExplorerPane *m_explorer = nullptr;
    InspectorPane *m_inspector = nullptr;
    QList<PaneDock *> m_docks;
    /// Hands a snapshot to a pane; called for those that can be seen.
    QHash<QString, std::function<void(const SnapshotPtr &)>> m_feeds;
    std::function<void()> m_undoDelete;
    std::size_t m_nextError = 0;
};

} // namespace kiln::ui
