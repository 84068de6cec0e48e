// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// "250ms", "3s", "5m", "6h", "14d"; nullopt for anything else, for negatives and for overflow.
[[nodiscard]] std::optional<std::chrono::milliseconds> parseDuration(std::string_view text);

/// The shortest exact form that parseDuration reads back: "3s", "90s", "5m".
[[nodiscard]] std::string toText(std::chrono::milliseconds duration);

} // namespace kiln
