// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/invocations_pane.h"

#include "ui/charts/mark.h"
#include "ui/models/invocation_model.h"
#include "ui/models/invocation_text.h"
#include "ui/models/plain_text.h"
#include "ui/panes/empty_hint.h"
#include "ui/panes/function_picker.h"
#include "ui/panes/mark_delegate.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QBoxLayout>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTableView>

#include <algorithm>

namespace kiln::ui {

using namespace std::chrono_literals;

namespace {

constexpr int olderPage = 500;
constexpr int mostSearched = 10'000; ///< Rows after one click that the filter hides.
constexpr int anyOutcome = -1, anyError = -2;

} // namespace

InvocationsPane::InvocationsPane(QWidget *parent)
    : QWidget(parent)
    , m_model(new InvocationModel(this))
    , m_table(new QTableView(this))
{
    makeTable();
    makeMenu();
    m_hint = new EmptyHint(QStringLiteral("invocations"), this);
    connect(m_hint, &EmptyHint::actionRequested, this, &InvocationsPane::clearFilter);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_hint);
    m_pages->addWidget(m_table);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeFilterRow());
    layout->addWidget(m_pages, 1);

    m_merge.setSingleShot(true);
    m_merge.setInterval(500ms);
    connect(&m_merge, &QTimer::timeout, this, &InvocationsPane::take);
    m_typing.setSingleShot(true);
    m_typing.setInterval(120ms);
    connect(&m_typing, &QTimer::timeout, this, &InvocationsPane::applyFilter);
    updateState();
}

void InvocationsPane::makeTable()
{
    m_table->setObjectName(QStringLiteral("invocations"));
    m_table->setAccessibleName(tr("Invocations"));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(26);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionsMovable(true);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(InvocationModel::TimeColumn, Qt::DescendingOrder);
    const std::pair<int, int> widths[] = {{InvocationModel::TimeColumn, 120},   {InvocationModel::FunctionColumn, 128},
                                          {InvocationModel::TriggerColumn, 80}, {InvocationModel::OutcomeColumn, 124},
                                          {InvocationModel::StartColumn, 80},   {InvocationModel::DurationColumn, 84},
                                          {InvocationModel::PhasesColumn, 180}, {InvocationModel::MemoryColumn, 92},
                                          {InvocationModel::AttemptColumn, 76}, {InvocationModel::IdColumn, 92}};
    for (const auto &[column, width] : widths)
        m_table->setColumnWidth(column, width);

    m_table->setItemDelegate(new CellDelegate(m_table));
    const auto invocationOf = [](const QModelIndex &index) {
        return index.data(InvocationModel::InvocationRole).value<InvocationPtr>();
    };
    m_table->setItemDelegateForColumn(InvocationModel::OutcomeColumn,
                                      new MarkDelegate(
                                          [invocationOf](const QModelIndex &index) {
                                              const Outcome outcome = invocationOf(index)->outcome;
                                              return MarkDelegate::Sign{markOf(outcome), theme().of(outcome)};
                                          },
                                          m_table));
    m_table->setItemDelegateForColumn(
        InvocationModel::StartColumn,
        new MarkDelegate(
            [invocationOf](const QModelIndex &index) {
                const auto invocation = invocationOf(index);
                if (invocation->worker == 0)
                    return MarkDelegate::Sign{};
                return MarkDelegate::Sign{markOf(invocation->start), theme().of(invocation->start)};
            },
            m_table));
    m_table->setItemDelegateForColumn(InvocationModel::PhasesColumn,
                                      new PhasesDelegate(InvocationModel::InvocationRole, m_table));
    connect(m_table, &QTableView::activated, this,
            [this](const QModelIndex &index) { Q_EMIT invocationActivated(m_model->at(index.row())); });
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, &InvocationsPane::placeChanged);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &InvocationsPane::placeChanged);
}

void InvocationsPane::makeMenu()
{
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto add = [this](const QString &text, auto call) {
        auto *action = new QAction(text, m_table);
        connect(action, &QAction::triggered, this, [this, call] {
            if (const InvocationPtr invocation = current())
                call(invocation);
        });
        m_table->addAction(action);
        return action;
    };
    const auto clip = [](const QString &text) { QGuiApplication::clipboard()->setText(text); };
    add(tr("Open"), [this](const InvocationPtr &i) { Q_EMIT invocationActivated(i); });
    add(tr("Fire again"), [this](const InvocationPtr &i) { Q_EMIT fireAgainRequested(i); });
    QAction *copy = add(tr("Copy rows"), [this](const InvocationPtr &) { copySelection(); });
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    add(tr("Copy id"), [clip](const InvocationPtr &i) { clip(idText(i->id)); });
    add(tr("Copy event"), [this](const InvocationPtr &i) { Q_EMIT copyEventRequested(i); });
}

