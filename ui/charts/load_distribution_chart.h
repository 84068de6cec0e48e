// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/load_chart.h"

namespace kiln::ui {

/// How many events of a load run took how long, corrected and served, with the percentiles that people ask for. Both
/// axes are logarithmic, so that the few slow ones are seen beside the many.
class LoadDistributionChart : public LoadChart
{
    Q_OBJECT

public:
    explicit LoadDistributionChart(QWidget *parent = nullptr);
    [[nodiscard]] QList<ChartKey> legend() const override;

protected:
    void refresh() override;
    void applyTheme() override;
    void paintLabels(QPainter &painter) override;
    QMarginsF gutters() const override { return {56, 22, 12, 20}; }
    [[nodiscard]] int places() const override;
    [[nodiscard]] double beginOf(int place) const override;
    [[nodiscard]] QString headOf(int place) const override;
    [[nodiscard]] QList<ChartKey> valuesOf(int place) const override;

private:
    [[nodiscard]] QList<QPointF> outline(std::uint64_t LoadReport::Bin::*count) const;

    QLineSeries *m_ground;
    QLineSeries *m_correctedEdge;
    QAreaSeries *m_corrected;
    QLineSeries *m_service;
};

} // namespace kiln::ui
