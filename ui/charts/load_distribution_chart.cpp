// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/load_distribution_chart.h"

#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAreaSeries>
#include <QLineSeries>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace kiln::ui {

namespace {

double toAxis(LoadReport::Span span) { return std::log10(std::max(double(span.count()), 1.0) / 1e6); } // milliseconds
double heightOf(std::uint64_t count) { return std::log10(double(count) + 1); } // one is seen, too

} // namespace

LoadDistributionChart::LoadDistributionChart(QWidget *parent)
    : LoadChart(parent)
    , m_ground(new QLineSeries(this))
    , m_correctedEdge(new QLineSeries(this))
    , m_corrected(addArea(m_correctedEdge, m_ground))
    , m_service(addLine())
{
    setAccessibleName(tr("Distribution of latency"));
}

void LoadDistributionChart::applyTheme()
{
    QColor fill = theme().accent;
    fill.setAlphaF(0.45F);
    m_corrected->setBrush(fill);
    m_corrected->setPen(Qt::NoPen);
    m_service->setPen(QPen(theme().text, 1.2));
}

/// The bins as steps, down to the ground where one is missing.
QList<QPointF> LoadDistributionChart::outline(std::uint64_t LoadReport::Bin::*count) const
{
    QList<QPointF> points;
    double end = -1e9;
    for (const LoadReport::Bin &bin : report()->histogram) {
        const double from = toAxis(bin.from), to = toAxis(bin.to), height = heightOf(bin.*count);
        if (from > end + 1e-9) {
            if (!points.isEmpty())
                points.append({end, 0});
            points.append({from, 0});
        }
        points.append({{from, height}, {to, height}});
        end = to;
    }
    if (!points.isEmpty())
        points.append({end, 0});
    return points;
}

void LoadDistributionChart::refresh()
{
    const auto corrected = outline(&LoadReport::Bin::corrected);
    m_ground->replace(corrected.isEmpty() ? QList<QPointF>()
                                          : QList<QPointF>{{corrected.first().x(), 0}, {corrected.last().x(), 0}});
    m_correctedEdge->replace(corrected);
    m_service->replace(outline(&LoadReport::Bin::service));
    if (corrected.isEmpty())
        return;
    const double low = corrected.first().x() - 0.1, high = std::max(low + 1, corrected.last().x() + 0.1);
    QList<Tick> across;
    for (double decade = std::ceil(low); decade <= high; decade += 1)
        across.append({decade, millisecondsText(std::pow(10, decade))});
    setAcross(low, high, std::move(across));
    std::uint64_t most = 1;
    for (const LoadReport::Bin &bin : report()->histogram)
        most = std::max({most, bin.corrected, bin.service});
    QList<Tick> up;
    for (double count = 1; count <= double(most) * 1.5; count *= 10)
        up.append({heightOf(std::uint64_t(count)), countText(count)});
    setUp(0, heightOf(most) * 1.08, std::move(up));
}

/// Where the percentiles of the corrected latency lie, named above the plot.
void LoadDistributionChart::paintLabels(QPainter &painter)
{
    const QRectF plot = plotArea();
    const LatencyFigures &figures = report()->corrected;
    const std::pair<QString, LatencyFigures::Span> marks[] = {
        {tr("p50"), figures.p50}, {tr("p99"), figures.p99}, {tr("p99.9"), figures.p999}};
    constexpr std::size_t count = std::size(marks);
    std::array<double, count> lefts{}, widths{};
    double free = 0; // from the left on …
    for (std::size_t i = 0; i < count; ++i) {
        const double x = xOf(toAxis(marks[i].second));
        painter.setPen(QPen(theme().muted, 1, Qt::DashLine));
        painter.drawLine(QPointF(x, plot.top() - 2), QPointF(x, plot.bottom()));
        widths[i] = QFontMetricsF(painter.font()).horizontalAdvance(marks[i].first) + 1;
        lefts[i] = std::max(free, x - widths[i] / 2);
        free = lefts[i] + widths[i] + 6;
    }
    free = width() - 2; // … and back from the right, where they would run out
    painter.setPen(theme().text);
    for (std::size_t i = count; i-- > 0;) {
        lefts[i] = std::min(lefts[i], free - widths[i]);
        free = lefts[i] - 6;
        painter.drawText(QRectF(lefts[i], plot.top() - 20, widths[i], 16), int(Qt::AlignLeft | Qt::AlignVCenter),
                         marks[i].first);
    }
}

QList<ChartKey> LoadDistributionChart::legend() const
{
    return {{Mark::Square, theme().accent, tr("corrected"), {}}, {Mark::Line, theme().text, tr("service"), {}}};
}

int LoadDistributionChart::places() const { return int(report()->histogram.size()); }

double LoadDistributionChart::beginOf(int place) const
{
    const auto &bins = report()->histogram;
    return place < places() ? toAxis(bins[std::size_t(place)].from) : toAxis(bins.back().to);
}

QString LoadDistributionChart::headOf(int place) const
{
    const LoadReport::Bin &bin = report()->histogram[std::size_t(place)];
    return tr("%1 to %2").arg(durationText(bin.from), durationText(bin.to));
}

QList<ChartKey> LoadDistributionChart::valuesOf(int place) const
{
    const LoadReport::Bin &bin = report()->histogram[std::size_t(place)];
    QList<ChartKey> keys = legend();
    keys[0].value = countText(double(bin.corrected));
    keys[1].value = countText(double(bin.service));
    return keys;
}

} // namespace kiln::ui
