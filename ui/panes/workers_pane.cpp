// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/workers_pane.h"

#include "ui/charts/mark.h"
#include "ui/models/plain_text.h"
#include "ui/models/worker_model.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/function_picker.h"
#include "ui/panes/mark_delegate.h"
#include "ui/panes/scaling_view.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QBoxLayout>
#include <QButtonGroup>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>

#include <algorithm>

namespace kiln::ui {

namespace {

/// What was made before it was needed, each a paragraph.
QString aheadText(const EngineLive &engine)
{
    QStringList lines;
    if (engine.parked.count > 0)
        lines << WorkersPane::tr(
                     "%L1 sandboxed interpreters wait for a function, so that a start need not wait for one "
                     "(start: parked): %2 of at most %3.")
                     .arg(engine.parked.count)
                     .arg(sizeText(engine.parked.memory), sizeText(engine.parked.budget));
    for (const ZygoteView &zygote : engine.zygotes) {
        const QString name = toQString(zygote.function);
        switch (zygote.state) {
        case ZygoteView::State::Making: lines << WorkersPane::tr("%1: a zygote is being made.").arg(name); break;
        case ZygoteView::State::Ready:
            lines << WorkersPane::tr(
                         "%1: further workers are copies of a process that has loaded it, %2 (start: zygote).")
                         .arg(name, sizeText(zygote.memory));
            break;
        case ZygoteView::State::Declined:
            lines << WorkersPane::tr("%1: each worker loads it anew: %2.").arg(name, toQString(zygote.reason));
            break;
        }
    }
    return plainToolTip(lines.join(QStringLiteral("\n")));
}

} // namespace

WorkersPane::WorkersPane(QWidget *parent)
    : QWidget(parent)
    , m_model(new WorkerModel(this))
    , m_tree(new QTreeView(this))
{
    makeTree();
    m_hint = new EmptyHint(QStringLiteral("workers"), this);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_hint);
    m_pages->addWidget(m_tree);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeHead());
    layout->addWidget(m_pages, 1);
    updateState();
}

void WorkersPane::makeTree()
{
    m_tree->setObjectName(QStringLiteral("workers"));
    m_tree->setAccessibleName(tr("Workers"));
    m_tree->setModel(m_model);
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    const std::pair<int, int> widths[] = {
        {WorkerModel::NameColumn, 160}, {WorkerModel::StateColumn, 150},  {WorkerModel::StartColumn, 84},
        {WorkerModel::AgeColumn, 84},   {WorkerModel::ServedColumn, 72},  {WorkerModel::MemoryColumn, 84},
        {WorkerModel::CpuColumn, 68},   {WorkerModel::WhyColumn, 250},    {WorkerModel::TierColumn, 100},
        {WorkerModel::PidColumn, 72},   {WorkerModel::RevisionColumn, 84}};
    for (const auto &[column, width] : widths)
        m_tree->header()->resizeSection(column, width);
    m_tree->setItemDelegate(new CellDelegate(m_tree));
    m_tree->setItemDelegateForColumn(
        WorkerModel::StateColumn, new MarkDelegate(
                                      [](const QModelIndex &index) {
                                          const auto states = index.data(WorkerModel::StatesRole).value<QList<int>>();
                                          if (!index.parent().isValid() || states.isEmpty())
                                              return MarkDelegate::Sign{};
                                          const auto state = WorkerState(states.first());
                                          return MarkDelegate::Sign{markOf(state), theme().of(state)};
                                      },
                                      m_tree));
    m_tree->setItemDelegateForColumn(
        WorkerModel::StartColumn,
        new MarkDelegate(
            [](const QModelIndex &index) {
                const QVariant start = index.data(WorkerModel::StartRole);
                if (!start.isValid())
                    return MarkDelegate::Sign{};
                return MarkDelegate::Sign{markOf(Start(start.toInt())), theme().of(Start(start.toInt()))};
            },
            m_tree));
    connect(m_model, &QAbstractItemModel::rowsInserted, m_tree, [this](const QModelIndex &parent, int first, int last) {
        for (int row = first; !parent.isValid() && row <= last; ++row)
            m_tree->expand(m_model->index(row, 0));
    });
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &WorkersPane::updateState);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, &WorkersPane::updateState);

    connect(m_tree, &QTreeView::activated, this, [this](const QModelIndex &index) {
        if (const auto worker = m_model->workerAt(index))
            Q_EMIT inspectRequested(worker->id);
    });

    m_tree->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto add = [this](const QString &text, const QKeySequence &keys, auto member) {
        auto *action = new QAction(text, m_tree);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, member);
        m_tree->addAction(action);
    };
    add(tr("Isolation and state…"), {}, &WorkersPane::inspectSelected);
    add(tr("Stop worker"), QKeySequence::Delete, &WorkersPane::stopSelected);
    add(tr("End idle workers"), {}, &WorkersPane::retireCurrent);
    add(tr("Copy rows"), QKeySequence::Copy, &WorkersPane::copySelection);
}

