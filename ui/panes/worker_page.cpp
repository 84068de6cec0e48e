// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/worker_page.h"

#include "ui/models/plain_text.h"
#include "ui/models/worker_model.h"
#include "ui/panes/carried_view.h"
#include "ui/panes/section.h"
#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

enum Column { LayerColumn, StateColumn, EvidenceColumn };

QString stateText(IsolationLayer::State state)
{
    switch (state) {
    case IsolationLayer::State::On: return WorkerPage::tr("on");
    case IsolationLayer::State::Partly: return WorkerPage::tr("partly");
    case IsolationLayer::State::Off: return WorkerPage::tr("off");
    case IsolationLayer::State::Unknown: return WorkerPage::tr("not known");
    }
    Q_UNREACHABLE();
}

QIcon stateIcon(IsolationLayer::State state)
{
    switch (state) {
    case IsolationLayer::State::On: return icon(QStringLiteral("ok"), theme().ok);
    case IsolationLayer::State::Partly: return icon(QStringLiteral("warning"), theme().warm);
    case IsolationLayer::State::Off: return icon(QStringLiteral("error"), theme().error);
    case IsolationLayer::State::Unknown: return icon(QStringLiteral("dot"), theme().muted);
    }
    Q_UNREACHABLE();
}

QString factsText(const WorkerInspection &inspection)
{
    const WorkerView &worker = inspection.worker;
    QStringList facts{WorkerPage::tr("tier %1 (%2)").arg(toQString(toWord(worker.tier)), tierText(worker.tier)),
                      WorkerPage::tr("start: %1").arg(startText(worker.start).toLower()),
                      WorkerPage::tr("pid %1").arg(worker.pid),
                      worker.served == 1 ? WorkerPage::tr("served 1 invocation")
                                         : WorkerPage::tr("served %L1 invocations").arg(worker.served)};
    if (worker.perWorker > 1)
        facts << WorkerPage::tr("%1 under way").arg(runningText(worker));
    if (worker.memory.count > 0)
        facts << WorkerPage::tr("memory %1").arg(sizeText(worker.memory));
    if (inspection.proportional.count > 0)
        facts << WorkerPage::tr("%1 with its part of what it shares (PSS)").arg(sizeText(inspection.proportional));
    return facts.join(QStringLiteral(" · "));
}

} // namespace

WorkerPage::WorkerPage(quint64 worker, QWidget *parent)
    : QDialog(parent)
    , m_worker(worker)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Worker %1").arg(worker));
    setObjectName(QStringLiteral("workerPage"));
    build();
    resize(880, 620);
}

void WorkerPage::build()
{
    m_facts = new QLabel(tr("Looking…"), this);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_layers = new QTreeWidget(this);
    m_layers->setObjectName(QStringLiteral("layers"));
    m_layers->setAccessibleName(tr("Isolation"));
    m_layers->setHeaderLabels({tr("Layer"), tr("State"), tr("What was read of the running process")});
    m_layers->setRootIsDecorated(false);
    m_layers->setWordWrap(true);
    m_layers->header()->resizeSection(LayerColumn, 180);
    m_layers->header()->resizeSection(StateColumn, 92);
    m_carried = new CarriedView(this);
    m_note = hintLabel({}, this);
    m_refresh = new QPushButton(icon(QStringLiteral("refresh")), tr("Look again"), this);
    m_refresh->setShortcut(QKeySequence::Refresh);
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("Copy"), this);
    auto *close = new QPushButton(tr("Close"), this);

    auto *upper = new QWidget(this);
    auto *upperLayout = new QVBoxLayout(upper);
    upperLayout->setContentsMargins({});
    upperLayout->addWidget(new QLabel(tr("Isolation"), upper));
    upperLayout->addWidget(m_layers, 1);
    auto *lower = new QWidget(this);
    auto *lowerLayout = new QVBoxLayout(lower);
    lowerLayout->setContentsMargins({});
    lowerLayout->addWidget(new QLabel(tr("What its next invocation finds"), lower));
    lowerLayout->addWidget(m_carried, 1);
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(upper);
    split->addWidget(lower);
    split->setChildrenCollapsible(false);
    split->setSizes({360, 200});
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_note, 1);
    for (QPushButton *button : {copy, m_refresh, close})
        buttons->addWidget(button);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(m_facts);
    layout->addWidget(split, 1);
    layout->addLayout(buttons);

    connect(m_refresh, &QPushButton::clicked, this, [this] { Q_EMIT refreshRequested(m_worker); });
    connect(copy, &QPushButton::clicked, this, &WorkerPage::copyAll);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
}

void WorkerPage::showInspection(const WorkerInspection &inspection)
{
    setWindowTitle(tr("Worker %1 of %2").arg(m_worker).arg(toQString(inspection.worker.function)));
    m_facts->setText(factsText(inspection));
    m_note->setText(tr("Looked at %1").arg(clockText(inspection.time)));
    fillLayers(inspection.layers);
    m_carried->setState(inspection.carried);
}

void WorkerPage::fillLayers(const std::vector<IsolationLayer> &layers)
{
    m_layers->clear();
    for (const IsolationLayer &layer : layers) {
        auto *item =
            new QTreeWidgetItem(m_layers, {toQString(layer.name), stateText(layer.state), toQString(layer.evidence)});
        item->setIcon(StateColumn, stateIcon(layer.state));
        item->setToolTip(EvidenceColumn, plainToolTip(toQString(layer.evidence)));
    }
}

void WorkerPage::showProblem(const QString &text)
{
    if (m_layers->topLevelItemCount() == 0)
        m_facts->setText(text);
    m_note->setText(text);
}

void WorkerPage::copyAll()
{
    QStringList lines{windowTitle(), m_facts->text()};
    for (int i = 0; i < m_layers->topLevelItemCount(); ++i) {
        const QTreeWidgetItem *item = m_layers->topLevelItem(i);
        lines << QStringLiteral("%1: %2: %3").arg(item->text(0), item->text(1), item->text(2));
    }
    lines << m_carried->text();
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

} // namespace kiln::ui
