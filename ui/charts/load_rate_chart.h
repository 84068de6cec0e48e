// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/load_chart.h"

namespace kiln::ui {

/// Events per second over a load run: due, sent, and what failed of the answers.
class LoadRateChart : public LoadTimeChart
{
    Q_OBJECT

public:
    explicit LoadRateChart(QWidget *parent = nullptr);
    [[nodiscard]] QList<ChartKey> legend() const override;

protected:
    void refresh() override;
    void applyTheme() override;
    [[nodiscard]] QList<ChartKey> valuesOf(int place) const override;

private:
    QLineSeries *m_ground;
    QLineSeries *m_sentEdge;
    QAreaSeries *m_sent;
    QLineSeries *m_failedEdge;
    QAreaSeries *m_failed;
    QLineSeries *m_due;
};

} // namespace kiln::ui
