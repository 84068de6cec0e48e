// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/time_chart.h"

#include <array>

class QAreaSeries;
class QLineSeries;

namespace kiln::ui {

/// Invocations per second, stacked by how their worker came about, throttled events on top; errors are hatched from the
/// ground up, since each of them is one of the invocations.
class ThroughputChart : public TimeChart
{
    Q_OBJECT

public:
    explicit ThroughputChart(TimeAxisRange *range, QWidget *parent = nullptr);

    [[nodiscard]] QList<ChartKey> legend() const override; ///< Parked and zygote only where there are some.
    [[nodiscard]] QString figures() const override;

protected:
    void refresh() override;
    void applyTheme() override;
    /// Edges that go up and down at each pixel are not seen to be smooth, and cost four times the drawing.
    [[nodiscard]] Edges edges() const override;
    [[nodiscard]] QList<ChartKey> valuesAt(std::int64_t second) const override;

private:
    static constexpr std::size_t layerCount = 5; // cold, zygote, parked, warm, throttled: bottom up

    QList<ChartKey> allKeys() const;
    QAreaSeries *addArea(QLineSeries *upper, QLineSeries *lower);

    QLineSeries *m_ground;
    std::array<QLineSeries *, layerCount> m_edges{};
    std::array<QAreaSeries *, layerCount> m_areas{};
    QLineSeries *m_errorEdge;
    QAreaSeries *m_errors;
    bool m_anyParked = false;
    bool m_anyZygote = false;
};

} // namespace kiln::ui
