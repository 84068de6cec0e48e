// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_report.h"
#include "ui/charts/chart_surface.h"
#include "ui/charts/readout.h"

#include <QList>

#include <optional>

class QAreaSeries;
class QLineSeries;
class QValueAxis;

namespace kiln::ui {

/// A chart of a load run's report: figures in places that follow each other along its lower axis. The mouse, or Left
/// and Right, show what a place holds; Escape hides it.
class LoadChart : public ChartSurface
{
    Q_OBJECT

public:
    void setReport(LoadReportPtr report); ///< Null: there is none.

    [[nodiscard]] virtual QList<ChartKey> legend() const = 0;
    [[nodiscard]] std::optional<int> place() const { return m_place; } ///< The one at the crosshair.

protected:
    struct Tick
    {
        double value = 0; ///< In axis units.
        QString text;
    };

    explicit LoadChart(QWidget *parent);

    [[nodiscard]] const LoadReport *report() const { return m_report.get(); }
    QLineSeries *addLine();
    QAreaSeries *addArea(QLineSeries *upper, QLineSeries *lower);
    void setAcross(double low, double high, QList<Tick> ticks);
    void setUp(double low, double high, QList<Tick> ticks);
    [[nodiscard]] double xOf(double across) const;

    virtual void refresh() = 0; ///< Feeds series and axes from report(), which is not null.
    [[nodiscard]] virtual int places() const = 0;
    /// Where the place begins on the axis across; places() is the end of the last.
    [[nodiscard]] virtual double beginOf(int place) const = 0;
    [[nodiscard]] virtual QString headOf(int place) const = 0;
    [[nodiscard]] virtual QList<ChartKey> valuesOf(int place) const = 0;

    QMarginsF gutters() const override { return {56, 8, 12, 20}; }
    QString emptyText() const override;
    void paintUnder(QPainter &painter) override;
    void paintOver(QPainter &painter) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void setPlace(std::optional<int> place);

    LoadReportPtr m_report;
    QValueAxis *const m_across;
    QValueAxis *const m_up;
    QList<Tick> m_acrossTicks, m_upTicks;
    std::optional<int> m_place;
};

/// A load chart over the time of the run, an interval of the report a place.
class LoadTimeChart : public LoadChart
{
    Q_OBJECT

protected:
    using LoadChart::LoadChart;
    void refreshTime();
    /// Without the one that is being filled, which would always look like a drop.
    [[nodiscard]] int places() const override;
    [[nodiscard]] double beginOf(int place) const override;
    [[nodiscard]] double middleOf(int place) const { return (beginOf(place) + beginOf(place + 1)) / 2; }
    [[nodiscard]] QString headOf(int place) const override;
};

} // namespace kiln::ui
