// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/latency_chart.h"

#include "ui/charts/decimate.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QChart>
#include <QLineSeries>
#include <QLocale>
#include <QPainter>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr double leastShown = 0.001;                    // a microsecond: below it a logarithm shows noise
constexpr double shortestPause = 3, pausesInView = 100; // seconds; a hundredth of what is shown

/// A round duration without needless digits: "20 ms", "0.5 ms", "2 s".
QString axisText(double milliseconds)
{
    const auto figure = [](double value) { return QLocale().toString(value, 'g', 4); };
    if (milliseconds == 0)
        return QStringLiteral("0");
    if (milliseconds >= 1000)
        return LatencyChart::tr("%1 s").arg(figure(milliseconds / 1000));
    return milliseconds < 0.1 ? LatencyChart::tr("%1 µs").arg(figure(milliseconds * 1000))
                              : LatencyChart::tr("%1 ms").arg(figure(milliseconds));
}

std::array<double, 3> percentiles(const MetricSecond &second)
{
    return {double(second.p50), double(second.p95), double(second.p99)};
}

} // namespace

LatencyChart::LatencyChart(TimeAxisRange *range, QWidget *parent)
    : TimeChart(range, parent)
{
    setAccessibleName(tr("Latency"));
    for (QLineSeries *&line : m_lines) {
        line = new QLineSeries;
        chart()->addSeries(line);
        line->attachAxis(timeAxis());
        line->attachAxis(valueAxis());
    }
}

void LatencyChart::setScale(Scale scale)
{
    m_scale = scale;
    refresh();
    redraw();
}

void LatencyChart::applyTheme()
{
    const auto keys = legend();
    for (std::size_t i = 0; i < m_lines.size(); ++i)
        m_lines[i]->setPen(QPen(keys[qsizetype(i)].colour, 1.5));
}

double LatencyChart::toAxis(double milliseconds) const
{
    return m_scale == Scale::Linear ? milliseconds : std::log10(std::max(milliseconds, leastShown));
}

void LatencyChart::refresh()
{
    double lowest = 1e12, highest = 0;
    for (const MetricSecond *second : window().seconds()) {
        const auto values = percentiles(*second);
        if (values[2] > 0) {
            lowest = std::min(lowest, values[0]);
            highest = std::max(highest, values[2]);
        }
    }
    if (highest <= 0)
        highest = lowest = 1;
    // In a pause the lines run below the plot, where they are not seen: across it they would tell of what never ran.
    // What stands alone between two pauses is a line upright.
    const double ground = m_scale == Scale::Linear ? -highest : toAxis(lowest) - 10;
    const double pause = std::max(shortestPause, double(window().seconds().size()) / pausesInView);
    std::array<QList<QPointF>, 3> points;
    auto time = double(window().from()), last = -1.0;
    for (const MetricSecond *second : window().seconds()) {
        const auto values = percentiles(*second);
        for (std::size_t i = 0; values[2] > 0 && i < values.size(); ++i) {
            if (last < 0 || time - last > pause) {
                if (last >= 0)
                    points[i].append({last, ground});
                points[i].append({time, ground});
            }
            points[i].append({time, toAxis(values[i])});
        }
        last = values[2] > 0 ? time : last;
        time += 1;
    }
    for (std::size_t i = 0; i < m_lines.size(); ++i)
        m_lines[i]->replace(decimate(points[i], pointBudget()));
    QList<Tick> ticks;
    if (m_scale == Scale::Linear) {
        for (const double tick : roundTicks(0, highest * 1.05, 4))
            ticks.append({tick, axisText(tick)});
        setTicks(0, highest * 1.1, std::move(ticks));
    } else {
        const double low = std::floor(toAxis(lowest)), high = std::max(low + 1, toAxis(highest) + 0.1);
        for (double decade = low; decade <= high; decade += 1)
            ticks.append({decade, axisText(std::pow(10, decade))});
        setTicks(low, high, std::move(ticks));
    }
    setAccessibleDescription(figures());
}

/// The words at the right end of the lines: colours alone would not tell them apart, and dashes are lost in a dense
/// line (and cost three times the drawing).
void LatencyChart::paintLabels(QPainter &painter)
{
    const QRectF plot = plotArea();
    const double low = valueAxis()->min(), high = valueAxis()->max();
    const auto keys = legend();
    double lowest = plot.bottom() - 5; // of what is still free, from below
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        if (m_lines[i]->count() == 0)
            return;
        const double value = m_lines[i]->at(m_lines[i]->count() - 1).y();
        const double above = 12 * double(m_lines.size() - 1 - i); // room for the words that follow
        const double y = std::max(std::min(plot.bottom() - (value - low) / (high - low) * plot.height(), lowest),
                                  plot.top() + above);
        painter.setPen(keys[qsizetype(i)].colour);
        painter.drawText(QRectF(plot.right() + 4, y - 8, 28, 16), int(Qt::AlignLeft | Qt::AlignVCenter),
                         keys[qsizetype(i)].word);
        lowest = y - 12;
    }
}

QList<ChartKey> LatencyChart::legend() const
{
    return {{Mark::Line, theme().ok, tr("p50"), {}},
            {Mark::Line, theme().warm, tr("p95"), {}},
            {Mark::Line, theme().error, tr("p99"), {}}};
}

QList<ChartKey> LatencyChart::valuesAt(std::int64_t at) const
{
    const auto values = percentiles(window().at(at));
    if (values[2] <= 0)
        return {{Mark::None, theme().muted, tr("nothing ended"), {}}};
    QList<ChartKey> keys = legend();
    for (qsizetype i = 0; i < keys.size(); ++i)
        keys[i].value = millisecondsText(values[std::size_t(i)]);
    return keys;
}

QString LatencyChart::figures() const
{
    const auto &seconds = window().seconds();
    const auto last = std::find_if(seconds.rbegin(), seconds.rend(), [](const auto *s) { return s->p99 > 0; });
    if (last == seconds.rend())
        return {};
    const auto values = percentiles(**last);
    return tr("last: p50 %1 · p95 %2 · p99 %3")
        .arg(millisecondsText(values[0]), millisecondsText(values[1]), millisecondsText(values[2]));
}

} // namespace kiln::ui
