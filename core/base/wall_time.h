// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// RFC 3339 in UTC with milliseconds, as CloudEvents and Lambda write it: "2026-03-01T12:00:00.000Z".
[[nodiscard]] std::string toIso8601(WallTime time);

/// Reads RFC 3339 with any offset and up to six decimals; nullopt for anything else, and for what is not within the
/// years 0 to 9999 in UTC.
[[nodiscard]] std::optional<WallTime> parseIso8601(std::string_view text);

} // namespace kiln
