// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/text_match.h"

#include "ui/models/plain_text.h"

#include <algorithm>

namespace kiln::ui {

namespace {

constexpr std::size_t lookedAt = 16 * 1024;
constexpr QLatin1String matchLimit("(*LIMIT_MATCH=100000)"); // of PCRE2; stands before the pattern

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; }

} // namespace

TextMatch TextMatch::plain(const QString &piece)
{
    TextMatch match;
    if (piece.isEmpty())
        return match;
    const bool ascii = std::all_of(piece.begin(), piece.end(), [](QChar c) { return c.unicode() < 0x80; });
    match.m_kind = ascii ? Kind::Ascii : Kind::Text;
    if (ascii)
        match.m_ascii = piece.toLower().toStdString();
    else
        match.m_text = piece;
    return match;
}

Result<TextMatch> TextMatch::regex(const QString &pattern)
{
    TextMatch match;
    if (pattern.isEmpty())
        return match;
    const auto options = QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption;
    const QRegularExpression asked(pattern, options);
    if (!asked.isValid()) {
        const auto column = std::to_string(asked.patternErrorOffset() + 1);
        return fail(Error::Code::InvalidArgument, asked.errorString().toStdString(), "character " + column);
    }
    match.m_kind = Kind::Regex;
    match.m_regex = QRegularExpression(matchLimit + pattern, options);
    if (!match.m_regex.isValid()) // the pattern begins with such a verb of its own
        match.m_regex = asked;
    match.m_regex.optimize();
    return match;
}

bool TextMatch::matches(std::string_view utf8) const
{
    utf8 = utf8.substr(0, lookedAt);
    switch (m_kind) {
    case Kind::All: return true;
    case Kind::Ascii:
        return std::search(utf8.begin(), utf8.end(), m_ascii.begin(), m_ascii.end(),
                           [](char a, char b) { return lower(a) == b; }) != utf8.end();
    case Kind::Text: return toQString(utf8).contains(m_text, Qt::CaseInsensitive);
    case Kind::Regex: return m_regex.match(toQString(utf8)).hasMatch();
    }
    Q_UNREACHABLE();
}

} // namespace kiln::ui
