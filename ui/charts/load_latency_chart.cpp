// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/load_latency_chart.h"

#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QLineSeries>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr double leastShown = 0.001; ///< Milliseconds.
constexpr double longestGap = 1.0;   ///< Seconds, and a twentieth of the run: beyond, a line would tell of nothing.

double inMilliseconds(LoadReport::Span span) { return std::chrono::duration<double, std::milli>(span).count(); }

std::array<double, 4> valuesIn(const LoadReport::Interval &interval)
{
    return {inMilliseconds(interval.p50), inMilliseconds(interval.p95), inMilliseconds(interval.p99),
            inMilliseconds(interval.max)};
}

double toAxis(double milliseconds) { return std::log10(std::max(milliseconds, leastShown)); }

} // namespace

LoadLatencyChart::LoadLatencyChart(QWidget *parent)
    : LoadTimeChart(parent)
{
    setAccessibleName(tr("Latency over the load run"));
    for (QLineSeries *&line : m_lines)
        line = addLine();
}

void LoadLatencyChart::applyTheme()
{
    const auto keys = legend();
    for (std::size_t i = 0; i < m_lines.size(); ++i)
        m_lines[i]->setPen(QPen(keys[qsizetype(i)].colour, 1.5, i == 3 ? Qt::DotLine : Qt::SolidLine));
}

void LoadLatencyChart::refresh()
{
    refreshTime();
    double lowest = 1e12, highest = 0;
    for (const LoadReport::Interval &interval : report()->timeline) {
        if (interval.max.count() > 0) {
            lowest = std::min(lowest, inMilliseconds(interval.p50));
            highest = std::max(highest, inMilliseconds(interval.max));
        }
    }
    if (highest <= 0)
        lowest = highest = 1;
    const double low = std::floor(toAxis(lowest)), high = std::max(low + 1, toAxis(highest) + 0.1);
    const double ground = low - 10, gap = std::max(longestGap, beginOf(places()) / 20);
    std::array<QList<QPointF>, 4> points;
    double last = -1;
    for (int i = 0; i < places(); ++i) {
        const auto values = valuesIn(report()->timeline[std::size_t(i)]);
        if (values[3] <= 0)
            continue;
        const double x = middleOf(i);
        for (std::size_t line = 0; line < values.size(); ++line) {
            if (last >= 0 && x - last > gap)
                points[line].append({{last, ground}, {x, ground}});
            points[line].append({x, toAxis(values[line])});
        }
        last = x;
    }
    for (std::size_t line = 0; line < m_lines.size(); ++line)
        m_lines[line]->replace(points[line]);
    QList<Tick> ticks;
    for (double decade = low; decade <= high; decade += 1)
        ticks.append({decade, millisecondsText(std::pow(10, decade))});
    setUp(low, high, std::move(ticks));
}

QList<ChartKey> LoadLatencyChart::legend() const
{
    return {{Mark::Line, theme().ok, tr("p50"), {}},
            {Mark::Line, theme().warm, tr("p95"), {}},
            {Mark::Line, theme().error, tr("p99"), {}},
            {Mark::Dotted, theme().muted, tr("longest"), {}}};
}

QList<ChartKey> LoadLatencyChart::valuesOf(int place) const
{
    const auto values = valuesIn(report()->timeline[std::size_t(place)]);
    if (values[3] <= 0)
        return {{Mark::None, theme().muted, tr("nothing answered"), {}}};
    QList<ChartKey> keys = legend();
    for (qsizetype i = 0; i < keys.size(); ++i)
        keys[i].value = millisecondsText(values[std::size_t(i)]);
    return keys;
}

} // namespace kiln::ui