QWidget *WorkersPane::makeHead()
{
    auto *head = new QWidget(this);
    m_function = new FunctionPicker(head);
    m_summary = new QLabel(head);
    m_summary->setProperty("role", QStringLiteral("muted"));
    // It must not push the docks beside aside when it has much to say.
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_inspect = new QPushButton(tr("Isolation…"), head);
    m_inspect->setToolTip(
        tr("Look at the selected worker (Enter): each wall around it with its evidence, and what it keeps"));
    m_stop = new QPushButton(tr("Stop"), head);
    m_stop->setToolTip(tr("End the selected workers (Del); an invocation running in one is cancelled"));
    m_retire = new QPushButton(tr("End idle"), head);
    m_retire->setToolTip(tr("End the idle workers of the selected function, so that its next event starts one"));
    auto *layout = new QHBoxLayout(head);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(8);
    layout->addWidget(m_function);
    layout->addWidget(makePageSwitch(head));
    layout->addWidget(m_summary, 1);
    layout->addWidget(m_inspect);
    layout->addWidget(m_retire);
    layout->addWidget(m_stop);
    connect(m_function, &FunctionPicker::functionChanged, this, [this](const QString &function) {
        m_model->setFunctionFilter(function.toStdString());
        m_aged.invalidate();
        if (m_snapshot)
            take();
    });
    connect(m_inspect, &QPushButton::clicked, this, &WorkersPane::inspectSelected);
    connect(m_stop, &QPushButton::clicked, this, &WorkersPane::stopSelected);
    connect(m_retire, &QPushButton::clicked, this, &WorkersPane::retireCurrent);
    return head;
}

QWidget *WorkersPane::makePageSwitch(QWidget *parent)
{
    auto *box = new QWidget(parent);
    auto *layout = new QHBoxLayout(box);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    auto *group = new QButtonGroup(box);
    const auto add = [&](const QString &text, const QString &toolTip, Page page) {
        auto *button = new QToolButton(box);
        button->setText(text);
        button->setToolTip(toolTip);
        button->setCheckable(true);
        button->setChecked(page == m_page);
        group->addButton(button, int(page));
        layout->addWidget(button);
    };
    add(tr("Now"), tr("The workers there are"), Page::Now);
    add(tr("Over time"), tr("When workers were started and stopped, and why"), Page::OverTime);
    connect(group, &QButtonGroup::idClicked, this, [this](int page) { showPage(Page(page)); });
    return box;
}

void WorkersPane::showPage(Page page)
{
    m_page = page;
    if (page == Page::OverTime && !m_scaling) {
        m_scaling = new ScalingView(this);
        m_pages->addWidget(m_scaling);
    }
    if (m_snapshot)
        take();
    updateState();
}

void WorkersPane::setSnapshot(const SnapshotPtr &snapshot)
{
    m_snapshot = snapshot;
    if (isVisible())
        take();
}

void WorkersPane::showEvent(QShowEvent *)
{
    if (m_snapshot)
        take();
}

