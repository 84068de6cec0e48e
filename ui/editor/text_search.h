// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include <cstddef>
#include <string_view>
#include <vector>

namespace kiln::ui {

/// What to look for in a text, and how.
struct TextQuery
{
    enum class Case { Ignored, Minded };
    enum class Extent { Anywhere, WholeWords };
    enum class Kind { Plain, Pattern /**< A Perl-style regular expression. */ };

    QString text;
    Case letterCase = Case::Ignored;
    Extent extent = Extent::Anywhere;
    Kind kind = Kind::Plain;
    bool operator==(const TextQuery &) const = default;
};

/// Where it is, in bytes of the UTF-8 text.
struct TextMatchRange
{
    std::size_t from = 0;
    std::size_t to = 0;
    bool operator==(const TextMatchRange &) const = default;
};

struct TextSearchResult
{
    static constexpr std::size_t most = 10'000;

    std::vector<TextMatchRange> matches; ///< In order, not empty ones, the first `most`.
    bool more = false;                   ///< There are more.
    QString problem;                     ///< What is wrong with the pattern; empty when nothing is.
};

[[nodiscard]] TextSearchResult searchText(std::string_view utf8, const TextQuery &query);

/// One match and what comes in its place.
struct TextReplacement
{
    TextMatchRange range;
    QByteArray with;
};

/// For all matches, however many. In a replacement for a pattern \1 … \9 and $1 … $9 are its groups, \n and \t what
/// they are in code.
[[nodiscard]] std::vector<TextReplacement> replacementsIn(std::string_view utf8, const TextQuery &query,
                                                          const QString &replacement);

} // namespace kiln::ui
