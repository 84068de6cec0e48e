// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/fuzzy_match.h"

namespace kiln::ui {

namespace {

bool beginsWord(const QString &text, int at)
{
    if (at == 0)
        return true;
    const QChar before = text[at - 1];
    return !before.isLetterOrNumber() || (before.isLower() && text[at].isUpper());
}

/// Takes the earliest place of each character from `from` on; a word's beginning later on is preferred to a place
/// within a word.
std::optional<FuzzyMatch> matchFrom(const QString &pattern, const QString &text, int from, bool preferWords)
{
    FuzzyMatch match;
    int at = from;
    for (const QChar wanted : pattern) {
        int found = -1;
        for (int i = at; i < text.size(); ++i) {
            if (text[i].toLower() != wanted)
                continue;
            const bool next = !match.positions.isEmpty() && i == match.positions.last() + 1;
            if (found < 0)
                found = i;
            if (!preferWords || next || beginsWord(text, i)) {
                found = i;
                break;
            }
        }
        if (found < 0)
            return std::nullopt;
        const bool next = !match.positions.isEmpty() && found == match.positions.last() + 1;
        match.score += 1 + (beginsWord(text, found) ? 8 : 0) + (next ? 6 : 0);
        match.positions << found;
        at = found + 1;
    }
    if (!match.positions.isEmpty())
        match.score -= match.positions.first() / 2;
    match.score -= int(text.size()) / 16;
    return match;
}

} // namespace

std::optional<FuzzyMatch> fuzzyMatch(const QString &pattern, const QString &text)
{
    QString wanted = pattern.toLower();
    wanted.remove(QLatin1Char(' '));
    std::optional<FuzzyMatch> best;
    for (const bool preferWords : {true, false}) {
        const auto match = matchFrom(wanted, text, 0, preferWords);
        if (match && (!best || match->score > best->score))
            best = match;
    }
    return best;
}

} // namespace kiln::ui
