// SPDX-License-Identifier: GPL-3.0-or-later
// The panes around the documents, and who gets what they wish for.
#include "ui/canvas/map_view.h"
#include "ui/models/map_graph.h"
#include "ui/panes/explorer_pane.h"
#include "ui/panes/inspector_pane.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/documents.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pane_dock.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QDesktopServices>
#include <QTimer>
#include <QUrl>

#include <algorithm>

namespace kiln::ui {

namespace {

bool canBeSeen(const QWidget *widget) { return widget->isVisible() && !widget->visibleRegion().isEmpty(); }

/// To its list or table if it has one, else to the first control that the tab key would reach. Answers whether there
/// was any.
bool giveFocus(QWidget *to)
{
    QWidget *chosen = to->focusProxy() || to->focusPolicy() != Qt::NoFocus ? to : nullptr;
    for (auto *view : to->findChildren<QAbstractItemView *>()) {
        if (!chosen && canBeSeen(view) && view->focusPolicy() != Qt::NoFocus)
            chosen = view;
    }
    for (auto *each : to->findChildren<QWidget *>()) {
        if (!chosen && canBeSeen(each) && each->isEnabled() && (each->focusPolicy() & Qt::TabFocus))
            chosen = each;
    }
    if (chosen)
        chosen->setFocus(Qt::ShortcutFocusReason);
    return chosen;
}

} // namespace

void MainWindow::buildPanes()
{
    m_documents->add(QStringLiteral("map"), new QWidget, tr("Map"), QStringLiteral("map"), Documents::Closing::Never);
    m_explorer = new ExplorerPane(this);
    m_inspector = new InspectorPane(this);
    m_inspector->setChecks(m_options.checks);
    connectExplorer();
    connectInspector();

    addDock(QStringLiteral("explorer"), tr("Explorer"), [this] { return m_explorer; });
    addDock(QStringLiteral("inspector"), tr("Inspector"), [this] { return m_inspector; });
    addDock(QStringLiteral("result"), tr("Result"), [this] { return makeResultPane(); });
    addDock(QStringLiteral("metrics"), tr("Metrics"), [this] { return makeMetricsPane(); });
    addDock(QStringLiteral("invocations"), tr("Invocations"), [this] { return makeInvocationsPane(); });
    addDock(QStringLiteral("logs"), tr("Logs"), [this] { return makeLogsPane(); });
    addDock(QStringLiteral("workers"), tr("Workers"), [this] { return makeWorkersPane(); });
    addDock(QStringLiteral("load"), tr("Load"), [this] { return makeLoadPane(); });
    addDock(QStringLiteral("events"), tr("Test events"), [this] { return makeTestEventsPane(); });
    m_docks[0]->build();
    m_docks[1]->build();
}

void MainWindow::addDock(const QString &id, const QString &title, std::function<QWidget *()> make)
{
    auto *dock = new PaneDock(id, title, std::move(make), this);
    m_docks << dock;
    const auto later = [this] { QTimer::singleShot(0, this, &MainWindow::updateTitleBars); };
    connect(dock, &QDockWidget::dockLocationChanged, this, later);
    connect(dock, &QDockWidget::topLevelChanged, this, later);
    connect(dock, &QDockWidget::visibilityChanged, this, [this, dock, later](bool visible) {
        later();
        if (!visible || !m_painted)
            return;
        dock->build();
        if (const auto feed = m_feeds.value(dock->objectName()))
            feed(m_snapshot);
    });
}

void MainWindow::arrangePanes()
{
    const auto areaOf = [](const QString &id) {
        return id == QStringLiteral("explorer")                                      ? Qt::LeftDockWidgetArea
               : id == QStringLiteral("inspector") || id == QStringLiteral("events") ? Qt::RightDockWidgetArea
                                                                                     : Qt::BottomDockWidgetArea;
    };
    PaneDock *bottom = nullptr;
    for (PaneDock *dock : std::as_const(m_docks)) {
        dock->setFloating(false);
        addDockWidget(areaOf(dock->objectName()), dock);
        if (areaOf(dock->objectName()) == Qt::BottomDockWidgetArea) {
            if (bottom)
                tabifyDockWidget(bottom, dock);
            bottom = dock;
        }
        dock->show();
        if (dock->objectName() == QStringLiteral("events"))
            tabifyDockWidget(m_docks[1], dock);
    }
    m_docks[1]->raise();
    resizeDocks({m_docks[0], m_docks[1]}, {248, 312}, Qt::Horizontal);
    if (m_docks.size() > 2) {
        resizeDocks({m_docks[2]}, {280}, Qt::Vertical);
        m_docks[2]->raise();
    }
    QTimer::singleShot(0, this, &MainWindow::updateTitleBars);
}

void MainWindow::updateTitleBars()
{
    for (PaneDock *dock : std::as_const(m_docks))
        dock->updateTitleBar(!tabifiedDockWidgets(dock).isEmpty());
}

void MainWindow::showPane(const QString &id)
{
    for (PaneDock *dock : std::as_const(m_docks)) {
        if (dock->objectName() != id)
            continue;
        dock->build();
        dock->show();
        dock->raise();
    }
}

/// Hides a pane that can be seen, and brings one to the front that cannot, with the focus: a hand on the keyboard goes
/// there to do something.
void MainWindow::togglePane(const QString &id)
{
    for (PaneDock *dock : std::as_const(m_docks)) {
        if (dock->objectName() != id)
            continue;
        if (canBeSeen(dock)) {
            dock->hide();
            continue;
        }
        showPane(id);
        giveFocus(dock->widget());
    }
}

/// The keyboard's way around the window: the document, the lines above it, and the panes that can be seen.
void MainWindow::stepFocus(int panes)
{
    QList<QWidget *> places{m_documents->currentWidget()};
    if (canBeSeen(m_banners))
        places << m_banners;
    for (PaneDock *dock : std::as_const(m_docks)) {
        if (canBeSeen(dock))
            places << dock->widget();
    }
    const QWidget *focus = QApplication::focusWidget();
    const auto here = std::find_if(places.begin(), places.end(), [focus](const QWidget *place) {
        return focus && (place == focus || place->isAncestorOf(focus));
    });
    qsizetype at = here == places.end() ? 0 : here - places.begin();
    for (qsizetype tried = 0; tried < places.size(); ++tried) {
        at = (at + panes + places.size()) % places.size();
        if (giveFocus(places[at])) // a pane that only says that it is empty has no place for it
            return;
    }
}

void MainWindow::buildHeavy()
{
    for (PaneDock *dock : std::as_const(m_docks)) {
        if (!dock->visibleRegion().isEmpty()) {
            dock->build();
            if (const auto feed = m_feeds.value(dock->objectName()))
                feed(m_snapshot);
        }
    }
    buildMap();
    if (!m_snapshot->workspace->functions.empty())
        restoreTabs();
}

/// The map is a document that is always there.
void MainWindow::buildMap()
{
    auto *map = new MapView;
    m_documents->replace(QStringLiteral("map"), map);
    m_feeds.insert(QStringLiteral("map"), [map](const SnapshotPtr &snapshot) {
        if (map->isVisible())
            map->setGraph(mapGraphOf(*snapshot));
    });
    connect(m_documents, &Documents::activated, map, [this, map](const QString &key) {
        if (key != QStringLiteral("map"))
            return;
        map->setGraph(mapGraphOf(*m_snapshot));
        map->selectFunction(m_function);
    });
    connect(map, &MapView::functionSelected, this, &MainWindow::select);
    connect(map, &MapView::functionOpened, this, &MainWindow::openFunction);
    connect(map, &MapView::newFunctionRequested, this, &MainWindow::askNewFunction);
    connect(map, &MapView::triggerSelected, this, [this](const QString &function, int trigger) {
        select(function);
        m_explorer->select(function, trigger);
    });
    connect(map, &MapView::fireRequested, this, [this](const QString &function) {
        select(function);
        m_fire->fire();
    });
    m_map = map;
    map->setGraph(mapGraphOf(*m_snapshot));
    map->selectFunction(m_function);
}

void MainWindow::connectExplorer()
{
    connect(m_explorer, &ExplorerPane::functionSelected, this, &MainWindow::select);
    connect(m_explorer, &ExplorerPane::triggerSelected, this,
            [this](const QString &function, int) { select(function); });
    connect(m_explorer, &ExplorerPane::newFunctionRequested, this, &MainWindow::askNewFunction);
    connect(m_explorer, &ExplorerPane::newTestEventRequested, this,
            [this](const QString &function) { addTestEvent(function); });
    connect(m_explorer, &ExplorerPane::newTestEventFromLastRequested, this, &MainWindow::addTestEventFromLast);
    connect(m_explorer, &ExplorerPane::fireRequested, this, [this](const QString &function) {
        select(function);
        m_fire->fire();
    });
    connect(m_explorer, &ExplorerPane::loadRequested, this, &MainWindow::openLoadDialog);
    connect(m_explorer, &ExplorerPane::fireColdRequested, this, [this](const QString &function) {
        select(function);
        m_fire->fireEvent(function, m_fire->event(), true);
    });
    connect(m_explorer, &ExplorerPane::fireEventRequested, this, [this](const QString &function, const QString &name) {
        select(function);
        m_fire->fireEvent(function, name, false);
    });
    connect(m_explorer, &ExplorerPane::runTriggerRequested, m_fire, &FireControl::runTrigger);
    connect(m_explorer, &ExplorerPane::deleteFunctionRequested, this, &MainWindow::deleteFunction);
    connect(m_explorer, &ExplorerPane::deleteTestEventRequested, this, &MainWindow::deleteTestEvent);
    connect(m_explorer, &ExplorerPane::openFolderRequested, this, [this](const QString &function) {
        if (const FunctionView *view = viewOf(function))
            QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(view->folder.string())));
    });
}

void MainWindow::connectInspector()
{
    connect(m_inspector, &InspectorPane::editRequested, this,
            [this](const WorkspaceEdit &edit) { m_bridge.edit(edit); });
    connect(m_inspector, &InspectorPane::secretGiven, this,
            [this](const QString &name, const QString &value) { m_bridge.setSecret(name, value); });
    connect(m_inspector, &InspectorPane::secretForgotten, this,
            [this](const QString &name) { m_bridge.setSecret(name, std::nullopt); });
    connect(m_inspector, &InspectorPane::runTriggerRequested, m_fire, &FireControl::runTrigger);
    connect(m_inspector, &InspectorPane::copyRequested, this, &MainWindow::copy);
}

} // namespace kiln::ui
