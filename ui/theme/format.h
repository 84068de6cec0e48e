// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/model/outcome.h"

#include <QString>

#include <chrono>

namespace kiln::ui {

/// Figures as people read them: three significant digits and a unit. What is copied is exact instead (see the models).
[[nodiscard]] QString durationText(std::chrono::nanoseconds duration); ///< "840 µs", "1.70 ms", "31.2 s", "2 min 5 s"
[[nodiscard]] QString millisecondsText(double milliseconds);           ///< The same from milliseconds.
[[nodiscard]] QString countText(double count);                         ///< "42", "5,204", "12.4 k", "1.20 M"
[[nodiscard]] QString rateText(double perSecond);                      ///< "0.4/s", "42/s", "12.4 k/s"
[[nodiscard]] QString sizeText(ByteSize size);                         ///< "310 MB", "3.10 GB"
[[nodiscard]] QString clockText(WallTime time);                        ///< Local time, "02:31:12.417"
[[nodiscard]] QString momentText(WallTime time);   ///< The same with the day before it, unless that is today.
[[nodiscard]] QString dateTimeText(WallTime time); ///< Local date and time.
/// From now until then: "in 5 h", "in 12 s"; "now" when due.
[[nodiscard]] QString untilText(WallTime then, WallTime now);

[[nodiscard]] QString outcomeText(Outcome outcome); ///< "OK", "Timed out", …
[[nodiscard]] QString startText(Start start);       ///< "Cold", "Warm", …
[[nodiscard]] QString tierText(Tier tier);          ///< "full", "soft memory limit", "reduced", "none"

} // namespace kiln::ui
