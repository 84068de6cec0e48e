// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/typing.h"

#include "ui/editor/code_surface.h"

#include <QKeyEvent>

#include <string>
#include <string_view>

namespace kiln::ui {

namespace {

using S = QsciScintillaBase;

bool isBlank(char c) { return c == ' ' || c == '\t'; }

bool isWordPart(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & '\x80') != 0;
}

std::string_view trimmedEnd(std::string_view text)
{
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

char closerOf(char opener)
{
    switch (opener) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    default: return '\0';
    }
}

/// Statements after which nothing of the same block is reached.
bool endsBlock(std::string_view line)
{
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos)
        return false;
    line.remove_prefix(start);
    for (const std::string_view word : {"return", "pass", "break", "continue", "raise"}) {
        if (line.starts_with(word) && (line.size() == word.size() || !isWordPart(line[word.size()])))
            return true;
    }
    return false;
}

} // namespace

bool Typing::handle(const QKeyEvent &event)
{
    if (m_surface.send(S::SCI_GETSELECTIONS) != 1 ||
        (event.modifiers() & (Qt::ControlModifier | Qt::MetaModifier)) != 0)
        return false;
    if (event.key() == Qt::Key_Backspace && event.modifiers() == Qt::NoModifier)
        return backspace();
    if (event.key() == Qt::Key_Return || event.key() == Qt::Key_Enter)
        return lineBreak();
    const QString text = event.text();
    if (text.size() != 1 || text.front().unicode() > 0x7f)
        return false;
    const char c = text.front().toLatin1();
    if (closerOf(c) != '\0')
        return open(c, closerOf(c));
    if (c == ')' || c == ']' || c == '}')
        return close(c);
    if (std::string_view("\"'`").find(c) != std::string_view::npos)
        return quote(c);
    return false;
}

bool Typing::open(char opener, char closer)
{
    if (m_surface.hasSelectedText()) {
        wrap(opener, closer);
        return true;
    }
    if (inQuotesOrComment() || !closingFits())
        return false;
    insertPair(opener, closer);
    return true;
}

bool Typing::quote(char quote)
{
    if (std::string_view(habitsOf(m_surface.syntax()).quotes).find(quote) == std::string_view::npos)
        return false;
    if (m_surface.hasSelectedText()) {
        wrap(quote, quote);
        return true;
    }
    if (stepOver(quote))
        return true;
    // After a word it is an apostrophe or the end of a text; a third quote in a row begins a long one.
    if (before() == quote || (isWordPart(before()) && !quotePrefix()) || before() == '\\' || inQuotesOrComment() ||
        !closingFits())
        return false;
    insertPair(quote, quote);
    return true;
}

bool Typing::close(char closer)
{
    if (m_surface.hasSelectedText())
        return false;
    if (stepOver(closer))
        return true;
    int line = 0, column = 0;
    m_surface.getCursorPosition(&line, &column);
    const std::size_t at = m_surface.caret();
    const auto start = std::size_t(m_surface.send(S::SCI_POSITIONFROMLINE, std::size_t(line)));
    const std::string head = m_surface.range(start, at);
    if (head.empty() || !trimmedEnd(head).empty() || closer != '}')
        return false;
    // A lone } goes back one level.
    const long indent = m_surface.send(S::SCI_GETLINEINDENTATION, std::size_t(line));
    m_surface.send(S::SCI_BEGINUNDOACTION);
    m_surface.send(S::SCI_SETLINEINDENTATION, std::size_t(line), std::max(0L, indent - m_surface.indentationWidth()));
    m_surface.send(S::SCI_GOTOPOS, std::size_t(m_surface.send(S::SCI_GETLINEINDENTPOSITION, std::size_t(line))));
    m_surface.SendScintilla(S::SCI_ADDTEXT, 1UL, &closer);
    m_surface.send(S::SCI_ENDUNDOACTION);
    return true;
}

bool Typing::backspace()
{
    const std::size_t at = m_surface.caret();
    if (m_surface.hasSelectedText() || m_surface.send(S::SCI_INDICATORVALUEAT, closerIndicator, long(at)) == 0)
        return false;
    const char opener = before();
    const char closer = after();
    if (closerOf(opener) != closer &&
        !(opener == closer && std::string_view("\"'`").find(opener) != std::string_view::npos))
        return false;
    m_surface.replaceRange(at - 1, at + 1, {});
    return true;
}

