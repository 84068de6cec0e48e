// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/mark_delegate.h"

#include "ui/models/invocation_model.h"
#include "ui/panes/phase_bar.h"

#include <QApplication>
#include <QPainter>
#include <QStyle>

namespace kiln::ui {

void CellDelegate::paintGround(QPainter *painter, const QStyleOptionViewItem &option) const
{
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);
}

void CellDelegate::paintText(QPainter *painter, const QStyleOptionViewItem &option, const QRect &rect) const
{
    painter->setFont(option.font);
    painter->setPen(option.palette.color(QPalette::Text));
    painter->drawText(rect, int(option.displayAlignment) | int(Qt::TextSingleLine),
                      option.fontMetrics.elidedText(option.text, Qt::ElideRight, rect.width()));
}

void CellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    paintGround(painter, cell);
    paintText(painter, cell, cell.rect.adjusted(padding, 0, -padding, 0));
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return QStyledItemDelegate::sizeHint(option, index) + QSize(2 * padding, 0);
}

MarkDelegate::MarkDelegate(SignOf signOf, QObject *parent)
    : CellDelegate(parent)
    , m_signOf(std::move(signOf))
{}

void MarkDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Sign sign = m_signOf(index);
    if (sign.mark == Mark::None) {
        CellDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    paintGround(painter, cell);
    drawMark(painter, QRectF(cell.rect.left() + padding, cell.rect.top(), 11, cell.rect.height()), sign.mark,
             sign.colour);
    paintText(painter, cell, cell.rect.adjusted(padding + 18, 0, -padding, 0));
}

PhasesDelegate::PhasesDelegate(int role, QObject *parent)
    : CellDelegate(parent)
    , m_role(role)
{}

void PhasesDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    paintGround(painter, cell);
    const auto invocation = index.data(m_role).value<InvocationPtr>();
    if (invocation)
        paintPhases(painter, QRectF(cell.rect).adjusted(padding, 8, -padding, -8), invocation->phases);
}

} // namespace kiln::ui
