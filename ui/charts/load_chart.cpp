// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/load_chart.h"

#include "ui/charts/time_chart.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAreaSeries>
#include <QChart>
#include <QKeyEvent>
#include <QLineSeries>
#include <QMouseEvent>
#include <QPainter>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr double shortestRun = 1; ///< Seconds across.

double secondsOf(LoadReport::Span span) { return std::chrono::duration<double>(span).count(); }

} // namespace

LoadChart::LoadChart(QWidget *parent)
    : ChartSurface(parent)
    , m_across(new QValueAxis(this))
    , m_up(new QValueAxis(this))
{
    m_across->setVisible(false);
    m_up->setVisible(false);
    chart()->addAxis(m_across, Qt::AlignBottom);
    chart()->addAxis(m_up, Qt::AlignLeft);
    setMouseTracking(true);
}

void LoadChart::setReport(LoadReportPtr report)
{
    if (report == m_report)
        return;
    m_report = std::move(report);
    if (m_report)
        refresh();
    if (m_place && (!m_report || *m_place >= places()))
        m_place.reset();
    redraw();
}

QLineSeries *LoadChart::addLine()
{
    auto *line = new QLineSeries;
    chart()->addSeries(line);
    line->attachAxis(m_across);
    line->attachAxis(m_up);
    return line;
}

QAreaSeries *LoadChart::addArea(QLineSeries *upper, QLineSeries *lower)
{
    auto *area = new QAreaSeries(upper, lower);
    chart()->addSeries(area); // which owns it
    area->attachAxis(m_across);
    area->attachAxis(m_up);
    return area;
}

void LoadChart::setAcross(double low, double high, QList<Tick> ticks)
{
    m_acrossTicks = std::move(ticks);
    m_across->setRange(low, high);
}

void LoadChart::setUp(double low, double high, QList<Tick> ticks)
{
    m_upTicks = std::move(ticks);
    m_up->setRange(low, high);
}

double LoadChart::xOf(double across) const
{
    const QRectF plot = plotArea();
    return plot.left() + (across - m_across->min()) / (m_across->max() - m_across->min()) * plot.width();
}

QString LoadChart::emptyText() const
{
    return m_report && places() > 0 ? QString()
           : m_report               ? tr("Nothing has been answered yet")
                                    : tr("No load run yet");
}

void LoadChart::paintUnder(QPainter &painter)
{
    const QRectF plot = plotArea();
    const QFontMetricsF metrics(painter.font());
    const bool empty = !emptyText().isEmpty();
    const double low = m_up->min(), high = m_up->max();
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const Tick &tick : empty ? QList<Tick>() : m_upTicks) {
        const double y = std::round(plot.bottom() - (tick.value - low) / (high - low) * plot.height());
        painter.setPen(theme().line);
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(theme().muted);
        painter.drawText(QRectF(0, y - 10, plot.left() - 6, 20), int(Qt::AlignRight | Qt::AlignVCenter), tick.text);
    }
    painter.setPen(theme().line);
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    painter.setPen(theme().muted);
    double free = 0; // of labels, from the left
    for (const Tick &tick : empty ? QList<Tick>() : m_acrossTicks) {
        const double x = xOf(tick.value), half = metrics.horizontalAdvance(tick.text) / 2;
        if (x - half < free || x + half > width())
            continue;
        free = x + half + 12;
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3));
        painter.drawText(QRectF(x - half, plot.bottom() + 4, 2 * half + 1, 16), int(Qt::AlignCenter), tick.text);
    }
    painter.setRenderHint(QPainter::Antialiasing);
}

void LoadChart::paintOver(QPainter &painter)
{
    if (!m_place || *m_place >= places())
        return;
    const QRectF plot = plotArea();
    const double x = xOf((beginOf(*m_place) + beginOf(*m_place + 1)) / 2);
    painter.setPen(QPen(theme().text, 1, Qt::DotLine));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    painter.setFont(labelFont());
    paintReadout(painter, plot, x, headOf(*m_place), valuesOf(*m_place));
}

void LoadChart::setPlace(std::optional<int> place)
{
    if (place == m_place)
        return;
    m_place = place;
    QStringList words;
    if (m_place) {
        words << headOf(*m_place);
        for (const ChartKey &key : valuesOf(*m_place))
            words << key.word + QLatin1Char(' ') + key.value;
    }
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

void LoadChart::mouseMoveEvent(QMouseEvent *event)
{
    const double x = event->position().x();
    std::optional<int> found;
    for (int i = 0; m_report && i < places(); ++i) {
        if (x >= xOf(beginOf(i)) && x < xOf(beginOf(i + 1)))
            found = i;
    }
    setPlace(found);
}

void LoadChart::leaveEvent(QEvent *) { setPlace(std::nullopt); }

void LoadChart::keyPressEvent(QKeyEvent *event)
{
    const int count = m_report ? places() : 0;
    if ((event->key() != Qt::Key_Left && event->key() != Qt::Key_Right && event->key() != Qt::Key_Escape) ||
        count == 0 || (event->key() == Qt::Key_Escape && !m_place)) {
        QWidget::keyPressEvent(event);
        return;
    }
    if (event->key() == Qt::Key_Escape)
        setPlace(std::nullopt);
    else if (event->key() == Qt::Key_Left)
        setPlace(std::max(0, m_place.value_or(count) - 1));
    else
        setPlace(std::min(count - 1, m_place.value_or(-1) + 1));
}

int LoadTimeChart::places() const
{
    const auto all = int(report()->timeline.size());
    return report()->state == LoadReport::State::Ended ? all : std::max(0, all - 1);
}

double LoadTimeChart::beginOf(int place) const { return secondsOf(report()->interval) * place; }

QString LoadTimeChart::headOf(int place) const
{
    const int digits = report()->interval < std::chrono::seconds(1) ? 1 : 0;
    return tr("%L1 to %L2 s").arg(beginOf(place), 0, 'f', digits).arg(beginOf(place + 1), 0, 'f', digits);
}

void LoadTimeChart::refreshTime()
{
    // A short run is seen to fill its time; a long one would be a line at the edge for minutes.
    const double elapsed = secondsOf(report()->elapsed), planned = secondsOf(report()->planned);
    const double told = beginOf(places());
    const double length = report()->state == LoadReport::State::Sending
                              ? std::min(planned, std::max(60.0, 1.25 * elapsed))
                              : std::max(elapsed, told);
    const double high = std::max(length, shortestRun);
    const bool minutes = high > 180;
    QList<Tick> ticks;
    for (const double tick : roundTicks(0, minutes ? high / 60 : high, 8))
        ticks.append({minutes ? tick * 60 : tick, minutes ? tr("%L1 min").arg(tick) : tr("%L1 s").arg(tick)});
    setAcross(0, high, std::move(ticks));
}

} // namespace kiln::ui
