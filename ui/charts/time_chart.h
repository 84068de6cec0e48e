// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_surface.h"
#include "ui/charts/metric_window.h"
#include "ui/charts/readout.h"
#include "ui/charts/time_axis_range.h"

#include <QList>
#include <QTimer>

#include <optional>

class QValueAxis;

namespace kiln::ui {

/// A chart over the shared time axis. Mouse: move shows the crosshair in all charts, drag zooms, the wheel zooms around
/// the pointer, double click follows now again, click asks for what is behind the point. Keys: Left and Right move the
/// crosshair, with Shift the axis; + and - zoom; End follows; Return is the click.
class TimeChart : public ChartSurface
{
    Q_OBJECT

public:
    explicit TimeChart(TimeAxisRange *range, QWidget *parent = nullptr);

    /// New figures of the span shown; the window must live until the next call (its series is held by the pane).
    void setWindow(MetricWindow window);

    [[nodiscard]] virtual QList<ChartKey> legend() const = 0;
    [[nodiscard]] virtual QString figures() const = 0; ///< "42.3/s · 18 cold · 5 errors"

Q_SIGNALS:
    void pointActivated(double from, double to); ///< Unix seconds.

protected:
    struct Tick
    {
        double value = 0; ///< In axis units.
        QString text;
    };

    [[nodiscard]] const MetricWindow &window() const { return m_window; }
    [[nodiscard]] TimeAxisRange *range() const { return m_range; }
    [[nodiscard]] QValueAxis *timeAxis() const { return m_timeAxis; }
    [[nodiscard]] QValueAxis *valueAxis() const { return m_valueAxis; }
    /// How many points of a series the width can show: a lowest and a highest for every second pixel.
    [[nodiscard]] int pointBudget() const;
    void setTicks(double low, double high, QList<Tick> ticks);

    virtual void refresh() = 0; ///< Feeds the series from window().
    [[nodiscard]] virtual QList<ChartKey> valuesAt(std::int64_t second) const = 0;

    QMarginsF gutters() const override { return {52, 8, 8, 20}; }
    [[nodiscard]] virtual bool nothingToShow() const { return m_window.empty(); }
    QString emptyText() const override;
    void paintUnder(QPainter &painter) override;
    void paintOver(QPainter &painter) override;
    void resized() override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    double timeAt(double x) const;
    double xOf(double time) const;
    void activate(double time);

    TimeAxisRange *const m_range;
    int m_budget = 0; ///< Of the last refresh.
    QValueAxis *const m_timeAxis;
    QValueAxis *const m_valueAxis;
    MetricWindow m_window;
    QList<Tick> m_ticks;
    std::optional<double> m_pressed; ///< x where the button went down.
    std::optional<double> m_dragged; ///< x where it is now, once it is a drag.
    QTimer m_click;                  ///< A click waits until it cannot become a double click.
    double m_clickedTime = 0;
};

/// Round places for labels from 0 (or `low`) to `high`: 1, 2 or 5 times a power of ten, at most `most` of them.
[[nodiscard]] QList<double> roundTicks(double low, double high, int most);

} // namespace kiln::ui
