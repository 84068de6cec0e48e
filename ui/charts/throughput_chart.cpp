// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/throughput_chart.h"

#include "ui/charts/decimate.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAreaSeries>
#include <QChart>
#include <QLineSeries>
#include <QValueAxis>

#include <algorithm>

namespace kiln::ui {

namespace {

std::array<std::uint32_t, 5> layersOf(const MetricSecond &second)
{
    return {second.cold, second.zygote, second.parked, second.warm, second.throttled};
}

std::array<QColor, 5> colours()
{
    return {theme().cold, theme().zygote, theme().parked, theme().warm, theme().throttled};
}

} // namespace

ThroughputChart::ThroughputChart(TimeAxisRange *range, QWidget *parent)
    : TimeChart(range, parent)
    , m_ground(new QLineSeries(this))
    , m_errorEdge(new QLineSeries(this))
{
    setAccessibleName(tr("Invocations per second"));
    for (std::size_t i = 0; i < layerCount; ++i) {
        m_edges[i] = new QLineSeries(this);
        m_areas[i] = addArea(m_edges[i], i == 0 ? m_ground : m_edges[i - 1]);
    }
    m_errors = addArea(m_errorEdge, m_ground);
}

QAreaSeries *ThroughputChart::addArea(QLineSeries *upper, QLineSeries *lower)
{
    auto *area = new QAreaSeries(upper, lower);
    chart()->addSeries(area); // which owns it
    area->attachAxis(timeAxis());
    area->attachAxis(valueAxis());
    return area;
}

void ThroughputChart::applyTheme()
{
    const auto ink = colours();
    for (std::size_t i = 0; i < layerCount; ++i) {
        QColor fill = ink[i];
        fill.setAlphaF(i == 3 ? 0.4F : 0.75F); // warm, the most of them, stays in the background
        m_areas[i]->setBrush(fill);
        m_areas[i]->setPen(Qt::NoPen);
    }
    m_errors->setBrush(QBrush(theme().error, Qt::BDiagPattern));
    m_errors->setPen(QPen(theme().error, 1));
}

ChartSurface::Edges ThroughputChart::edges() const
{
    return double(window().seconds().size()) > plotArea().width() * 1.5 ? Edges::Hard : Edges::Smooth;
}

void ThroughputChart::refresh()
{
    Stack stack;
    stack.layers.resize(layerCount + 1); // the errors go through the same points
    std::array<bool, layerCount> any{};
    bool anyError = false;
    double highest = 1;
    auto time = double(window().from());
    for (const MetricSecond *second : window().seconds()) {
        const auto layers = layersOf(*second);
        double edge = 0;
        for (std::size_t i = 0; i < layerCount; ++i) {
            edge += layers[i];
            any[i] = any[i] || layers[i] > 0;
            stack.layers[i + 1].push_back(edge);
        }
        stack.layers[0].push_back(second->errors);
        anyError = anyError || second->errors > 0;
        highest = std::max(highest, edge);
        stack.x.push_back(time);
        time += 1;
    }
    stack = decimate(stack, pointBudget());
    const auto points = [&](std::size_t layer) {
        QList<QPointF> list;
        list.reserve(qsizetype(stack.x.size()));
        for (std::size_t k = 0; k < stack.x.size(); ++k)
            list.append({stack.x[k], stack.layers[layer][k]});
        return list;
    };
    m_ground->replace(stack.x.empty() ? QList<QPointF>() : QList<QPointF>{{stack.x.front(), 0}, {stack.x.back(), 0}});
    for (std::size_t i = 0; i < layerCount; ++i) {
        // An area that is empty throughout is not drawn, but its edge is the ground of the next.
        m_edges[i]->replace(points(i + 1));
        m_areas[i]->setVisible(any[i]);
    }
    m_errors->setVisible(anyError);
    m_anyZygote = any[1];
    m_anyParked = any[2];
    if (anyError) {
        // Where there is none, the outline runs below the plot: along the ground it would look like a few.
        QList<QPointF> edge = points(0);
        for (QPointF &point : edge)
            point.setY(point.y() > 0 ? point.y() : -highest * 0.05);
        m_errorEdge->replace(edge);
    }

    QList<Tick> ticks;
    for (const double tick : roundTicks(0, highest * 1.05, 4)) {
        if (tick == std::floor(tick))
            ticks.append({tick, countText(tick)});
    }
    setTicks(0, highest * 1.1, std::move(ticks));
    setAccessibleDescription(figures());
}

QList<ChartKey> ThroughputChart::legend() const
{
    QList<ChartKey> keys = allKeys();
    if (!m_anyZygote)
        keys.removeAt(2);
    if (!m_anyParked)
        keys.removeAt(1);
    return keys;
}

QList<ChartKey> ThroughputChart::allKeys() const
{
    return {{Mark::Dot, theme().warm, tr("warm"), {}},          {Mark::Square, theme().parked, tr("parked"), {}},
            {Mark::Triangle, theme().zygote, tr("zygote"), {}}, {Mark::Diamond, theme().cold, tr("cold"), {}},
            {Mark::Hatch, theme().error, tr("error"), {}},      {Mark::Ring, theme().throttled, tr("throttled"), {}}};
}

QList<ChartKey> ThroughputChart::valuesAt(std::int64_t at) const
{
    const MetricSecond &second = window().at(at);
    const std::array<std::uint32_t, 6> counts{second.warm, second.parked, second.zygote,
                                              second.cold, second.errors, second.throttled};
    QList<ChartKey> keys;
    std::size_t i = 0;
    for (ChartKey key : allKeys()) {
        key.value = countText(counts[i]);
        if (counts[i] > 0 || i == 0) // always one line, and then what there is
            keys.append(key);
        ++i;
    }
    return keys;
}

QString ThroughputChart::figures() const
{
    std::uint64_t cold = 0, errors = 0, throttled = 0, recent = 0;
    const auto &seconds = window().seconds();
    for (const MetricSecond *second : seconds) {
        cold += second->cold;
        errors += second->errors;
        throttled += second->throttled;
    }
    const std::size_t last = std::min<std::size_t>(10, seconds.size());
    for (std::size_t i = seconds.size() - last; i < seconds.size(); ++i)
        recent += seconds[i]->invocations();
    QStringList parts{rateText(last > 0 ? double(recent) / double(last) : 0),
                      tr("%1 cold").arg(countText(double(cold))),
                      errors == 1 ? tr("1 error") : tr("%1 errors").arg(countText(double(errors)))};
    if (throttled > 0)
        parts.append(tr("%1 throttled").arg(countText(double(throttled))));
    return parts.join(QStringLiteral(" · "));
}

} // namespace kiln::ui
