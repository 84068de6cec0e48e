// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "ui/canvas/map_view.h"
#include "ui/panes/explorer_pane.h"
#include "ui/panes/inspector_pane.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/document_desk.h"
#include "ui/shell/documents.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/error_places.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/pane_dock.h"
#include "ui/shell/status_bar.h"
#include "ui/shell/top_bar.h"

#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace kiln::ui {

MainWindow::MainWindow(EngineBridge &bridge, Options options)
    : m_bridge(bridge)
    , m_options(std::move(options))
    , m_settings(m_options.settingsFile.isEmpty() ? WindowSettings::defaultFile() : m_options.settingsFile,
                 m_options.workspace)
    , m_actions(this)
    , m_fire(new FireControl(bridge, this))
    , m_errors(new ErrorPlaces(this))
{
    setObjectName(QStringLiteral("window"));
    setDocumentMode(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks | GroupedDragging);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);

    m_documents = new Documents(this);
    auto *centre = new QWidget(this);
    m_banners = new BannerBar(centre);
    auto *layout = new QVBoxLayout(centre);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(m_banners);
    layout->addWidget(m_documents, 1);
    setCentralWidget(centre);
    m_status = new StatusBar(this);
    setStatusBar(m_status);

    addActions();
    buildPanes();
    buildDesk();
    buildMenus();
    m_topBar = new TopBar(m_actions, buildWorkspaceMenu(), this);
    addToolBar(m_topBar);
    m_palette = new CommandPalette(this);
    arrangePanes();
    restoreState();

    connect(&m_bridge, &EngineBridge::snapshotChanged, this, &MainWindow::take);
    connect(&m_bridge, &EngineBridge::failed, this, &MainWindow::tellError);
    connect(&m_bridge, &EngineBridge::startFailed, this, &MainWindow::tellNoEngine);
    connectFire();
    connect(m_banners, &BannerBar::actionTriggered, this, &MainWindow::runBanner);
    connect(m_status, &StatusBar::copyRequested, this, &MainWindow::copy);
    connect(m_palette, &CommandPalette::chosen, this, &MainWindow::runPaletteItem);
    connect(m_topBar, &TopBar::eventChosen, this, [this](const QString &event) {
        m_fire->setEvent(event);
        m_settings.setEventOf(m_function, event);
    });
    take(m_bridge.snapshot());
}

MainWindow::~MainWindow() = default;

void MainWindow::take(const SnapshotPtr &snapshot)
{
    const SnapshotPtr before = m_snapshot;
    m_snapshot = snapshot;
    m_errors->setSnapshot(snapshot);
    m_explorer->setSnapshot(snapshot);
    m_inspector->setSnapshot(snapshot);
    m_status->setSnapshot(snapshot);
    for (const PaneDock *dock : std::as_const(m_docks)) {
        // What cannot be seen gets the newest snapshot when it comes to the front.
        const auto feed = m_feeds.constFind(dock->objectName());
        if (feed != m_feeds.constEnd() && !dock->visibleRegion().isEmpty())
            (*feed)(snapshot);
    }
    if (const auto map = m_feeds.constFind(QStringLiteral("map")); map != m_feeds.constEnd())
        (*map)(snapshot);
    if (snapshot->time - m_infoShown >= std::chrono::seconds(1) || snapshot->time < m_infoShown) {
        m_infoShown = snapshot->time;
        m_desk->showInfo([this](const QString &path) { return infoOf(path); });
    }
    if (before)
        tellLoad(before);
    if (before && before->workspace == snapshot->workspace &&
        before->engine.storeProblem == snapshot->engine.storeProblem &&
        before->engine.addressProblem == snapshot->engine.addressProblem &&
        before->engine.tier == snapshot->engine.tier)
        return;
    chooseSomething();
    showBanners();
    showTarget();
    if (before)
        tellRevisions(before);
    if (m_painted && !m_tabsRestored && !snapshot->workspace->functions.empty())
        restoreTabs();
    openNewFunction();
    const WorkspaceView &workspace = *snapshot->workspace;
    m_topBar->setWorkspace(QString::fromStdString(workspace.name), QString::fromStdString(workspace.folder.string()));
    setWindowTitle(workspace.name.empty() ? tr("Kiln") : tr("%1 - Kiln").arg(QString::fromStdString(workspace.name)));
}

const FunctionView *MainWindow::viewOf(const QString &function) const
{
    const std::string name = function.toStdString();
    const auto &all = m_snapshot->workspace->functions;
    const auto at = std::find_if(all.begin(), all.end(), [&](const FunctionView &each) { return each.name == name; });
    return at == all.end() ? nullptr : &*at;
}

