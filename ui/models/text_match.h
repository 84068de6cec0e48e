// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QRegularExpression>
#include <QString>

#include <string>
#include <string_view>

namespace kiln::ui {

/// What a filter field asks for: a piece of text, or a regular expression; neither minds upper and lower case. Looks at
/// the first 16 KB of a text, and gives a runaway expression up after a bounded number of steps (no match), since
/// both run on the GUI thread.
class TextMatch
{
public:
    TextMatch() = default; ///< Matches everything.
    [[nodiscard]] static TextMatch plain(const QString &piece);
    /// Fails with what is wrong in the pattern and where (Error::place is "character 5").
    [[nodiscard]] static Result<TextMatch> regex(const QString &pattern);

    [[nodiscard]] bool matchesAll() const { return m_kind == Kind::All; }
    [[nodiscard]] bool matches(std::string_view utf8) const;

    bool operator==(const TextMatch &) const = default;

private:
    enum class Kind { All, Ascii, Text, Regex };

    Kind m_kind = Kind::All;
    std::string m_ascii; ///< Lower case.
    QString m_text;
    QRegularExpression m_regex;
};

} // namespace kiln::ui
