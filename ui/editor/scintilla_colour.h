// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

namespace kiln::ui {

/// A colour as Scintilla's messages take it: red in the lowest byte.
[[nodiscard]] inline long scintillaColour(const QColor &colour)
{
    return colour.red() | (colour.green() << 8) | (colour.blue() << 16);
}

/// A share of one colour over another, opaque: Scintilla draws no translucent line behind text.
[[nodiscard]] inline QColor blended(const QColor &over, const QColor &under, double share)
{
    const auto mix = [share](int a, int b) { return int(a * share + b * (1 - share)); };
    return QColor(mix(over.red(), under.red()), mix(over.green(), under.green()), mix(over.blue(), under.blue()));
}

} // namespace kiln::ui