/// A function is always in hand when there is one: that of last time, or the first.
void MainWindow::chooseSomething()
{
    if (viewOf(m_function))
        return;
    const auto &all = m_snapshot->workspace->functions;
    const QString remembered = m_settings.selection();
    if (viewOf(remembered))
        select(remembered);
    else if (!all.empty())
        select(QString::fromStdString(all.front().name));
}

void MainWindow::select(const QString &function)
{
    if (function.isEmpty())
        return;
    m_explorer->select(function);
    if (function == m_function)
        return;
    m_function = function;
    m_settings.setSelection(function);
    m_inspector->setFunction(function);
    if (m_map)
        m_map->selectFunction(function);
    if (const auto feed = m_feeds.value(QStringLiteral("events")))
        feed(m_snapshot);
    showTarget();
}

void MainWindow::showTarget()
{
    QStringList events;
    if (const FunctionView *view = viewOf(m_function)) {
        for (const std::string &name : view->testEvents)
            events << QString::fromStdString(name);
    }
    QString event = m_settings.eventOf(m_function);
    if (!events.contains(event))
        event = events.value(0);
    m_fire->setFunction(viewOf(m_function) ? m_function : QString());
    m_fire->setEvent(event);
    m_topBar->setTarget(m_fire->function(), events, event);
}

void MainWindow::showBanners()
{
    const WorkspaceView &workspace = *m_snapshot->workspace;
    const EngineLive &engine = m_snapshot->engine;
    const auto show = [this](const QString &id, bool on, const BannerBar::Banner &banner) {
        on ? m_banners->setBanner(id, banner) : m_banners->clearBanner(id);
    };
    using Tone = BannerBar::Tone;
    show(QStringLiteral("trust"), !workspace.trusted,
         {Tone::Warning,
          tr("Triggers are off: this workspace comes from elsewhere. Look at its code before you trust it."),
          {tr("Trust")},
          false});
    show(QStringLiteral("readOnly"), workspace.readOnly,
         {Tone::Warning,
          tr("Nothing can be run here: %1").arg(QString::fromStdString(workspace.readOnlyReason)),
          {tr("Try again")},
          false});
    QStringList asking;
    for (const FunctionView &view : workspace.functions) {
        QStringList grants;
        for (const std::string &grant : view.asksMore)
            grants << QString::fromStdString(grant);
        if (!grants.isEmpty())
            asking << tr("%1: %2").arg(QString::fromStdString(view.name), grants.join(QStringLiteral(", ")));
    }
    show(QStringLiteral("asksMore"), !asking.isEmpty(),
         {Tone::Warning,
          tr("function.yaml asks for more than it has run with before. %1").arg(asking.join(QStringLiteral("; "))),
          {tr("Show")}});
    show(QStringLiteral("address"), !engine.addressProblem.empty(),
         {Tone::Error, tr("HTTP triggers do not work: %1").arg(QString::fromStdString(engine.addressProblem)), {}});
    show(QStringLiteral("store"), !engine.storeProblem.empty(),
         {Tone::Error, tr("History is not being kept: %1").arg(QString::fromStdString(engine.storeProblem)), {}});
    show(QStringLiteral("tier"), engine.tier == Tier::None,
         {Tone::Warning,
          tr("No isolation is possible on this machine, so functions do not run. The lock in the status "
             "line shows what was tried."),
          {}});
}

/// Save is deploy: tells when the new revision is what runs.
void MainWindow::tellRevisions(const SnapshotPtr &before)
{
    for (const FunctionView &view : m_snapshot->workspace->functions) {
        const auto &old = before->workspace->functions;
        const auto was =
            std::find_if(old.begin(), old.end(), [&](const FunctionView &each) { return each.name == view.name; });
        const bool same = was != old.end() && was->revision == view.revision;
        if (view.revision && !same && !old.empty())
            m_status->setNote(
                tr("%1: revision %2 ready")
                    .arg(QString::fromStdString(view.name), QString::fromStdString(view.revision->hash.substr(0, 8))));
    }
}

void MainWindow::tellError(const Error &error)
{
    m_inspector->restore();
    m_banners->clearBanner(QStringLiteral("error"));
    m_banners->setBanner(QStringLiteral("error"), {BannerBar::Tone::Error, QString::fromStdString(error.text()), {}});
}

