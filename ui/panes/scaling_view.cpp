// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/scaling_view.h"

#include "ui/charts/chart_card.h"
#include "ui/charts/worker_chart.h"
#include "ui/models/scale_model.h"
#include "ui/panes/mark_delegate.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QBoxLayout>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr std::size_t mostRows = 500;

} // namespace

ScalingView::ScalingView(QWidget *parent)
    : QWidget(parent)
    , m_model(new ScaleModel(this))
    , m_range(new TimeAxisRange(this))
{
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(makeChart());
    splitter->addWidget(makeList());
    splitter->setStretchFactor(0, 2); // reasons are sentences
    splitter->setStretchFactor(1, 3);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 0, 8, 8);
    layout->addWidget(splitter);
    connect(m_range, &TimeAxisRange::changed, this, &ScalingView::rangeChanged);
    rangeChanged();
}

QWidget *ScalingView::makeChart()
{
    m_chart = new WorkerChart(m_range, this);
    m_card = new ChartCard(tr("Workers"), m_chart, this);
    m_card->setMinimumWidth(280);
    m_live = new QToolButton(m_card);
    m_live->setText(tr("Live"));
    m_live->setToolTip(tr("Follow now (End)"));
    m_live->setCheckable(true);
    connect(m_live, &QToolButton::clicked, this, [this] {
        if (m_range->mode() == TimeAxisRange::Mode::Live)
            m_range->hold(m_range->span());
        else
            m_range->follow();
    });
    m_card->addOption(m_live);
    m_card->setLegend(m_chart->legend());
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, [this] { m_card->setLegend(m_chart->legend()); });
    return m_card;
}

QWidget *ScalingView::makeList()
{
    m_list = new QTableView(this);
    m_list->setObjectName(QStringLiteral("scaling"));
    m_list->setAccessibleName(tr("Starts and stops of workers"));
    m_list->setModel(m_model);
    m_list->setMinimumWidth(280);
    m_list->setShowGrid(false);
    m_list->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_list->setTabKeyNavigation(false);
    m_list->setWordWrap(false);
    m_list->verticalHeader()->hide();
    m_list->verticalHeader()->setDefaultSectionSize(24);
    m_list->horizontalHeader()->setHighlightSections(false);
    m_list->horizontalHeader()->setStretchLastSection(true);
    const std::pair<int, int> widths[] = {{ScaleModel::TimeColumn, 104},
                                          {ScaleModel::FunctionColumn, 100},
                                          {ScaleModel::WhatColumn, 92},
                                          {ScaleModel::WorkerColumn, 64}};
    for (const auto &[column, width] : widths)
        m_list->setColumnWidth(column, width);
    m_list->setItemDelegate(new CellDelegate(m_list));
    m_list->setItemDelegateForColumn(
        ScaleModel::WhatColumn,
        new MarkDelegate(
            [](const QModelIndex &index) {
                if (index.data(ScaleModel::WhatRole).toInt() == int(ScaleEvent::What::Started))
                    return MarkDelegate::Sign{Mark::Triangle, theme().ok};
                return MarkDelegate::Sign{Mark::Cross,
                                          index.data(ScaleModel::FailedRole).toBool() ? theme().error : theme().muted};
            },
            m_list));
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ScalingView::pointToCurrent);
    auto *copy = new QAction(tr("Copy rows"), m_list);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &ScalingView::copySelection);
    m_list->addAction(copy);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    return m_list;
}

void ScalingView::setSnapshot(const SnapshotPtr &snapshot, const QString &function)
{
    const bool other = function != m_function;
    m_snapshot = snapshot;
    m_function = function;
    if (other)
        m_seen = 0;
    takeEvents(*snapshot);
    m_list->setColumnHidden(ScaleModel::FunctionColumn, !function.isEmpty());
    if (!other && snapshot->metrics == m_shown)
        return;                                       // they come once a second, snapshots thirty times
    m_range->setNow(double(snapshot->metrics->upTo)); // refreshes by the range's change, if it follows
    if (other || m_shown != snapshot->metrics)
        refreshChart();
}

void ScalingView::takeEvents(const Snapshot &snapshot)
{
    const std::string wanted = m_function.toStdString();
    std::uint64_t told = 1;
    for (const FunctionLive &live : snapshot.functions)
        told += wanted.empty() || live.name == wanted ? live.scaling.end() : 0;
    if (std::exchange(m_seen, told) == told)
        return;
    std::vector<ScaleModel::Row> rows;
    for (const FunctionLive &live : snapshot.functions) {
        if (!wanted.empty() && live.name != wanted)
            continue;
        const std::uint64_t end = live.scaling.end();
        live.scaling.since(end - std::min<std::uint64_t>(end, mostRows), [&](const ScaleEvent &event) {
            rows.push_back({live.name, event});
        });
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const ScaleModel::Row &a, const ScaleModel::Row &b) { return a.event.time < b.event.time; });
    if (rows.size() > mostRows)
        rows.erase(rows.begin(), rows.end() - std::ptrdiff_t(mostRows));
    std::vector<ScaleEvent> events;
    events.reserve(rows.size());
    for (const ScaleModel::Row &row : rows)
        events.push_back(row.event);
    m_chart->setEvents(std::move(events));
    m_model->setRows(std::move(rows));
}

void ScalingView::refreshChart()
{
    if (!m_snapshot)
        return;
    const auto before = m_shown; // the chart points into it until it has the new window
    m_shown = m_snapshot->metrics;
    const TimeSpan span = m_range->span();
    const auto found = m_shown->functions.find(m_function.toStdString());
    const MetricSeries none;
    m_chart->setWindow(MetricWindow(found == m_shown->functions.end() ? none : found->second,
                                    std::int64_t(std::floor(span.from)), std::int64_t(std::ceil(span.to))));
    m_card->setFigures(m_chart->figures(), tr("Workers now; starts and stops in the time shown"));
}

void ScalingView::rangeChanged()
{
    m_live->setChecked(m_range->mode() == TimeAxisRange::Mode::Live);
    refreshChart();
}

void ScalingView::pointToCurrent()
{
    const QModelIndex current = m_list->currentIndex();
    if (!current.isValid())
        return;
    const double time =
        std::chrono::duration<double>(m_model->rowAt(current.row()).event.time.time_since_epoch()).count();
    const TimeSpan span = m_range->span();
    if (time < span.from || time > span.to)
        m_range->hold({time - span.length() / 2, time + span.length() / 2});
    m_range->setCrosshair(time);
}

void ScalingView::copySelection()
{
    QStringList lines;
    for (const QModelIndex &row : m_list->selectionModel()->selectedRows()) {
        QStringList cells;
        for (int column = 0; column < ScaleModel::ColumnCount; ++column)
            cells.append(row.siblingAtColumn(column).data(ScaleModel::ExactRole).toString());
        lines.append(cells.join(QLatin1Char('\t')));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

} // namespace kiln::ui
