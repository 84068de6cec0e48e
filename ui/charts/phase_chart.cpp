// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/phase_chart.h"

#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QBarCategoryAxis>
#include <QBarSet>
#include <QChart>
#include <QHelpEvent>
#include <QHorizontalStackedBarSeries>
#include <QPainter>
#include <QToolTip>
#include <QValueAxis>

#include <algorithm>
#include <numeric>

namespace kiln::ui {

PhaseMeans phaseMeans(const MetricWindow &window)
{
    PhaseMeans means;
    for (const MetricSecond *second : window.seconds()) {
        const std::uint64_t starts = std::uint64_t(second->cold) + second->parked + second->zygote;
        means.starts += starts;
        for (std::size_t i = 0; i < phaseCount; ++i)
            means.milliseconds[i] += double(second->coldPhases[i]) * double(starts);
    }
    for (double &value : means.milliseconds)
        value = means.starts > 0 ? value / double(means.starts) : 0;
    return means;
}

PhaseChart::PhaseChart(QWidget *parent)
    : ChartSurface(parent)
    , m_bars(new QHorizontalStackedBarSeries)
    , m_offset(new QBarSet({}))
    , m_axis(new QValueAxis(this))
{
    setAccessibleName(tr("Cold start, by phase"));
    m_bars->append(m_offset);
    for (QBarSet *&set : m_phases) {
        set = new QBarSet({});
        m_bars->append(set);
    }
    chart()->addSeries(m_bars);
    auto *rows = new QBarCategoryAxis(this);
    QStringList names;
    for (std::size_t i = 0; i < phaseCount; ++i)
        names.append(phaseText(phaseCount - 1 - i)); // Qt counts rows from below
    rows->append(names);
    rows->setVisible(false);
    m_axis->setVisible(false);
    chart()->addAxis(rows, Qt::AlignLeft);
    chart()->addAxis(m_axis, Qt::AlignBottom);
    m_bars->attachAxis(rows);
    m_bars->attachAxis(m_axis);
}

void PhaseChart::applyTheme()
{
    m_offset->setBrush(Qt::transparent);
    m_offset->setPen(Qt::NoPen);
    for (std::size_t i = 0; i < phaseCount; ++i) {
        m_phases[i]->setBrush(phaseColour(i));
        m_phases[i]->setPen(Qt::NoPen);
    }
}

void PhaseChart::resized()
{
    constexpr double thickest = 20;
    const double row = plotArea().height() / double(phaseCount);
    m_bars->setBarWidth(std::clamp(thickest / std::max(row, 1.0), 0.1, 0.6));
}

void PhaseChart::setWindow(const MetricWindow &window)
{
    const PhaseMeans means = phaseMeans(window);
    if (means.milliseconds == m_means && means.starts == m_starts)
        return;
    m_means = means.milliseconds;
    m_starts = means.starts;
    const double total = std::accumulate(m_means.begin(), m_means.end(), 0.0);
    const double least = total / 200; // a bar of nothing would not be seen at all
    QList<qreal> offsets(phaseCount, 0);
    double before = 0;
    for (std::size_t i = 0; i < phaseCount; ++i) {
        const auto row = qsizetype(phaseCount - 1 - i);
        QList<qreal> values(phaseCount, 0);
        values[row] = std::max(m_means[i], least);
        offsets[row] = before;
        before += m_means[i];
        m_phases[i]->remove(0, m_phases[i]->count());
        m_phases[i]->append(values);
    }
    m_offset->remove(0, m_offset->count());
    m_offset->append(offsets);
    m_axis->setRange(0, std::max(total * 1.005, 0.001));
    setAccessibleDescription(figures());
    redraw();
}

void PhaseChart::paintLabels(QPainter &painter)
{
    const QRectF plot = plotArea();
    const double total = m_axis->max(), row = plot.height() / double(phaseCount);
    double before = 0;
    for (std::size_t i = 0; i < phaseCount; ++i) {
        const double y = plot.top() + row * double(i);
        painter.setPen(theme().muted);
        painter.drawText(QRectF(0, y, plot.left() - 8, row), int(Qt::AlignRight | Qt::AlignVCenter), phaseText(i));
        before += m_means[i];
        const double x = plot.left() + before / total * plot.width() + 6;
        painter.setPen(theme().text);
        painter.drawText(QRectF(x, y, width() - x, row), int(Qt::AlignLeft | Qt::AlignVCenter),
                         millisecondsText(m_means[i]));
    }
}

bool PhaseChart::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && m_starts > 0) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QRectF plot = plotArea();
        const double row = (help->pos().y() - plot.top()) / plot.height() * double(phaseCount);
        const auto phase = std::size_t(std::clamp(row, 0.0, double(phaseCount - 1)));
        QToolTip::showText(help->globalPos(),
                           QStringLiteral("%1: %2").arg(phaseExplanation(phase), millisecondsText(m_means[phase])),
                           this);
        return true;
    }
    return ChartSurface::event(event);
}

QString PhaseChart::emptyText() const { return m_starts == 0 ? tr("No cold start in this time") : QString(); }

QString PhaseChart::figures() const
{
    if (m_starts == 0)
        return {};
    const double start = m_means[0] + m_means[1] + m_means[2] + m_means[3];
    const QString time = millisecondsText(start);
    return m_starts == 1 ? tr("%1 to the handler · 1 start").arg(time)
                         : tr("%1 to the handler · %2 starts").arg(time, countText(double(m_starts)));
}

} // namespace kiln::ui