QWidget *InvocationsPane::makeFilterRow()
{
    auto *bar = new QWidget(this);
    m_function = new FunctionPicker(bar);
    m_text = new QLineEdit(bar);
    m_text->setPlaceholderText(tr("Filter by function, trigger, error or id"));
    m_text->setAccessibleName(tr("Filter text"));
    m_text->setClearButtonEnabled(true);
    m_text->setMinimumWidth(152);
    m_text->setMaximumWidth(320);
    m_outcome = new QComboBox(bar);
    m_outcome->setAccessibleName(tr("Outcome"));
    m_outcome->addItem(tr("Any outcome"), anyOutcome);
    m_outcome->addItem(tr("Errors and throttled"), anyError);
    for (int i = 0; i < outcomeCount; ++i)
        m_outcome->addItem(outcomeText(Outcome(i)), i);
    m_start = new QComboBox(bar);
    m_start->setAccessibleName(tr("Start"));
    m_start->addItem(tr("Any start"), -1);
    for (const Start start : {Start::Cold, Start::Parked, Start::Zygote, Start::Warm})
        m_start->addItem(startText(start), int(start));
    // In a narrow window the choices give way first; their lists stay as wide as their words.
    m_outcome->setMinimumWidth(112);
    m_start->setMinimumWidth(92);
    m_newer = new QPushButton(bar);
    m_newer->setToolTip(tr("Go to the newest and follow"));
    m_newer->hide();
    m_count = new QLabel(bar);
    m_count->setObjectName(QStringLiteral("count"));
    m_count->setProperty("role", QStringLiteral("muted"));
    m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_count->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // has what the others leave
    m_older = new QPushButton(tr("Load older"), bar);
    m_older->setObjectName(QStringLiteral("older"));

    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(8);
    layout->addWidget(m_function);
    layout->addWidget(m_text, 2);
    layout->addWidget(m_outcome);
    layout->addWidget(m_start);
    layout->addWidget(m_newer);
    layout->addWidget(m_count, 1);
    layout->addWidget(m_older);

    connect(m_function, &FunctionPicker::functionChanged, this, &InvocationsPane::applyFilter);
    connect(m_text, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(m_outcome, &QComboBox::currentIndexChanged, this, &InvocationsPane::applyFilter);
    connect(m_start, &QComboBox::currentIndexChanged, this, &InvocationsPane::applyFilter);
    connect(m_newer, &QPushButton::clicked, this, &InvocationsPane::jumpToNewest);
    connect(m_older, &QPushButton::clicked, this, &InvocationsPane::loadOlder);
    return bar;
}

void InvocationsPane::setSnapshot(const SnapshotPtr &snapshot)
{
    m_snapshot = snapshot;
    if (isVisible())
        take();
}

void InvocationsPane::showEvent(QShowEvent *)
{
    if (m_snapshot)
        take();
}

void InvocationsPane::take()
{
    m_function->setWorkspace(m_snapshot->workspace);
    if (!m_model->sortedByTime()) {
        if (m_merge.isActive())
            return;
        m_merge.start();
    }
    int added = 0;
    const bool wasFollowing = following();
    keepPlace([&] { added = m_model->append(m_snapshot->invocations); });
    m_new = wasFollowing ? 0 : m_new + added;
    // What ran before this engine began is there without being asked for.
    if (!m_askedFirst && m_snapshot->engine.historyInvocations > 0) {
        m_askedFirst = true;
        const auto here = std::uint64_t(m_model->total());
        if (here < olderPage && here < m_snapshot->engine.historyInvocations)
            loadOlder();
    }
    updateState();
}

bool InvocationsPane::following() const
{
    return m_table->verticalScrollBar()->value() == 0 && !m_table->selectionModel()->hasSelection();
}

/// Rows that come and go do not move what the user looks at: the current row if it is in sight, else the topmost one.
void InvocationsPane::keepPlace(const std::function<void()> &change)
{
    if (following() || m_model->rowCount() == 0) {
        change();
        return;
    }
    QScrollBar *bar = m_table->verticalScrollBar();
    const int top = m_table->rowAt(0);
    const QModelIndex now = m_table->currentIndex();
    const bool inSight = now.isValid() && m_table->visualRect(now).intersects(m_table->viewport()->rect());
    const int anchor = inSight ? now.row() : std::max(top, 0);
    const Uuid id = m_model->at(anchor)->id;
    const int above = anchor - bar->value();
    m_moving = true;
    change();
    const int row = m_model->rowOf(id);
    if (row >= 0)
        bar->setValue(row - above);
    m_moving = false;
}

void InvocationsPane::placeChanged()
{
    if (m_moving)
        return;
    const bool follows = following();
    if (follows)
        m_new = 0;
    m_model->setBound(follows ? InvocationModel::liveBound : InvocationModel::heldBound);
    updateState();
}

void InvocationsPane::jumpToNewest()
{
    m_table->clearSelection();
    m_table->setCurrentIndex({});
    m_table->scrollToTop();
    m_new = 0;
    placeChanged();
}

void InvocationsPane::setFunctionFilter(const QString &function) { m_function->setFunction(function); }

void InvocationsPane::applyFilter()
{
    m_typing.stop();
    InvocationModel::Filter filter;
    filter.function = m_function->function().toStdString();
    filter.text = TextMatch::plain(m_text->text().trimmed());
    const int outcome = m_outcome->currentData().toInt();
    filter.errorsOnly = outcome == anyError;
    if (outcome >= 0)
        filter.outcome = Outcome(outcome);
    if (const int start = m_start->currentData().toInt(); start >= 0)
        filter.start = Start(start);
    const InvocationPtr kept = current();
    m_model->setFilter(filter);
    m_searchLeft = 0;
    const int row = kept ? m_model->rowOf(kept->id) : -1;
    if (row >= 0)
        m_table->selectRow(row);
    m_new = 0;
    updateState();
}

void InvocationsPane::clearFilter()
{
    m_text->clear();
    m_outcome->setCurrentIndex(0);
    m_start->setCurrentIndex(0);
    m_function->setFunction({});
    applyFilter();
}

void InvocationsPane::loadOlder()
{
    if (m_asking)
        return;
    m_searchLeft = mostSearched;
    m_model->setBound(InvocationModel::heldBound); // what is found must not be dropped at once
    askForOlder();
}

void InvocationsPane::askForOlder()
{
    m_asking = true;
    updateState();
    Q_EMIT olderRequested(m_model->olderQuery(olderPage));
}

void InvocationsPane::showOlder(const InvocationQuery &query, const std::optional<std::vector<InvocationPtr>> &older)
{
    m_asking = false;
    InvocationModel::Added added;
    if (older)
        keepPlace([&] { added = m_model->addOlder(query, *older); });
    m_searchLeft -= added.rows;
    // One click brings something to see, as long as there is something.
    const bool goOn = older && added.shown == 0 && m_searchLeft > 0 && !m_model->atEndOfHistory() && m_model->hasRoom();
    if (goOn)
        askForOlder();
    updateState();
}

void InvocationsPane::showFound(const std::vector<InvocationPtr> &found)
{
    m_model->setBound(InvocationModel::heldBound);
    keepPlace([&] { m_model->addFromHistory(found); });
    updateState();
}

void InvocationsPane::showOlderState()
{
    const bool ended = m_model->atEndOfHistory(), full = !ended && !m_model->hasRoom();
    m_older->setText(m_asking ? tr("Searching…") : ended ? tr("Nothing older") : full ? tr("Full") : tr("Load older"));
    m_older->setEnabled(!m_asking && !ended && !full);
    const bool filtered =
        !m_model->filter().function.empty() || m_model->filter().outcome || m_model->filter().errorsOnly;
    m_older->setToolTip(ended  ? filtered ? tr("History holds nothing older of this function and outcome")
                                          : tr("This is all that history holds")
                         : full ? tr("%L1 rows are held at most. Filter by function or outcome to look further back.")
                                     .arg(InvocationModel::heldBound)
                               : tr("Search history for what is older than these rows"));
}

void InvocationsPane::updateState()
{
    const int shown = m_model->rowCount(), total = m_model->total();
    m_count->setText(shown == total ? tr("%L1").arg(total) : tr("%L1 of %L2").arg(shown).arg(total));
    m_count->setToolTip(tr("Rows shown: %1").arg(m_count->text()));
    showOlderState();
    m_newer->setText(tr("%L1 new").arg(m_new));
    m_newer->setVisible(m_new > 0);
    if (total == 0 && m_asking)
        m_hint->setText(tr("Searching history"), {});
    else if (total == 0)
        m_hint->setText(tr("No invocations yet"),
                        tr("Each run of a function is listed here. Fire an event (Ctrl+Enter), or call a trigger."));
    else if (shown == 0)
        m_hint->setText(tr("No invocation passes the filter"), tr("%L1 are hidden by it.").arg(total),
                        tr("Clear the filter"));
    m_pages->setCurrentIndex(shown == 0 ? 0 : 1);
}

InvocationPtr InvocationsPane::current() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? m_model->at(index.row()) : nullptr;
}

void InvocationsPane::copySelection()
{
    QModelIndexList rows = m_table->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    for (const QModelIndex &row : rows) {
        QStringList cells;
        for (int column = 0; column < InvocationModel::ColumnCount; ++column)
            cells.append(row.siblingAtColumn(column).data(InvocationModel::ExactRole).toString());
        lines.append(cells.join(QLatin1Char('\t')));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

} // namespace kiln::ui
