// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace kiln::ui {

/// An icon of resources/icons/NAME.svg, drawn in the theme's text colour (muted when disabled); sharp at any scale.
/// An unknown name is a programming error and asserts. GUI thread.
[[nodiscard]] QIcon icon(const QString &name);
/// The same in another colour of the theme.
[[nodiscard]] QIcon icon(const QString &name, const QColor &colour);

void clearIconCache(); ///< After the theme changed.

} // namespace kiln::ui
