// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

#include <cstddef>

namespace kiln::ui {

/// The phases of an invocation as they are shown everywhere, by their place in Phases::names.
inline constexpr std::size_t phaseCount = 6;
[[nodiscard]] QString phaseText(std::size_t phase);        ///< "queue", "sandbox", …
[[nodiscard]] QString phaseExplanation(std::size_t phase); ///< One sentence.
[[nodiscard]] QColor phaseColour(std::size_t phase);

} // namespace kiln::ui
