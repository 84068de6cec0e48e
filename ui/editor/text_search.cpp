// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/text_search.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace kiln::ui {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("TextSearch", text); }

QRegularExpression expressionOf(const TextQuery &query)
{
    QString pattern = query.kind == TextQuery::Kind::Pattern ? query.text : QRegularExpression::escape(query.text);
    if (query.extent == TextQuery::Extent::WholeWords)
        pattern = QStringLiteral("(?<!\\w)(?:%1)(?!\\w)").arg(pattern);
    QRegularExpression::PatternOptions options =
        QRegularExpression::MultilineOption | QRegularExpression::UseUnicodePropertiesOption;
    if (query.letterCase == TextQuery::Case::Ignored)
        options |= QRegularExpression::CaseInsensitiveOption;
    return QRegularExpression(pattern, options);
}

std::size_t utf8Size(QStringView text)
{
    std::size_t size = 0;
    for (const QChar c : text) // each half of a surrogate pair stands for two of its four bytes
        size += c.unicode() < 0x80 ? 1 : c.unicode() < 0x800 || c.isSurrogate() ? 2 : 3;
    return size;
}

QString expanded(const QString &replacement, const QRegularExpressionMatch &match)
{
    QString out;
    for (qsizetype i = 0; i < replacement.size(); ++i) {
        const QChar c = replacement[i];
        const QChar next = i + 1 < replacement.size() ? replacement[i + 1] : QChar();
        if (c == QLatin1Char('\\') && next == QLatin1Char('n'))
            out += QLatin1Char('\n');
        else if (c == QLatin1Char('\\') && next == QLatin1Char('t'))
            out += QLatin1Char('\t');
        else if (c == QLatin1Char('\\') && next == QLatin1Char('\\'))
            out += c;
        else if ((c == QLatin1Char('\\') || c == QLatin1Char('$')) && next.isDigit())
            out += match.captured(next.digitValue());
        else {
            out += c;
            continue;
        }
        ++i;
    }
    return out;
}

/// Calls take(match, range) for each match that is not empty, until it says false. Returns what is wrong.
template<typename Take> QString walk(std::string_view utf8, const TextQuery &query, Take take)
{
    if (query.text.isEmpty())
        return {};
    const QRegularExpression expression = expressionOf(query);
    if (!expression.isValid())
        return tr("%1 (character %2)").arg(expression.errorString()).arg(expression.patternErrorOffset() + 1);
    // Bytes that are no UTF-8 would not keep their places through QString; Latin-1 does, one character a byte.
    const QString asUtf16 = QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
    const bool exact = utf8Size(asUtf16) == utf8.size();
    const QString text = exact ? asUtf16 : QString::fromLatin1(utf8.data(), qsizetype(utf8.size()));
    const auto sizeOf = [exact](QStringView part) { return exact ? utf8Size(part) : std::size_t(part.size()); };

    qsizetype seen = 0;
    std::size_t bytes = 0;
    auto each = expression.globalMatch(text);
    while (each.hasNext()) {
        const QRegularExpressionMatch match = each.next();
        if (match.capturedLength() == 0)
            continue;
        bytes += sizeOf(QStringView(text).mid(seen, match.capturedStart() - seen));
        seen = match.capturedStart();
        if (!take(match, TextMatchRange{bytes, bytes + sizeOf(match.capturedView())}))
            return {};
    }
    return each.isValid() ? QString() : tr("This pattern takes too many steps");
}

} // namespace

TextSearchResult searchText(std::string_view utf8, const TextQuery &query)
{
    TextSearchResult result;
    result.problem = walk(utf8, query, [&](const QRegularExpressionMatch &, TextMatchRange range) {
        result.more = result.matches.size() == TextSearchResult::most;
        if (!result.more)
            result.matches.push_back(range);
        return !result.more;
    });
    return result;
}

std::vector<TextReplacement> replacementsIn(std::string_view utf8, const TextQuery &query, const QString &replacement)
{
    std::vector<TextReplacement> result;
    const bool pattern = query.kind == TextQuery::Kind::Pattern;
    const QByteArray plain = replacement.toUtf8();
    const QString problem = walk(utf8, query, [&](const QRegularExpressionMatch &match, TextMatchRange range) {
        result.push_back({range, pattern ? expanded(replacement, match).toUtf8() : plain});
        return true;
    });
    if (!problem.isEmpty())
        result.clear(); // half of a replacement is none
    return result;
}

} // namespace kiln::ui
