// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/explorer_delegate.h"

#include "ui/models/explorer_model.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>

namespace kiln::ui {

using Kind = ExplorerModel::Kind;
using State = ExplorerModel::State;

namespace {

constexpr int gap = 8;
constexpr int dotSize = 8;

/// Each state has a shape of its own, so that colour is not needed to tell them apart.
void drawState(QPainter &painter, const QRectF &box, State state)
{
    const Theme &t = theme();
    painter.setPen(Qt::NoPen);
    switch (state) {
    case State::Active:
        painter.setBrush(t.ok);
        painter.drawEllipse(box);
        break;
    case State::Idle:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(t.muted, 1.5));
        painter.drawEllipse(box.adjusted(0.75, 0.75, -0.75, -0.75));
        break;
    case State::Preparing:
    case State::Building:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(t.cold, 2));
        painter.drawArc(box.adjusted(1, 1, -1, -1), 90 * 16, 270 * 16);
        break;
    case State::Failed:
        painter.setBrush(t.error);
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
        break;
    case State::Invalid: {
        QPainterPath path(QPointF(box.center().x(), box.top()));
        path.lineTo(box.bottomRight());
        path.lineTo(box.bottomLeft());
        path.closeSubpath();
        painter.fillPath(path, t.error);
        break;
    }
    case State::None: break;
    }
}

QFont smaller(QFont font)
{
    font.setPixelSize(11);
    return font;
}

/// Draws the tag's box and returns where the text goes on.
int drawTag(QPainter &painter, const QRect &row, int x, const QString &tag)
{
    QFont font = smaller(painter.font());
    font.setBold(true);
    font.setPixelSize(10);
    const int width = 24;
    const QRect box(x, row.center().y() - 7, width, 16);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().line);
    painter.drawRoundedRect(box, 4, 4);
    painter.save();
    painter.setFont(font);
    painter.setPen(theme().text);
    painter.drawText(box, Qt::AlignCenter, tag);
    painter.restore();
    return x + width + gap;
}

} // namespace

QSize ExplorerDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QSize hint = QStyledItemDelegate::sizeHint(option, index);
    const Kind kind = index.data(ExplorerModel::KindRole).value<Kind>();
    if (kind == Kind::Hint) {
        const QRect text =
            option.fontMetrics.boundingRect(QRect(0, 0, 200, 1000), Qt::TextWordWrap, index.data().toString());
        return {hint.width(), text.height() + gap};
    }
    return {hint.width(), kind == Kind::Section ? 34 : 26};
}

void ExplorerDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Kind kind = index.data(ExplorerModel::KindRole).value<Kind>();
    if (kind == Kind::Section)
        return; // its widget draws it

    QStyleOptionViewItem ground = option;
    initStyleOption(&ground, index);
    ground.text.clear();
    ground.icon = {};
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, option.widget);

    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(option.font);
    const Theme &t = theme();
    QRect row = option.rect.adjusted(0, 0, -gap, 0);

    if (kind == Kind::Hint) {
        painter->setPen(t.muted);
        painter->drawText(row.adjusted(0, 4, 0, 0), Qt::TextWordWrap, index.data().toString());
        painter->restore();
        return;
    }

    const auto state = index.data(ExplorerModel::StateRole).value<State>();
    if (state != State::None) {
        drawState(*painter, QRectF(row.right() - dotSize, row.center().y() - dotSize / 2 + 1, dotSize, dotSize), state);
        row.setRight(row.right() - dotSize - gap);
    }

    if (const QString detail = index.data(ExplorerModel::DetailRole).toString(); !detail.isEmpty()) {
        const QFont font = smaller(option.font);
        const int width = std::min(QFontMetrics(font).horizontalAdvance(detail) + 1, row.width() / 2);
        painter->setFont(font);
        painter->setPen(index.data(ExplorerModel::WarningRole).toBool() ? t.error : t.muted);
        painter->drawText(QRect(row.right() - width, row.top(), width, row.height()), Qt::AlignVCenter | Qt::AlignRight,
                          QFontMetrics(font).elidedText(detail, Qt::ElideRight, width));
        row.setRight(row.right() - width - gap);
        painter->setFont(option.font);
    }

    int x = row.left();
    if (const QString tag = index.data(ExplorerModel::TagRole).toString(); !tag.isEmpty()) {
        x = drawTag(*painter, row, x, tag);
    } else if (const QString name = index.data(ExplorerModel::IconNameRole).toString(); !name.isEmpty()) {
        const QColor ink = name == QLatin1String("error")     ? t.error
                           : name == QLatin1String("warning") ? t.warm
                                                              : t.muted;
        icon(name, ink).paint(painter, QRect(x, row.center().y() - 7, 16, 16));
        x += 16 + gap;
    }
    painter->setPen(kind == Kind::Problem ? t.error : t.text);
    const int width = row.right() - x;
    painter->drawText(QRect(x, row.top(), width, row.height()), Qt::AlignVCenter,
                      option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, width));
    painter->restore();
}

} // namespace kiln::ui
