// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <QWidget>

class QToolButton;

namespace kiln::ui {

class ChartCard;
class FunctionPicker;
class LatencyChart;
class PhaseChart;
class ThroughputChart;
class TimeAxisRange;

/// Live charts of one function or all: throughput, latency, cold starts, over one time axis with one crosshair.
class MetricsPane : public QWidget
{
    Q_OBJECT

public:
    explicit MetricsPane(QWidget *parent = nullptr);

    void setSnapshot(const SnapshotPtr &snapshot);
    void setFunctionFilter(const QString &function); ///< Empty: all.
    [[nodiscard]] TimeAxisRange *range() const { return m_range; }

Q_SIGNALS:
    /// The user asks for the invocations behind a point; an empty function means all.
    void rangeActivated(const QString &function, kiln::WallTime from, kiln::WallTime to);

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *makeHead();
    void refresh();
    void rangeChanged();
    void themeChanged();
    void activate(double from, double to);

    SnapshotPtr m_snapshot;
    std::shared_ptr<const MetricsView> m_shown; ///< Holds what the charts point into.
    TimeAxisRange *const m_range;
    FunctionPicker *m_function = nullptr;
    QList<QToolButton *> m_lengths;
    QToolButton *m_live = nullptr;
    ThroughputChart *const m_throughput;
    LatencyChart *const m_latency;
    PhaseChart *const m_phases;
    ChartCard *m_throughputCard = nullptr;
    ChartCard *m_latencyCard = nullptr;
    ChartCard *m_phaseCard = nullptr;
};

} // namespace kiln::ui
