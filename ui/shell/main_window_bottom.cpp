// SPDX-License-Identifier: GPL-3.0-or-later
// The panes at the bottom, made when they are first looked at.
#include "ui/models/plain_text.h"
#include "ui/panes/invocations_pane.h"
#include "ui/panes/logs_pane.h"
#include "ui/panes/metrics_pane.h"
#include "ui/panes/result_pane.h"
#include "ui/panes/worker_page.h"
#include "ui/panes/workers_pane.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"
#include "ui/shell/status_bar.h"

#include <QClipboard>
#include <QGuiApplication>

namespace kiln::ui {

QWidget *MainWindow::makeResultPane()
{
    m_result = new ResultPane;
    connect(m_result, &ResultPane::fireAgainRequested, m_fire,
            qOverload<const InvocationPtr &>(&FireControl::fireAgain));
    connect(m_result, &ResultPane::grantRequested, this, &MainWindow::grant);
    connect(m_result, &ResultPane::invocationActivated, this, &MainWindow::openInvocation);
    connect(m_result, &ResultPane::sourceRequested, this,
            [this](const QString &file, int line) { openSource(m_fired, file, line); });
    return m_result;
}

/// What is fired by hand is shown at once, whatever pane was in front.
void MainWindow::connectFire()
{
    connect(m_fire, &FireControl::started, this, [this](const QString &function) {
        m_fired = function;
        m_banners->clearBanner(QStringLiteral("error"));
        showPane(QStringLiteral("result"));
        m_result->showRunning(function);
        // "Next cold" means one start.
        m_fire->setNextCold(false);
        m_actions.get(QStringLiteral("run.cold"))->setChecked(false);
    });
    connect(m_fire, &FireControl::finished, this, [this](const InvocationPtr &invocation) {
        if (invocation)
            m_result->showResult(invocation);
    });
    connect(m_fire, &FireControl::firedTwice, this, [this](const Engine::FiredTwice &both) {
        m_result->showResult(both.second);
        m_result->showInherited(both.first, both.between);
    });
    connect(m_fire, &FireControl::failed, this, [this](const Error &error) {
        showPane(QStringLiteral("result"));
        m_result->showError(QString::fromStdString(error.text()));
    });
}

QWidget *MainWindow::makeMetricsPane()
{
    auto *pane = new MetricsPane;
    m_feeds.insert(QStringLiteral("metrics"), [pane](const SnapshotPtr &snapshot) { pane->setSnapshot(snapshot); });
    connect(pane, &MetricsPane::rangeActivated, this, &MainWindow::showInvocationsBetween);
    return pane;
}

QWidget *MainWindow::makeInvocationsPane()
{
    auto *pane = new InvocationsPane;
    m_invocations = pane;
    m_feeds.insert(QStringLiteral("invocations"), [pane](const SnapshotPtr &snapshot) { pane->setSnapshot(snapshot); });
    connect(pane, &InvocationsPane::invocationActivated, this, &MainWindow::openInvocation);
    connect(pane, &InvocationsPane::fireAgainRequested, this, [this](const InvocationPtr &row) {
        withEvent(row, [this](const InvocationPtr &whole) { m_fire->fireAgain(whole); });
    });
    connect(pane, &InvocationsPane::copyEventRequested, this, [this](const InvocationPtr &row) {
        withEvent(row, [this](const InvocationPtr &whole) {
            QGuiApplication::clipboard()->setText(toQString(*whole->event.data));
            m_status->setNote(tr("Copied the event"));
        });
    });
    connect(pane, &InvocationsPane::olderRequested, this, [this, pane](const InvocationQuery &query) {
        m_bridge.queryInvocations(query, pane, [this, pane, query](const Result<std::vector<InvocationPtr>> &found) {
            pane->showOlder(query, found ? std::optional(*found) : std::nullopt);
            if (!found)
                tellError(found.error());
        });
    });
    return pane;
}

/// The invocations behind a point of the charts.
void MainWindow::showInvocationsBetween(const QString &function, WallTime from, WallTime to)
{
    showPane(QStringLiteral("invocations"));
    InvocationQuery query;
    query.function = function.toStdString();
    query.since = from;
    query.until = to;
    query.limit = 1000;
    m_invocations->setFunctionFilter(function);
    m_bridge.queryInvocations(query, m_invocations, [this](const Result<std::vector<InvocationPtr>> &found) {
        if (found)
            m_invocations->showFound(*found);
        else
            tellError(found.error());
    });
}

QWidget *MainWindow::makeLogsPane()
{
    auto *pane = new LogsPane;
    m_feeds.insert(QStringLiteral("logs"), [pane](const SnapshotPtr &snapshot) { pane->setSnapshot(snapshot); });
    connect(pane, &LogsPane::invocationRequested, this, [this](const Uuid &id) {
        m_bridge.loadInvocation(id, this, [this](const Result<InvocationPtr> &whole) {
            if (whole && *whole)
                openInvocation(*whole);
            else if (!whole)
                tellError(whole.error());
        });
    });
    connect(pane, &LogsPane::searchRequested, this, [this, pane](const LogQuery &query) {
        m_bridge.queryLogs(query, pane, [this, pane](const Result<std::vector<LogEntry>> &found) {
            pane->showFound(found ? *found : std::vector<LogEntry>());
            if (!found)
                tellError(found.error());
        });
    });
    return pane;
}

QWidget *MainWindow::makeWorkersPane()
{
    auto *pane = new WorkersPane;
    m_feeds.insert(QStringLiteral("workers"), [pane](const SnapshotPtr &snapshot) { pane->setSnapshot(snapshot); });
    connect(pane, &WorkersPane::stopRequested, &m_bridge, &EngineBridge::stopWorker);
    connect(pane, &WorkersPane::inspectRequested, this, &MainWindow::openWorkerPage);
    connect(pane, &WorkersPane::retireIdleRequested, &m_bridge, &EngineBridge::retireIdle);
    m_workers = pane;
    return pane;
}

void MainWindow::inspectSelectedWorker()
{
    if (!m_workers || !m_workers->inspectSelected())
        showPane(QStringLiteral("workers"));
}

/// One page for each worker: a second wish for it brings the first one to the front.
void MainWindow::openWorkerPage(quint64 worker)
{
    const auto pages = findChildren<WorkerPage *>();
    for (WorkerPage *page : pages) {
        if (page->worker() == worker) {
            page->raise();
            page->activateWindow();
            fillWorkerPage(page);
            return;
        }
    }
    auto *page = new WorkerPage(worker, this);
    connect(page, &WorkerPage::refreshRequested, this, [this, page] { fillWorkerPage(page); });
    fillWorkerPage(page);
    page->show();
}

void MainWindow::fillWorkerPage(WorkerPage *page)
{
    m_bridge.inspectWorker(page->worker(), page, [page](const Result<WorkerInspection> &inspection) {
        if (inspection)
            page->showInspection(*inspection);
        else
            page->showProblem(QString::fromStdString(inspection.error().text()));
    });
}

/// Without a selection there is nothing to stop: the pane is shown, where one can be made.
void MainWindow::stopSelectedWorkers()
{
    if (!m_workers || !m_workers->stopSelected())
        showPane(QStringLiteral("workers"));
}

} // namespace kiln::ui
