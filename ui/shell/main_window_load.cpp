// SPDX-License-Identifier: GPL-3.0-or-later
// Load runs: the dialog that asks for one, the pane that shows it.
#include "core/api/json_text.h"
#include "core/api/load_json.h"
#include "ui/models/plain_text.h"
#include "ui/panes/load_dialog.h"
#include "ui/panes/load_pane.h"
#include "ui/panes/load_text.h"
#include "ui/shell/banner_bar.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/main_window.h"
#include "ui/shell/status_bar.h"

#include <QFileDialog>
#include <QSaveFile>

#include <boost/json.hpp>

#include <algorithm>

namespace kiln::ui {

QWidget *MainWindow::makeLoadPane()
{
    auto *pane = new LoadPane;
    m_feeds.insert(QStringLiteral("load"), [pane](const SnapshotPtr &snapshot) { pane->setReport(snapshot->load); });
    connect(pane, &LoadPane::newRequested, this, [this] { openLoadDialog(m_function); });
    connect(pane, &LoadPane::againRequested, this, &MainWindow::startLoad);
    connect(pane, &LoadPane::stopRequested, &m_bridge, &EngineBridge::stopLoad);
    connect(pane, &LoadPane::saveRequested, this, &MainWindow::saveLoadReport);
    connect(pane, &LoadPane::invocationsRequested, this, [this](WallTime from, WallTime to) {
        const std::vector<LoadEvent> &events = m_snapshot->load->plan.events;
        const bool one = std::all_of(events.begin(), events.end(),
                                     [&](const LoadEvent &event) { return event.function == events.front().function; });
        showInvocationsBetween(one && !events.empty() ? toQString(events.front().function) : QString(), from, to);
    });
    return pane;
}

void MainWindow::openLoadDialog(const QString &function)
{
    if (!m_loadDialog) {
        m_loadDialog = new LoadDialog(this);
        connect(m_loadDialog, &LoadDialog::startRequested, this, &MainWindow::startLoad);
    }
    m_loadDialog->setWorkspace(m_snapshot->workspace);
    m_loadDialog->setFunction(function);
    m_loadDialog->show();
    m_loadDialog->raise();
    m_loadDialog->activateWindow();
}

void MainWindow::startLoad(LoadPlan plan)
{
    plan.abandonedAfter = {}; // this window shows it, even if a command began one like it
    m_bridge.startLoad(std::move(plan), this, [this](const Result<std::uint64_t> &begun) {
        const bool asking = m_loadDialog && m_loadDialog->isVisible();
        if (begun) {
            if (asking)
                m_loadDialog->accept();
            showPane(QStringLiteral("load"));
        } else if (asking) {
            m_loadDialog->showProblem(toQString(begun.error().text()));
        } else {
            tellError(begun.error());
        }
    });
}

void MainWindow::stopLoad()
{
    if (m_snapshot->load && m_snapshot->load->state != LoadReport::State::Ended)
        m_bridge.stopLoad(m_snapshot->load->run);
    else
        m_status->setNote(tr("No load run is going on"));
}

/// A run may end when nobody looks at its pane.
void MainWindow::tellLoad(const SnapshotPtr &before)
{
    const LoadReportPtr &was = before->load, &is = m_snapshot->load;
    const bool ended = is && is->state == LoadReport::State::Ended;
    if (ended && (!was || was->run != is->run || was->state != LoadReport::State::Ended))
        m_status->setNote(tr("Load run: %1").arg(loadSummaryText(*is)));
}

void MainWindow::saveLoadReport()
{
    const LoadReportPtr report = m_snapshot->load;
    if (!report) {
        m_status->setNote(tr("There is no load report yet: run a load first"));
        return;
    }
    auto *dialog = new QFileDialog(this, tr("Save the load report"), toQString(m_snapshot->workspace->folder.string()));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("Whole, as JSON (*.json)"), tr("Over time, as CSV (*.csv)")});
    dialog->setDefaultSuffix(QStringLiteral("json"));
    dialog->selectFile(QStringLiteral("load-report.json"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(filter.contains(QStringLiteral("csv")) ? QStringLiteral("csv")
                                                                        : QStringLiteral("json"));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this, report](const QString &path) {
        const boost::json::object object = toJson(*report, LoadCurves::With);
        const bool csv = path.endsWith(QStringLiteral(".csv"), Qt::CaseInsensitive);
        const std::string text = csv ? timelineCsv(object) : jsonText(object) + "\n";
        QSaveFile file(path);
        if (file.open(QIODevice::WriteOnly) && file.write(text.data(), qint64(text.size())) == qint64(text.size()) &&
            file.commit())
            m_status->setNote(tr("Saved %1").arg(path));
        else
            tellError({Error::Code::Io, "Cannot write the load report: " + file.errorString().toStdString(),
                       path.toStdString(), "choose another place", 0});
    });
    dialog->open();
}

} // namespace kiln::ui
