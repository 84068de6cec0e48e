// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/scale_event.h"
#include "ui/charts/time_chart.h"

#include <array>
#include <vector>

class QAreaSeries;
class QLineSeries;

namespace kiln::ui {

/// Workers over time: busy, idle and starting on one another, against how many there may be, with a mark for each start
/// and stop. The crosshair tells their reasons.
class WorkerChart : public TimeChart
{
    Q_OBJECT

public:
    explicit WorkerChart(TimeAxisRange *range, QWidget *parent = nullptr);

    void setEvents(std::vector<ScaleEvent> events); ///< Oldest first. Drawn with the next window.

    [[nodiscard]] QList<ChartKey> legend() const override;
    [[nodiscard]] QString figures() const override; ///< "2 of 20 · 3 starts · 1 stop"

protected:
    void refresh() override;
    void applyTheme() override;
    [[nodiscard]] QList<ChartKey> valuesAt(std::int64_t second) const override;
    [[nodiscard]] bool nothingToShow() const override { return m_counts.empty(); }
    QString emptyText() const override;
    void paintLabels(QPainter &painter) override;

private:
    static constexpr std::size_t layerCount = 3; // busy, idle, starting: bottom up

    [[nodiscard]] WorkerCounts countsAt(std::int64_t second) const;
    [[nodiscard]] int eventsShown(ScaleEvent::What what) const;

    QLineSeries *m_ground;
    std::array<QLineSeries *, layerCount> m_edges{};
    std::array<QAreaSeries *, layerCount> m_areas{};
    QLineSeries *m_limit;
    std::vector<WorkerCounts> m_counts; ///< Of each second of the window; empty when there never was a worker.
    std::vector<ScaleEvent> m_events;
};

} // namespace kiln::ui
