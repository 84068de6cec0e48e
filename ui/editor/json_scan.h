// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::ui {

/// Where a text stops being JSON (RFC 8259), and what to do about it.
struct JsonError
{
    std::size_t offset = 0; ///< In bytes, of the first character that is wrong.
    std::size_t length = 1; ///< Of what to underline; 0 at the end of the text.
    int line = 1;           ///< 1-based.
    int column = 1;         ///< 1-based, in characters.
    QString message;        ///< "a comma or } is missing before this"
};

/// nullopt when the text is one JSON value. Nesting up to 1,000; looks at each byte once.
[[nodiscard]] std::optional<JsonError> findJsonError(std::string_view utf8);

/// Valid JSON with line breaks and two spaces a level. Only the space between tokens changes: the order of names,
/// doubled names and the spelling of numbers and strings stay. Text that is not JSON, or would grow
/// over 64 MB, comes back unchanged.
[[nodiscard]] std::string formatJson(std::string_view utf8, std::string_view lineBreak = "\n");

/// The same without any space between tokens.
[[nodiscard]] std::string minifyJson(std::string_view utf8);

} // namespace kiln::ui
