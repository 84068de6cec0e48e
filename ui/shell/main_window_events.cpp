// SPDX-License-Identifier: GPL-3.0-or-later
// The test events of the function in hand.
#include "ui/panes/test_events_pane.h"
#include "ui/shell/engine_bridge.h"
#include "ui/shell/fire_control.h"
#include "ui/shell/main_window.h"

namespace kiln::ui {

QWidget *MainWindow::makeTestEventsPane()
{
    auto *pane = new TestEventsPane;
    m_feeds.insert(QStringLiteral("events"), [this, pane](const SnapshotPtr &snapshot) {
        const FunctionView *view = viewOf(m_function);
        if (!view) {
            pane->clearFunction();
            return;
        }
        pane->setFunction(*view);
        pane->setReadOnly(snapshot->workspace->readOnly);
        for (const FunctionLive &live : snapshot->functions) {
            if (live.name == view->name)
                pane->setLastEvent(live.last);
        }
    });
    const auto saveAndOpen = [this](const QString &function, const QString &name, const QByteArray &bytes) {
        m_bridge.edit(SaveTestEvent{function.toStdString(), name.toStdString(), bytes.toStdString()}, this,
                      [this, function, name](const Result<> &result) {
                          if (result)
                              openTestEvent(function, name);
                      });
    };
    connect(pane, &TestEventsPane::openRequested, this, &MainWindow::openTestEvent);
    connect(pane, &TestEventsPane::draftRequested, this, saveAndOpen);
    connect(pane, &TestEventsPane::newFromLastRequested, this, &MainWindow::addTestEventFromLast);
    connect(pane, &TestEventsPane::saveRequested, this, [this](const SaveTestEvent &edit) { m_bridge.edit(edit); });
    connect(pane, &TestEventsPane::deleteRequested, this, [this](const DeleteTestEvent &edit) { m_bridge.edit(edit); });
    connect(pane, &TestEventsPane::fireRequested, m_fire, &FireControl::fireBytes);
    return pane;
}

} // namespace kiln::ui
