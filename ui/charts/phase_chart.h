// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_surface.h"
#include "ui/charts/metric_window.h"
#include "ui/charts/phase_look.h"

#include <array>

class QBarCategoryAxis;
class QBarSet;
class QHorizontalStackedBarSeries;
class QValueAxis;

namespace kiln::ui {

/// Where the time of a start goes: the mean of each phase over the not-warm ones of the time shown, one after the
/// other.
class PhaseChart : public ChartSurface
{
    Q_OBJECT

public:
    explicit PhaseChart(QWidget *parent = nullptr);

    void setWindow(const MetricWindow &window);

    [[nodiscard]] QString figures() const; ///< "9.40 ms to the handler · 18 starts"
    [[nodiscard]] const std::array<double, phaseCount> &means() const { return m_means; } ///< Milliseconds.

protected:
    QMarginsF gutters() const override { return {64, 4, 72, 4}; }
    void applyTheme() override;
    void resized() override;
    void paintLabels(QPainter &painter) override;
    QString emptyText() const override;
    bool event(QEvent *event) override;

private:
    QHorizontalStackedBarSeries *const m_bars;
    QBarSet *const m_offset;                      ///< Invisible: what went before.
    std::array<QBarSet *, phaseCount> m_phases{}; ///< One bar each, so that each has its colour.
    QValueAxis *const m_axis;
    std::array<double, phaseCount> m_means{};
    std::uint64_t m_starts = 0;
};

/// The mean of each phase in milliseconds over all not-warm starts, and how many there were.
struct PhaseMeans
{
    std::array<double, phaseCount> milliseconds{};
    std::uint64_t starts = 0;
};
[[nodiscard]] PhaseMeans phaseMeans(const MetricWindow &window);

} // namespace kiln::ui
