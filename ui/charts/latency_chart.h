// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/time_chart.h"

#include <array>

class QLineSeries;

namespace kiln::ui {

/// Percentiles of the total duration, second by second.
class LatencyChart : public TimeChart
{
    Q_OBJECT

public:
    enum class Scale { Linear, Logarithmic };

    explicit LatencyChart(TimeAxisRange *range, QWidget *parent = nullptr);

    void setScale(Scale scale);
    [[nodiscard]] Scale scale() const { return m_scale; }

    [[nodiscard]] QList<ChartKey> legend() const override;
    [[nodiscard]] QString figures() const override; ///< Of the last second in which something ended.

protected:
    void refresh() override;
    void applyTheme() override;
    void paintLabels(QPainter &painter) override;
    QMarginsF gutters() const override { return {52, 8, 34, 20}; }
    [[nodiscard]] QList<ChartKey> valuesAt(std::int64_t second) const override;

private:
    double toAxis(double milliseconds) const;

    std::array<QLineSeries *, 3> m_lines{}; ///< p50, p95, p99
    Scale m_scale = Scale::Linear;
};

} // namespace kiln::ui
