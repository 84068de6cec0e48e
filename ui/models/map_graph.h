// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "ui/canvas/map_graph.h"

namespace kiln::ui {

/// The Map of a workspace at one moment: each trigger, its function, and the way between them, in words and figures.
[[nodiscard]] MapGraph mapGraphOf(const Snapshot &snapshot);

/// The ids that it gives its boxes.
[[nodiscard]] QString mapIdOf(const std::string &function);
[[nodiscard]] QString mapIdOf(const std::string &function, std::size_t trigger);

} // namespace kiln::ui
