// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_report.h"

#include <QString>

namespace kiln::ui {

/// What a load run is of, for people.
[[nodiscard]] QString loadFunctionsText(const LoadPlan &plan); ///< "checkout, refund"; "all functions"
[[nodiscard]] QString loadShapeText(const LoadPlan &plan);     ///< "ramp from 10/s to 200/s"
/// How it stands: "sending, 4.2 s of 10 s", "stopped after 4.2 s".
[[nodiscard]] QString loadStateText(const LoadReport &report);
/// Its end in a line: "2,000 answered, 3 failed, p99 3.20 ms".
[[nodiscard]] QString loadSummaryText(const LoadReport &report);

} // namespace kiln::ui
