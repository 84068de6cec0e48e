// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/mark.h"

#include <QList>
#include <QString>

class QPainter;

namespace kiln::ui {

/// A legend entry, or one line of what stands at the crosshair.
struct ChartKey
{
    Mark mark = Mark::None;
    QColor colour;
    QString word;
    QString value;
};

/// Draws the box beside a crosshair at `x`: a head, and what each series has there.
void paintReadout(QPainter &painter, const QRectF &plot, double x, const QString &head, const QList<ChartKey> &keys);

} // namespace kiln::ui