/// There will be none in this window; what is on disk can still be read.
void MainWindow::tellNoEngine(const Error &error)
{
    m_status->setNoEngine();
    m_banners->setBanner(QStringLiteral("noEngine"),
                         {BannerBar::Tone::Error,
                          tr("Kiln could not start here: %1").arg(QString::fromStdString(error.text())),
                          {tr("Try again")},
                          false});
}

/// The window of another workspace takes this one's place, as soon as nothing is unsaved.
void MainWindow::leaveFor(const QString &folder)
{
    m_leaveFor = folder;
    if (asksForUnsaved())
        return;
    m_leaveFor.clear();
    rememberState();
    Q_EMIT openWorkspaceRequested(folder);
}

/// Whether there is something unsaved, which a line then asks about.
bool MainWindow::asksForUnsaved()
{
    const QStringList unsaved = m_desk->unsaved();
    if (unsaved.isEmpty())
        return false;
    m_banners->clearBanner(QStringLiteral("close"));
    m_banners->setBanner(QStringLiteral("close"),
                         {BannerBar::Tone::Warning, tr("Not saved: %1.").arg(unsaved.join(QStringLiteral(", "))),
                          m_leaveFor.isEmpty() ? QStringList{tr("Save and quit"), tr("Discard and quit")}
                                               : QStringList{tr("Save and leave"), tr("Discard and leave")},
                          true});
    m_banners->focusBanner(QStringLiteral("close"));
    return true;
}

/// The first function that asks for more than it has run with, with its permissions in sight.
void MainWindow::showAsking()
{
    for (const FunctionView &view : m_snapshot->workspace->functions) {
        if (view.asksMore.empty())
            continue;
        select(QString::fromStdString(view.name));
        m_inspector->showPermissions();
        return;
    }
}

void MainWindow::runBanner(const QString &id, int action)
{
    if (id == QStringLiteral("left")) {
        m_banners->clearBanner(id);
        action == 0 ? m_desk->restoreLeftBehind([this](const QString &path) { return titleOf(path); })
                    : m_desk->discardLeftBehind();
    }
    if (id == QStringLiteral("close")) {
        m_banners->clearBanner(id);
        action == 0 ? m_desk->saveAll() : m_desk->discardAll();
        if (!m_desk->unsaved().isEmpty())
            return; // one could not be written, and its document says why
        if (m_leaveFor.isEmpty())
            close();
        else
            leaveFor(m_leaveFor);
    }
    if (id == QStringLiteral("readOnly") || id == QStringLiteral("noEngine"))
        leaveFor(m_options.workspace);
    if (id == QStringLiteral("asksMore"))
        showAsking();
    if (id == QStringLiteral("trust"))
        m_bridge.trust();
    if (id == QStringLiteral("deleted") && m_undoDelete) {
        m_banners->clearBanner(id);
        std::exchange(m_undoDelete, nullptr)();
    }
}

void MainWindow::copy(const QString &text)
{
    if (text.isEmpty())
        return;
    QApplication::clipboard()->setText(text);
    m_status->setNote(tr("Copied %1").arg(text.section(QLatin1Char('\n'), 0, 0)));
}

void MainWindow::applyTheme(ThemeSwitch::Choice choice)
{
    m_settings.setTheme(choice);
    ThemeSwitch::instance().apply(choice);
    m_actions.refreshIcons();
    m_topBar->refreshIcons();
    m_status->setSnapshot(m_snapshot);
}

bool MainWindow::event(QEvent *event)
{
    const bool handled = QMainWindow::event(event);
    if (event->type() == QEvent::Paint && !m_painted) {
        m_painted = true;
        // What takes long is made once the window can be seen.
        QTimer::singleShot(0, this, [this] {
            Q_EMIT firstPainted();
            buildHeavy();
        });
    }
    return handled;
}

void MainWindow::restoreState()
{
    const WindowSettings::Layout layout = m_settings.layout();
    resize(1280, 800);
    if (!layout.geometry.isEmpty())
        restoreGeometry(layout.geometry);
    if (!layout.state.isEmpty())
        QMainWindow::restoreState(layout.state);
}

void MainWindow::rememberState()
{
    m_settings.setLayout({saveGeometry(), QMainWindow::saveState()});
    m_settings.setOpenTabs(m_documents->keys());
    m_settings.setCurrentTab(m_documents->currentKey());
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    m_leaveFor.clear();
    if (asksForUnsaved()) {
        event->ignore();
        return;
    }
    rememberState();
    event->accept();
}

} // namespace kiln::ui
