// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/worker_chart.h"

#include "ui/charts/decimate.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QAreaSeries>
#include <QChart>
#include <QLineSeries>
#include <QPainter>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr std::size_t mostReasons = 4; ///< At the crosshair.
constexpr int longestReason = 48;      ///< Characters; the list beside the chart has all of it.
constexpr int heldSeconds = 2;         ///< For so long a second that was not looked at is as the one before.

constexpr std::array<WorkerState, 3> states{WorkerState::Busy, WorkerState::Idle, WorkerState::Starting};

std::array<int, 3> layersOf(const WorkerCounts &counts) { return {counts.busy, counts.idle, counts.starting}; }

double secondsOf(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

Mark markOf(ScaleEvent::What what) { return what == ScaleEvent::What::Started ? Mark::Triangle : Mark::Cross; }

QColor colourOf(const ScaleEvent &event)
{
    if (event.what == ScaleEvent::What::Started)
        return theme().ok;
    return event.cause == ScaleCause::Failed ? theme().error : theme().muted;
}

} // namespace

WorkerChart::WorkerChart(TimeAxisRange *range, QWidget *parent)
    : TimeChart(range, parent)
    , m_ground(new QLineSeries(this))
    , m_limit(new QLineSeries(this))
{
    setAccessibleName(tr("Workers over time"));
    for (std::size_t i = 0; i < layerCount; ++i) {
        m_edges[i] = new QLineSeries(this);
        m_areas[i] = new QAreaSeries(m_edges[i], i == 0 ? m_ground : m_edges[i - 1]);
        chart()->addSeries(m_areas[i]); // which owns it
        m_areas[i]->attachAxis(timeAxis());
        m_areas[i]->attachAxis(valueAxis());
    }
    chart()->addSeries(m_limit);
    m_limit->attachAxis(timeAxis());
    m_limit->attachAxis(valueAxis());
}

void WorkerChart::setEvents(std::vector<ScaleEvent> events) { m_events = std::move(events); }

void WorkerChart::applyTheme()
{
    for (std::size_t i = 0; i < layerCount; ++i) {
        QColor fill = theme().of(states[i]);
        fill.setAlphaF(states[i] == WorkerState::Idle ? 0.35F : 0.75F);
        m_areas[i]->setBrush(fill);
        m_areas[i]->setPen(Qt::NoPen);
    }
    m_limit->setPen(QPen(theme().muted, 1, Qt::DashLine));
}

void WorkerChart::refresh()
{
    m_counts.clear();
    bool any = false;
    int since = heldSeconds;
    WorkerCounts last;
    for (const MetricSecond *second : window().seconds()) {
        if (second->workerLimit > 0) {
            last = {second->busy, second->idle, second->starting, second->workerLimit};
            since = 0;
        } else if (++since > heldSeconds) {
            last = {};
        }
        any = any || last.alive() > 0;
        m_counts.push_back(last);
    }
    if (!any)
        m_counts.clear();

    Stack stack;
    stack.layers.resize(layerCount);
    QList<QPointF> limit;
    double highest = 1;
    auto time = double(window().from());
    for (const WorkerCounts &counts : m_counts) {
        double edge = 0;
        std::size_t layer = 0;
        for (const int count : layersOf(counts))
            stack.layers[layer++].push_back(edge += count);
        highest = std::max(highest, edge);
        stack.x.push_back(time);
        if (counts.limit > 0)
            limit.append({time, double(counts.limit)});
        time += 1;
    }
    stack = decimate(stack, pointBudget());
    m_ground->replace(stack.x.empty() ? QList<QPointF>() : QList<QPointF>{{stack.x.front(), 0}, {stack.x.back(), 0}});
    for (std::size_t layer = 0; layer < layerCount; ++layer) {
        QList<QPointF> points;
        for (std::size_t k = 0; k < stack.x.size(); ++k)
            points.append({stack.x[k], stack.layers[layer][k]});
        m_edges[layer]->replace(points);
    }
    // A limit far above what there is would press all of it to the ground.
    const double limitShown = limit.isEmpty() ? 0 : limit.last().y();
    m_limit->replace(decimate(limit, pointBudget()));
    m_limit->setVisible(limitShown > 0 && limitShown <= 4 * highest);
    if (m_limit->isVisible())
        highest = std::max(highest, limitShown);

    QList<Tick> ticks;
    for (const double tick : roundTicks(0, highest * 1.05, 4)) {
        if (tick == std::floor(tick))
            ticks.append({tick, countText(tick)});
    }
    setTicks(0, highest * 1.25, std::move(ticks)); // room for the marks above
    setAccessibleDescription(figures());
}