bool Typing::lineBreak()
{
    int line = 0, column = 0;
    m_surface.getCursorPosition(&line, &column);
    if (m_surface.hasSelectedText())
        m_surface.replaceSelectedText(QString());
    m_surface.getCursorPosition(&line, &column);
    const std::size_t at = m_surface.caret();
    const auto start = std::size_t(m_surface.send(S::SCI_POSITIONFROMLINE, std::size_t(line)));
    const std::string head = m_surface.range(start, at);
    std::string indent = head.substr(0, std::min(head.find_first_not_of(" \t"), head.size()));
    const std::string_view code = trimmedEnd(head);
    const char last = code.empty() ? '\0' : code.back();
    const SyntaxHabits &habits = habitsOf(m_surface.syntax());
    const bool quoted = inQuotesOrComment();
    const std::string unit(std::size_t(habits.indent), ' ');
    const bool opens = !quoted && (closerOf(last) != '\0' || (habits.colonOpensBlock && last == ':'));
    const bool between = opens && closerOf(last) != '\0' && after() == closerOf(last);
    if (!quoted && m_surface.syntax() == Syntax::Python && endsBlock(head) && indent.size() >= unit.size())
        indent.resize(indent.size() - unit.size());

    const std::string end = m_surface.lineBreak();
    std::string added = end + indent;
    if (opens)
        added += unit;
    const std::size_t caret = at + added.size();
    if (between)
        added += end + indent;
    m_surface.replaceRange(at, at, added);
    m_surface.send(S::SCI_GOTOPOS, caret);
    return true;
}

void Typing::wrap(char opener, char closer)
{
    const auto from = std::size_t(m_surface.send(S::SCI_GETSELECTIONSTART));
    const auto to = std::size_t(m_surface.send(S::SCI_GETSELECTIONEND));
    const std::string inside = m_surface.range(from, to);
    m_surface.replaceRange(from, to, opener + inside + closer);
    m_surface.send(S::SCI_SETSEL, from + 1, long(to + 1));
}

void Typing::insertPair(char opener, char closer)
{
    const std::size_t at = m_surface.caret();
    m_surface.replaceRange(at, at, std::string{opener, closer});
    m_surface.send(S::SCI_SETINDICATORCURRENT, closerIndicator);
    m_surface.send(S::SCI_INDICATORFILLRANGE, at + 1, 1);
    m_surface.send(S::SCI_GOTOPOS, at + 1);
}

bool Typing::stepOver(char closer)
{
    const std::size_t at = m_surface.caret();
    if (after() != closer || m_surface.send(S::SCI_INDICATORVALUEAT, closerIndicator, long(at)) == 0)
        return false;
    m_surface.send(S::SCI_SETINDICATORCURRENT, closerIndicator);
    m_surface.send(S::SCI_INDICATORCLEARRANGE, at, 1);
    m_surface.send(S::SCI_GOTOPOS, at + 1);
    return true;
}

char Typing::before() const
{
    const std::size_t at = m_surface.caret();
    return at == 0 ? '\0' : m_surface.byteAt(at - 1);
}

char Typing::after() const { return m_surface.byteAt(m_surface.caret()); }

bool Typing::inQuotesOrComment() const
{
    const std::size_t at = m_surface.caret();
    if (at == 0)
        return false;
    const long line = m_surface.send(S::SCI_LINEFROMPOSITION, at);
    const long start = m_surface.send(S::SCI_POSITIONFROMLINE, std::size_t(line));
    // Styled up to here only, so that a key costs the same in a long file.
    if (m_surface.send(S::SCI_GETENDSTYLED) < long(at))
        m_surface.send(S::SCI_COLOURISE, std::size_t(std::min(start, m_surface.send(S::SCI_GETENDSTYLED))), long(at));
    const auto style = int(m_surface.send(S::SCI_GETSTYLEAT, at - 1));
    if (!isQuotedOrComment(m_surface.syntax(), style))
        return false;
    // Behind a closing quote the text is over.
    const char quote = before();
    if (std::string_view("\"'`").find(quote) == std::string_view::npos)
        return true;
    return after() != '\0' && m_surface.send(S::SCI_GETSTYLEAT, at) == style && after() != '\n' && after() != '\r';
}

bool Typing::closingFits() const
{
    const char next = after();
    return next == '\0' || isBlank(next) || next == '\n' || next == '\r' ||
           std::string_view(")]},;:").find(next) != std::string_view::npos ||
           m_surface.send(S::SCI_INDICATORVALUEAT, closerIndicator, long(m_surface.caret())) != 0;
}

bool Typing::quotePrefix() const
{
    if (m_surface.syntax() != Syntax::Python)
        return false;
    const std::size_t at = m_surface.caret();
    const std::string text = m_surface.range(at < 3 ? 0 : at - 3, at);
    std::size_t start = text.size();
    while (start > 0 && text.size() - start < 3 && isWordPart(text[start - 1]))
        --start;
    const std::string_view word = std::string_view(text).substr(start);
    return word.size() <= 2 && word.find_first_not_of("fFrRbBuU") == std::string_view::npos;
}

} // namespace kiln::ui
