// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/load_chart.h"

#include <array>

namespace kiln::ui {

/// Corrected latency over a load run, by when the events were due. Logarithmic: a stall is a thousand times the rest.
class LoadLatencyChart : public LoadTimeChart
{
    Q_OBJECT

public:
    explicit LoadLatencyChart(QWidget *parent = nullptr);
    [[nodiscard]] QList<ChartKey> legend() const override;

protected:
    void refresh() override;
    void applyTheme() override;
    [[nodiscard]] QList<ChartKey> valuesOf(int place) const override;

private:
    std::array<QLineSeries *, 4> m_lines{}; ///< p50, p95, p99, the longest
};

} // namespace kiln::ui
