// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/summary_strip.h"

#include "ui/models/invocation_text.h"
#include "ui/models/plain_text.h"
#include "ui/panes/row_gap.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace kiln::ui {

static constexpr int between = 24, leastBetween = 12;

SummaryStrip::SummaryStrip(QWidget *parent)
    : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &SummaryStrip::rebuild);
}

void SummaryStrip::setInvocation(const InvocationPtr &invocation)
{
    m_invocation = invocation;
    rebuild();
}

void SummaryStrip::rebuild()
{
    m_cells.clear();
    if (m_invocation) {
        const Invocation &i = *m_invocation;
        const bool started = i.worker != 0;
        m_cells.push_back({tr("Outcome"), outcomeText(i.outcome), markOf(i.outcome), theme().of(i.outcome), {}});
        if (started)
            m_cells.push_back({tr("Start"), startText(i.start), markOf(i.start), theme().of(i.start), {}});
        m_cells.push_back({tr("Duration"),
                           durationText(i.phases.total()),
                           Mark::None,
                           {},
                           tr("From accepted to the answer being whole")});
        if (started) {
            m_cells.push_back({tr("Billed"),
                               tr("%1 ms").arg(i.billed().count()),
                               Mark::None,
                               {},
                               tr("Init and handler, rounded up to a millisecond, as Lambda bills")});
            QString memory = sizeText(i.usage.maxMemory);
            if (i.revision)
                memory = tr("%1 of %2").arg(memory, sizeText(i.revision->settings.limits.memory));
            m_cells.push_back({tr("Memory, peak"), memory, Mark::None, {}, {}});
            if (i.usage.cpu.count() > 0)
                m_cells.push_back({tr("CPU time"), durationText(i.usage.cpu), Mark::None, {}, {}});
            m_cells.push_back({tr("Sandbox"), tierText(i.tier), Mark::None,
                               i.tier == Tier::None ? theme().error : QColor(),
                               tr("Tier %1").arg(toQString(toWord(i.tier)))});
        }
        if (i.attempt > 1)
            m_cells.push_back({tr("Attempt"), QString::number(i.attempt), Mark::None, {}, {}});
    }
    QStringList words;
    for (const Cell &cell : m_cells)
        words.append(cell.caption + QStringLiteral(": ") + cell.value);
    setAccessibleName(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QFont SummaryStrip::captionFont() const
{
    QFont small = font();
    small.setPixelSize(11);
    return small;
}

QFont SummaryStrip::valueFont() const
{
    QFont strong = font();
    strong.setPixelSize(14);
    strong.setWeight(QFont::DemiBold);
    return strong;
}

std::vector<QRect> SummaryStrip::boxes(int width) const
{
    const QFontMetrics caption(captionFont()), value(valueFont());
    std::vector<int> advances;
    for (const Cell &cell : m_cells) {
        const int valueWidth = value.horizontalAdvance(cell.value) + (cell.mark == Mark::None ? 0 : 16);
        advances.push_back(std::max(caption.horizontalAdvance(cell.caption), valueWidth) + 2);
    }
    const int gap = rowGap(advances, width, between, leastBetween);
    std::vector<QRect> list;
    int x = 0, y = 0;
    for (const int advance : advances) {
        if (x > 0 && x + advance > width) {
            x = 0;
            y += cellHeight;
        }
        list.emplace_back(x, y, advance, cellHeight);
        x += advance + gap;
    }
    return list;
}

int SummaryStrip::heightForWidth(int width) const
{
    const auto list = boxes(width);
    return list.empty() ? cellHeight : list.back().bottom() + 1;
}

void SummaryStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const auto list = boxes(width());
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Cell &cell = m_cells[i];
        QRect box = list[i];
        painter.setFont(captionFont());
        painter.setPen(theme().muted);
        painter.drawText(box.adjusted(0, 2, 0, 0), int(Qt::AlignLeft | Qt::AlignTop), cell.caption);
        QRect value = box.adjusted(0, 16, 0, -2);
        const QColor colour = cell.colour.isValid() ? cell.colour : theme().text;
        if (cell.mark != Mark::None) {
            drawMark(&painter, QRectF(value.left(), value.top(), 11, value.height()), cell.mark, colour);
            value.setLeft(value.left() + 16);
        }
        painter.setFont(valueFont());
        painter.setPen(colour);
        painter.drawText(value, int(Qt::AlignLeft | Qt::AlignVCenter), cell.value);
    }
}

bool SummaryStrip::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const auto list = boxes(width());
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].contains(help->pos()) && !m_cells[i].toolTip.isEmpty())
            QToolTip::showText(help->globalPos(), m_cells[i].toolTip, this);
    }
    return true;
}

} // namespace kiln::ui
