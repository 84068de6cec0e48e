// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace kiln {

/// Whether `bytes` is well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong forms).
[[nodiscard]] bool isUtf8(std::string_view bytes);

/// `bytes` with each maximal ill-formed part replaced by U+FFFD, as the WHATWG decoder does.
[[nodiscard]] std::string toUtf8(std::string_view bytes);

/// Bytes that somebody else chose, for one line of a terminal or a list: UTF-8, with a blank for each character that a
/// terminal would obey (U+0000 to U+001F, U+007F to U+009F), cut with "…" after so many bytes.
[[nodiscard]] std::string toPlainLine(std::string_view bytes, std::size_t longest);

} // namespace kiln
