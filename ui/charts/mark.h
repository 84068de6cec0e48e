// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/outcome.h"
#include "core/model/worker_view.h"

#include <QColor>
#include <QRectF>

class QPainter;

namespace kiln::ui {

/// Small shapes that stand beside a word, so that no meaning hangs on colour alone. Drawn, not letters: no font is
/// asked for them, and they are sharp at any scale.
enum class Mark {
    None,
    Dot,      ///< Filled circle.
    Ring,     ///< Empty circle.
    Diamond,  ///< Filled, standing on its tip.
    Square,   ///< Filled.
    Triangle, ///< Filled, pointing up.
    Check,
    Cross,
    Clock, ///< Ring with hands.
    Bar,   ///< Ring with a bar: no entry.
    Dash,
    Hatch,  ///< Square with slanted lines.
    Line,   ///< Solid, as in a line chart …
    Dashed, ///< … with gaps …
    Dotted, ///< … of dots.
};

[[nodiscard]] Mark markOf(Outcome outcome);
[[nodiscard]] Mark markOf(Start start);
[[nodiscard]] Mark markOf(WorkerState state);

/// Draws it centred in `box`, as large as fits up to 10 px (lines take the width).
void drawMark(QPainter *painter, const QRectF &box, Mark mark, const QColor &colour);

} // namespace kiln::ui
