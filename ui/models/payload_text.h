// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::ui {

/// Bytes as text that a view can take at once: the beginning of large ones, with a note that says so.
struct ShownText
{
    QString text;
    QString note; ///< Empty when it is all there.
};

inline constexpr std::size_t shownBytes = 256 * 1024;     ///< Of a payload in a text view.
inline constexpr std::size_t shownLine = 16 * 1024;       ///< A longer line costs its layout dearly: less is shown.
inline constexpr std::size_t treeBytes = 2 * 1024 * 1024; ///< A larger payload is read as JSON only when asked.

/// As they are; what is not UTF-8 as offsets, hexadecimal and characters.
[[nodiscard]] ShownText exactText(std::string_view bytes);
/// JSON with line breaks; anything else, and anything above treeBytes, as exactText.
[[nodiscard]] ShownText prettyText(std::string_view bytes);

/// A result as API Gateway and function URLs read it: {"statusCode": 201, "headers": {…}, "body": "…"}.
struct HttpAnswer
{
    int status = 200;
    std::vector<std::pair<QString, QString>> headers; ///< In their order; cookies as Set-Cookie.
    std::string body;                                 ///< Decoded.
    QString problem;                                  ///< Of the body's encoding; empty when it is right.
};

/// nullopt when valid JSON is no such object (its statusCode must be a number from 100 to 599).
[[nodiscard]] std::optional<HttpAnswer> httpAnswer(std::string_view validJson);

[[nodiscard]] QString httpStatusText(int status); ///< "201 Created"; only the number for unusual ones.

} // namespace kiln::ui
