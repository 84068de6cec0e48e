// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <optional>

namespace kiln::ui {

struct FuzzyMatch
{
    int score = 0;        ///< Higher is better.
    QList<int> positions; ///< Of the matched characters in the text.
};

/// Whether the characters of `pattern` occur in `text` in that order, ignoring case and the pattern's spaces.
/// Beginnings of words and runs of neighbours score higher.
[[nodiscard]] std::optional<FuzzyMatch> fuzzyMatch(const QString &pattern, const QString &text);

} // namespace kiln::ui
