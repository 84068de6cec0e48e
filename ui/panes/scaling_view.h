// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <QWidget>

class QTableView;
class QToolButton;

namespace kiln::ui {

class ChartCard;
class ScaleModel;
class TimeAxisRange;
class WorkerChart;

/// How one function's workers, or all, came and went: a chart over time and the list of starts and stops with their
/// reasons. A row that is selected is shown on the chart.
class ScalingView : public QWidget
{
    Q_OBJECT

public:
    explicit ScalingView(QWidget *parent = nullptr);

    void setSnapshot(const SnapshotPtr &snapshot, const QString &function); ///< Of all, when empty.

private:
    QWidget *makeList();
    QWidget *makeChart();
    void takeEvents(const Snapshot &snapshot);
    void refreshChart();
    void pointToCurrent();
    void copySelection();
    void rangeChanged();

    SnapshotPtr m_snapshot;
    std::shared_ptr<const MetricsView> m_shown; ///< Holds what the chart points into.
    QString m_function;
    std::uint64_t m_seen = 0; ///< Events ever told, of those shown.
    ScaleModel *const m_model;
    TimeAxisRange *const m_range;
    QTableView *m_list = nullptr;
    WorkerChart *m_chart = nullptr;
    ChartCard *m_card = nullptr;
    QToolButton *m_live = nullptr;
};

} // namespace kiln::ui
