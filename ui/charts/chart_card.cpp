// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_card.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace kiln::ui {

static constexpr int markRoom = 17, between = 8;

void ChartLegend::setKeys(QList<ChartKey> keys)
{
    QFont small = font();
    small.setPixelSize(12);
    setFont(small);
    m_keys = std::move(keys);
    QStringList words;
    for (const ChartKey &key : m_keys)
        words.append(key.word);
    setToolTip(words.join(QStringLiteral(", ")));
    setAccessibleName(tr("Legend: %1").arg(toolTip()));
    updateGeometry();
    update();
}

QSize ChartLegend::sizeHint() const
{
    int width = 0;
    for (const ChartKey &key : m_keys)
        width += markRoom + fontMetrics().horizontalAdvance(key.word) + between;
    return {std::max(0, width - between), 20};
}

void ChartLegend::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(theme().muted);
    int x = 0;
    for (const ChartKey &key : m_keys) {
        const int advance = fontMetrics().horizontalAdvance(key.word);
        if (x + markRoom + advance > width())
            break; // whole words or none
        drawMark(&painter, QRectF(x, 0, 14, height()), key.mark, key.colour);
        painter.drawText(QRect(x + markRoom, 0, advance + 2, height()), int(Qt::AlignLeft | Qt::AlignVCenter),
                         key.word);
        x += markRoom + advance + between;
    }
}

ChartCard::ChartCard(const QString &title, QWidget *chart, QWidget *parent)
    : QFrame(parent)
    , m_figures(new QLabel(this))
    , m_legend(new ChartLegend(this))
{
    setProperty("role", QStringLiteral("card"));
    auto *name = new QLabel(title, this);
    QFont bold = name->font();
    bold.setWeight(QFont::DemiBold);
    name->setFont(bold);
    m_figures->setProperty("role", QStringLiteral("muted"));
    m_figures->setMinimumWidth(0);
    m_figures->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_figures->setAlignment(Qt::AlignRight | Qt::AlignVCenter);

    m_head = new QHBoxLayout;
    m_head->setSpacing(4);
    m_head->addWidget(name);
    m_head->addWidget(m_figures, 1);
    m_titleWidth = QFontMetrics(bold).horizontalAdvance(title);
    m_foot = new QHBoxLayout;
    m_foot->addWidget(m_legend, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->setSpacing(4);
    layout->addLayout(m_head);
    layout->addWidget(chart, 1);
    layout->addLayout(m_foot);
}

void ChartCard::setFigures(const QString &figures, const QString &toolTip)
{
    m_text = figures;
    m_figures->setToolTip(figures.isEmpty() ? QString() : figures + QLatin1Char('\n') + toolTip);
    m_figures->setAccessibleName(figures);
    showFigures();
}

/// Beside the title when they fit there, else under it; cut short at last.
void ChartCard::showFigures()
{
    const int room = contentsRect().width() - layout()->contentsMargins().left() - layout()->contentsMargins().right();
    const int needed = m_figures->fontMetrics().horizontalAdvance(m_text) + 4;
    // What changes every second must not hop from line to line.
    const int spare = m_head->direction() == QBoxLayout::LeftToRight ? 0 : 48;
    const bool beside = m_titleWidth + 12 + needed + spare <= room;
    const auto direction = beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom;
    if (m_head->direction() != direction) {
        m_head->setDirection(direction);
        m_figures->setAlignment((beside ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        layout()->activate();
    }
    const QString shown = m_figures->fontMetrics().elidedText(m_text, Qt::ElideRight, m_figures->width());
    if (m_figures->text() != shown)
        m_figures->setText(shown);
}

void ChartCard::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    layout()->activate();
    showFigures();
}

void ChartCard::setLegend(const QList<ChartKey> &keys) { m_legend->setKeys(keys); }

void ChartCard::addOption(QWidget *option) { m_foot->addWidget(option); }

} // namespace kiln::ui
