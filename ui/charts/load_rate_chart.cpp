// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/load_rate_chart.h"

#include "ui/charts/time_chart.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAreaSeries>
#include <QLineSeries>

#include <algorithm>

namespace kiln::ui {

LoadRateChart::LoadRateChart(QWidget *parent)
    : LoadTimeChart(parent)
    , m_ground(new QLineSeries(this))
    , m_sentEdge(new QLineSeries(this))
    , m_sent(addArea(m_sentEdge, m_ground))
    , m_failedEdge(new QLineSeries(this))
    , m_failed(addArea(m_failedEdge, m_ground))
    , m_due(addLine())
{
    setAccessibleName(tr("Rate over the load run"));
}

void LoadRateChart::applyTheme()
{
    QColor fill = theme().accent;
    fill.setAlphaF(0.35F);
    m_sent->setBrush(fill);
    m_sent->setPen(QPen(theme().accent, 1.5));
    m_failed->setBrush(QBrush(theme().error, Qt::BDiagPattern));
    m_failed->setPen(QPen(theme().error, 1));
    m_due->setPen(QPen(theme().text, 1, Qt::DashLine));
}

void LoadRateChart::refresh()
{
    refreshTime();
    const double length = beginOf(1);
    QList<QPointF> due, sent, failed;
    double highest = 1;
    bool anyFailed = false;
    for (int i = 0; i < places(); ++i) {
        const LoadReport::Interval &interval = report()->timeline[std::size_t(i)];
        const double x = middleOf(i);
        due.append({x, double(interval.due) / length});
        sent.append({x, double(interval.sent) / length});
        failed.append({x, double(interval.failed) / length});
        anyFailed = anyFailed || interval.failed > 0;
        highest = std::max({highest, due.last().y(), sent.last().y(), failed.last().y()});
    }
    m_ground->replace(sent.isEmpty() ? QList<QPointF>() : QList<QPointF>{{sent.first().x(), 0}, {sent.last().x(), 0}});
    m_sentEdge->replace(sent);
    m_failed->setVisible(anyFailed);
    // Where there is none, the outline runs below the plot: along the ground it would look like a few.
    for (QPointF &point : failed)
        point.setY(point.y() > 0 ? point.y() : -highest * 0.05);
    m_failedEdge->replace(failed);
    m_due->replace(due);
    QList<Tick> ticks;
    for (const double tick : roundTicks(0, highest * 1.05, 4))
        ticks.append({tick, countText(tick)});
    setUp(0, highest * 1.1, std::move(ticks));
}

QList<ChartKey> LoadRateChart::legend() const
{
    return {{Mark::Dashed, theme().text, tr("due"), {}},
            {Mark::Square, theme().accent, tr("sent"), {}},
            {Mark::Hatch, theme().error, tr("failed"), {}}};
}

QList<ChartKey> LoadRateChart::valuesOf(int place) const
{
    const LoadReport::Interval &interval = report()->timeline[std::size_t(place)];
    QList<ChartKey> keys = legend();
    const std::uint64_t counts[] = {interval.due, interval.sent, interval.failed};
    for (qsizetype i = 0; i < keys.size(); ++i)
        keys[i].value = rateText(double(counts[i]) / beginOf(1));
    return keys;
}

} // namespace kiln::ui
