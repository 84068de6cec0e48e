// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::ui {

/// JSON read as text: payloads are shown with their own spelling (numbers of any length, the order of keys, doubled
/// keys), and only as much of them is looked at as is shown. Views point into the text given.

/// Where a text stops being JSON, and what was expected there.
struct JsonFlaw
{
    std::size_t offset = 0; ///< In bytes.
    QString message;
};

/// Strict RFC 8259; nesting up to 512. Takes about a millisecond per megabyte.
[[nodiscard]] std::optional<JsonFlaw> jsonFlaw(std::string_view text);

enum class JsonKind { Null, Bool, Number, String, Array, Object };

[[nodiscard]] JsonKind jsonKind(std::string_view value); ///< Of valid JSON without surrounding space.

struct JsonMember
{
    std::string_view key; ///< With its quotes; empty in an array.
    std::string_view value;
};

/// Walks the direct members of one array or object of valid JSON, skipping what is inside them.
class JsonCursor
{
public:
    explicit JsonCursor(std::string_view container);

    [[nodiscard]] std::optional<JsonMember> next(); ///< nullopt at the end, for ever after.

private:
    std::string_view m_text;
    std::size_t m_at = 1;
    bool m_object = false;
};

[[nodiscard]] std::string_view jsonTrimmed(std::string_view text); ///< Without surrounding space.
[[nodiscard]] QString jsonString(std::string_view quoted);         ///< A string's value, escapes decoded.
[[nodiscard]] std::string jsonBytes(std::string_view quoted);      ///< The same as UTF-8.

/// Valid JSON with line breaks and four spaces a level, every token as it was; stops soon after `limit` bytes.
[[nodiscard]] std::string prettyJson(std::string_view text, std::size_t limit);

} // namespace kiln::ui
