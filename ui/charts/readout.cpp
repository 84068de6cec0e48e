// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/readout.h"

#include "ui/theme/theme.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

void paintReadout(QPainter &painter, const QRectF &plot, double x, const QString &head, const QList<ChartKey> &keys)
{
    const QFontMetricsF metrics(painter.font());
    double words = 0, values = 0;
    for (const ChartKey &key : keys) {
        words = std::max(words, metrics.horizontalAdvance(key.word));
        values = std::max(values, metrics.horizontalAdvance(key.value));
    }
    const double row = std::ceil(metrics.height());
    const double width = std::max(20 + words + 12 + values, metrics.horizontalAdvance(head)) + 16;
    const double height = row * double(keys.size() + 1) + 12;
    double left = x + 10;
    if (left + width > plot.right())
        left = std::max(0.0, x - 10 - width);
    const QRectF box(left, plot.top(), width, height);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(theme().line);
    painter.setBrush(theme().raised);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(theme().muted);
    painter.drawText(QRectF(box.left() + 8, box.top() + 6, width - 16, row), int(Qt::AlignLeft), head);
    double y = box.top() + 6 + row;
    for (const ChartKey &key : keys) {
        drawMark(&painter, QRectF(box.left() + 8, y, 14, row), key.mark, key.colour);
        painter.setPen(theme().text);
        const QRectF line(box.left() + 28, y, width - 36, row);
        painter.drawText(line, int(Qt::AlignLeft | Qt::AlignVCenter), key.word);
        painter.drawText(line, int(Qt::AlignRight | Qt::AlignVCenter), key.value);
        y += row;
    }
}

} // namespace kiln::ui
