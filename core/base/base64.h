// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// Base 64 of RFC 4648, section 4, with padding.
[[nodiscard]] std::string toBase64(std::string_view bytes);

/// Reads it back; nullopt for a foreign character or a wrong length.
[[nodiscard]] std::optional<std::string> fromBase64(std::string_view text);

/// The same for what other programs write: line breaks are passed over, and the padding may be missing.
[[nodiscard]] std::optional<std::string> fromLooseBase64(std::string_view text);

} // namespace kiln
