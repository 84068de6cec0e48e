// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// Decodes %XX in a path segment; nullopt when a % is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> decodePercent(std::string_view text);

/// Decodes a name or value of a query string: `+` is a blank, and a % that begins nothing stands for itself, as
/// people write "?q=100%".
[[nodiscard]] std::string decodeQuery(std::string_view text);

} // namespace kiln
