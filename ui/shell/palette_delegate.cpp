// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/palette_delegate.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>

namespace kiln::ui {

namespace {

/// Draws the text character run by character run, the matched ones bold and in the accent colour.
void drawMatched(QPainter &painter, const QRect &box, const QString &text, const QList<int> &positions,
                 const QColor &ink)
{
    QFont plain = painter.font(), bold = plain;
    bold.setWeight(QFont::DemiBold);
    int x = box.left();
    for (int i = 0; i < text.size();) {
        const bool matched = positions.contains(i);
        int end = i + 1;
        while (end < text.size() && positions.contains(end) == matched)
            ++end;
        const QString run = text.mid(i, end - i);
        painter.setFont(matched ? bold : plain);
        painter.setPen(matched ? theme().accent : ink);
        const int width = painter.fontMetrics().horizontalAdvance(run);
        painter.drawText(QRect(x, box.top(), std::min(width + 1, box.right() - x), box.height()), Qt::AlignVCenter,
                         run);
        x += width;
        i = end;
    }
    painter.setFont(plain);
}

} // namespace

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return {QStyledItemDelegate::sizeHint(option, index).width(), rowHeight};
}

void PaletteDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem ground = option;
    initStyleOption(&ground, index);
    ground.text.clear();
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, option.widget);

    painter->save();
    painter->setFont(option.font);
    const QColor ink = option.state.testFlag(QStyle::State_Enabled) ? theme().text : theme().muted;
    QRect row = option.rect.adjusted(8, 0, -8, 0);
    if (const QString name = index.data(IconRole).toString(); !name.isEmpty())
        icon(name, theme().muted).paint(painter, QRect(row.left(), row.center().y() - 7, 16, 16));
    row.setLeft(row.left() + 24);
    const QString detail = index.data(DetailRole).toString();
    painter->setPen(theme().muted);
    painter->drawText(row, Qt::AlignVCenter | Qt::AlignRight, detail);
    row.setRight(row.right() - option.fontMetrics.horizontalAdvance(detail) - 8);
    drawMatched(*painter, row, index.data().toString(), index.data(MatchRole).value<QList<int>>(), ink);
    painter->restore();
}

} // namespace kiln::ui