void WorkersPane::take()
{
    m_function->setWorkspace(m_snapshot->workspace);
    if (m_page == Page::OverTime && m_scaling)
        m_scaling->setSnapshot(m_snapshot, m_function->function());
    const bool ages = !m_aged.isValid() || m_aged.elapsed() >= 1000;
    if (!ages && m_snapshot->workers == m_shown && m_snapshot->engine.parked.count == m_waiting &&
        m_snapshot->engine.zygotes == m_zygotes)
        return;
    m_waiting = m_snapshot->engine.parked.count;
    m_zygotes = m_snapshot->engine.zygotes;
    m_shown = m_snapshot->workers;
    m_model->setWorkers(m_shown, m_snapshot->time);
    if (ages) {
        m_aged.start();
        m_tree->viewport()->update();
    }
    updateState();
}

void WorkersPane::setFunctionFilter(const QString &function) { m_function->setFunction(function); }

void WorkersPane::updateState()
{
    const int count = m_model->workerCount();
    if (m_pages)
        m_pages->setCurrentIndex(m_page == Page::OverTime ? 2 : count == 0 ? 0 : 1);
    if (!m_summary)
        return;
    ByteSize memory;
    for (const WorkerView &worker : m_shown)
        memory.count += worker.memory.count;
    QStringList summary;
    if (count > 0 && count == int(m_shown.size()))
        summary << (count == 1 ? tr("1 worker") : tr("%L1 workers").arg(count)) << sizeText(memory);
    else if (count > 0)
        summary << tr("%L1 of %L2 workers").arg(count).arg(m_shown.size());
    if (m_waiting > 0)
        summary << tr("%L1 parked").arg(m_waiting);
    m_summary->setText(summary.join(QStringLiteral(" · ")));
    m_summary->setToolTip(m_snapshot ? aheadText(m_snapshot->engine) : QString());
    const QString function = m_function->function();
    m_hint->setText(
        function.isEmpty() || m_shown.empty() ? tr("No workers") : tr("No workers of %1").arg(function),
        tr("A worker is one sandboxed process that runs a function. The first event makes one (a cold start); "
           "it stays warm for a while for the next. Fire an event (Ctrl+Enter)."));
    bool anyWorker = false;
    for (const QModelIndex &index : m_tree->selectionModel()->selectedRows())
        anyWorker = anyWorker || m_model->workerAt(index).has_value();
    m_inspect->setVisible(m_page == Page::Now);
    m_inspect->setEnabled(anyWorker);
    m_stop->setVisible(m_page == Page::Now);
    m_retire->setVisible(m_page == Page::Now);
    m_stop->setEnabled(anyWorker);
    m_retire->setEnabled(m_tree->currentIndex().isValid());
}

bool WorkersPane::stopSelected()
{
    std::vector<std::uint64_t> ids;
    for (const QModelIndex &index : m_tree->selectionModel()->selectedRows()) {
        if (const auto worker = m_model->workerAt(index))
            ids.push_back(worker->id);
    }
    for (const std::uint64_t id : ids) // rows may go with the first answer
        Q_EMIT stopRequested(id);
    return !ids.empty();
}

bool WorkersPane::inspectSelected()
{
    for (const QModelIndex &index : m_tree->selectionModel()->selectedRows()) {
        if (const auto worker = m_model->workerAt(index)) {
            Q_EMIT inspectRequested(worker->id);
            return true;
        }
    }
    return false;
}

void WorkersPane::retireCurrent()
{
    const QString function = m_model->functionAt(m_tree->currentIndex());
    if (!function.isEmpty())
        Q_EMIT retireIdleRequested(function);
}

void WorkersPane::copySelection()
{
    QModelIndexList rows = m_tree->selectionModel()->selectedRows();
    QStringList lines;
    for (const QModelIndex &row : rows) {
        QStringList cells;
        for (int column = 0; column < WorkerModel::ColumnCount; ++column)
            cells.append(row.siblingAtColumn(column).data(WorkerModel::ExactRole).toString());
        lines.append(cells.join(QLatin1Char('\t')));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

} // namespace kiln::ui
