// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/phase_bar.h"

#include "ui/charts/phase_look.h"
#include "ui/panes/row_gap.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>

namespace kiln::ui {

namespace {

constexpr int barHeight = 10, gap = 6, lineHeight = 20, between = 16, leastBetween = 8;
constexpr double leastWidth = 1.5;

/// Where each phase ends, from 0 to `width`.
std::array<double, phaseCount + 1> edgesOf(const Phases &phases, double width)
{
    const auto spans = phases.spans();
    std::array<double, phaseCount> widths{};
    const double total = double(phases.total().count());
    double sum = 0;
    for (std::size_t i = 0; i < phaseCount; ++i) {
        const double share = total > 0 ? double(spans[i].count()) / total * width : 0;
        widths[i] = spans[i].count() > 0 ? std::max(share, leastWidth) : 0;
        sum += widths[i];
    }
    std::array<double, phaseCount + 1> edges{};
    for (std::size_t i = 0; i < phaseCount; ++i)
        edges[i + 1] = edges[i] + (sum > 0 ? widths[i] / sum * width : 0);
    return edges;
}

} // namespace

void paintPhases(QPainter *painter, const QRectF &bar, const Phases &phases)
{
    if (phases.total().count() <= 0)
        return;
    const auto edges = edgesOf(phases, bar.width());
    for (std::size_t i = 0; i < phaseCount; ++i) {
        const double width = edges[i + 1] - edges[i];
        const double gap = width > 4 && i + 1 < phaseCount ? 1 : 0; // neighbours of like colours stay two
        if (width > 0)
            painter->fillRect(QRectF(bar.left() + edges[i], bar.top(), width - gap, bar.height()), phaseColour(i));
    }
}

PhaseBar::PhaseBar(QWidget *parent)
    : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setAccessibleName(tr("Phases"));
}

void PhaseBar::setPhases(const Phases &phases)
{
    m_phases = phases;
    QStringList parts;
    for (const Word &word : words(4000))
        parts.append(word.text);
    setAccessibleDescription(parts.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

std::vector<PhaseBar::Word> PhaseBar::words(int width) const
{
    std::vector<Word> list;
    std::vector<int> advances;
    const auto spans = m_phases.spans();
    for (std::size_t i = 0; i < phaseCount; ++i) {
        if (spans[i].count() <= 0)
            continue;
        list.push_back({i, phaseText(i) + QLatin1Char(' ') + durationText(spans[i]), {}});
        advances.push_back(14 + fontMetrics().horizontalAdvance(list.back().text) + 2);
    }
    const int apart = rowGap(advances, width, between, leastBetween);
    int x = 0, y = barHeight + gap;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (x > 0 && x + advances[i] > width) {
            x = 0;
            y += lineHeight;
        }
        list[i].box = QRect(x, y, advances[i], lineHeight);
        x += advances[i] + apart;
    }
    return list;
}

int PhaseBar::heightForWidth(int width) const
{
    const auto list = words(width);
    return list.empty() ? barHeight : list.back().box.bottom() + 1;
}

void PhaseBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(QRect(0, 0, width(), barHeight), theme().raised);
    paintPhases(&painter, QRectF(0, 0, width(), barHeight), m_phases);
    for (const Word &word : words(width())) {
        painter.fillRect(QRect(word.box.left(), word.box.center().y() - 3, 8, 8), phaseColour(word.phase));
        painter.setPen(theme().text);
        painter.drawText(word.box.adjusted(14, 0, 0, 0), int(Qt::AlignLeft | Qt::AlignVCenter), word.text);
    }
}

bool PhaseBar::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const auto spans = m_phases.spans();
    const auto show = [&](std::size_t i) {
        QToolTip::showText(help->globalPos(), QStringLiteral("%1: %2").arg(phaseExplanation(i), durationText(spans[i])),
                           this);
    };
    const auto edges = edgesOf(m_phases, width());
    for (std::size_t i = 0; help->pos().y() <= barHeight && i < phaseCount; ++i) {
        if (help->pos().x() >= edges[i] && help->pos().x() < edges[i + 1])
            show(i);
    }
    for (const Word &word : words(width())) {
        if (word.box.contains(help->pos()))
            show(word.phase);
    }
    return true;
}

} // namespace kiln::ui
