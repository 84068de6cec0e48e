// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <QString>

namespace kiln::ui {

/// Words for parts of an invocation, where more than one place shows them.
[[nodiscard]] QString functionNameOf(const Invocation &invocation); ///< Empty without a revision.
[[nodiscard]] QString triggerText(const std::string &kind);         ///< "HTTP", "Schedule", "By hand" …
[[nodiscard]] QString shortId(Uuid id);                             ///< Its last eight digits: the random part.
[[nodiscard]] QString idText(Uuid id);
[[nodiscard]] QString levelText(LogLevel level);
[[nodiscard]] WallTime endOf(const Invocation &invocation);
/// "checkout: OK, warm, 1.70 ms": for screen readers and tool tips.
[[nodiscard]] QString sentenceOf(const Invocation &invocation);

} // namespace kiln::ui