QString WorkerChart::emptyText() const
{
    return nothingToShow() ? tr("No worker in this time. Fire an event (Ctrl+Enter) to start one.") : QString();
}

void WorkerChart::paintLabels(QPainter &painter)
{
    if (nothingToShow())
        return;
    const QRectF plot = plotArea();
    const TimeSpan span = range()->span();
    // One mark for all that stand on the same few pixels: failed stops are drawn last, so that they stay in sight.
    const auto failedLast = [](const ScaleEvent &event) { return event.cause == ScaleCause::Failed; };
    for (const bool failed : {false, true}) {
        double lastStart = -100, lastStop = -100;
        for (const ScaleEvent &event : m_events) {
            const double time = secondsOf(event.time);
            if (time < span.from || time > span.to || failedLast(event) != failed)
                continue;
            const bool start = event.what == ScaleEvent::What::Started;
            const double x = plot.left() + (time - span.from) / span.length() * plot.width();
            double &last = start ? lastStart : lastStop;
            if (x - last < 4)
                continue;
            last = x;
            drawMark(&painter, QRectF(x - 4, plot.top() + (start ? 0 : 10), 8, 8), markOf(event.what), colourOf(event));
        }
    }
}

WorkerCounts WorkerChart::countsAt(std::int64_t second) const
{
    const std::int64_t index = second - window().from();
    return index >= 0 && index < std::ssize(m_counts) ? m_counts[std::size_t(index)] : WorkerCounts{};
}

QList<ChartKey> WorkerChart::valuesAt(std::int64_t second) const
{
    const WorkerCounts counts = countsAt(second);
    QList<ChartKey> keys;
    for (std::size_t i = 0; i < layerCount; ++i) {
        ChartKey key = legend()[int(i)];
        key.value = countText(layersOf(counts)[i]);
        keys.append(key);
    }
    if (counts.limit > 0)
        keys.append({Mark::Dashed, theme().muted, tr("limit"), countText(counts.limit)});
    // Marks nearer to one another than a hand can point are told together.
    const double reach = std::max(0.5, range()->span().length() / std::max(1.0, plotArea().width()) * 4);
    std::size_t more = 0;
    for (const ScaleEvent &event : m_events) {
        if (std::abs(secondsOf(event.time) - (double(second) + 0.5)) > reach)
            continue;
        if (std::size_t(keys.size()) >= layerCount + 1 + mostReasons) {
            ++more;
            continue;
        }
        QString why = QString::fromStdString(event.why);
        if (why.size() > longestReason)
            why = why.left(longestReason - 1) + QChar(0x2026);
        keys.append({markOf(event.what),
                     colourOf(event),
                     event.what == ScaleEvent::What::Started ? tr("started: %1").arg(why) : tr("stopped: %1").arg(why),
                     {}});
    }
    if (more > 0)
        keys.append({Mark::None, theme().muted, tr("and %1 more").arg(more), {}});
    return keys;
}

QList<ChartKey> WorkerChart::legend() const
{
    return {{ui::markOf(WorkerState::Busy), theme().of(WorkerState::Busy), tr("busy"), {}},
            {ui::markOf(WorkerState::Idle), theme().of(WorkerState::Idle), tr("idle"), {}},
            {ui::markOf(WorkerState::Starting), theme().of(WorkerState::Starting), tr("starting"), {}},
            {Mark::Triangle, theme().ok, tr("start"), {}},
            {Mark::Cross, theme().muted, tr("stop"), {}},
            {Mark::Dashed, theme().muted, tr("limit"), {}}};
}

int WorkerChart::eventsShown(ScaleEvent::What what) const
{
    const TimeSpan span = range()->span();
    return int(std::count_if(m_events.begin(), m_events.end(), [&](const ScaleEvent &event) {
        return event.what == what && secondsOf(event.time) >= span.from && secondsOf(event.time) <= span.to;
    }));
}

QString WorkerChart::figures() const
{
    const WorkerCounts now = m_counts.empty() ? WorkerCounts{} : m_counts.back();
    const int starts = eventsShown(ScaleEvent::What::Started);
    const int stops = eventsShown(ScaleEvent::What::Stopped);
    QStringList parts;
    if (now.limit > 0)
        parts << tr("%L1 of %L2").arg(now.alive()).arg(now.limit);
    parts << (starts == 1 ? tr("1 start") : tr("%1 starts").arg(countText(starts)))
          << (stops == 1 ? tr("1 stop") : tr("%1 stops").arg(countText(stops)));
    return parts.join(QStringLiteral(" · "));
}

} // namespace kiln::ui
