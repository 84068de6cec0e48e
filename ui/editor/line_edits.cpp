// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/line_edits.h"

#include "ui/editor/code_surface.h"

#include <algorithm>
#include <string>
#include <vector>

namespace kiln::ui {

namespace {

using S = QsciScintillaBase;

struct Lines
{
    std::size_t first = 0;
    std::size_t last = 0;
};

std::size_t lineStart(const CodeSurface &s, std::size_t line)
{
    return std::size_t(s.send(S::SCI_POSITIONFROMLINE, line));
}

std::size_t lineEnd(const CodeSurface &s, std::size_t line)
{
    return std::size_t(s.send(S::SCI_GETLINEENDPOSITION, line));
}

/// A selection that ends at the start of a line does not mean that line.
Lines touchedLines(const CodeSurface &s)
{
    const auto from = std::size_t(s.send(S::SCI_GETSELECTIONSTART));
    const auto to = std::size_t(s.send(S::SCI_GETSELECTIONEND));
    Lines lines{std::size_t(s.send(S::SCI_LINEFROMPOSITION, from)), std::size_t(s.send(S::SCI_LINEFROMPOSITION, to))};
    if (lines.last > lines.first && lineStart(s, lines.last) == to)
        --lines.last;
    return lines;
}

std::vector<std::string> split(const std::string &text)
{
    std::vector<std::string> lines;
    std::size_t start = 0;
    for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
        lines.push_back(text.substr(start, end + 1 - start));
    lines.push_back(text.substr(start));
    return lines;
}

std::size_t indentOf(const std::string &line) { return std::min(line.find_first_not_of(" \t"), line.size()); }
bool isEmpty(const std::string &line) { return line.find_first_not_of(" \t\r\n") == std::string::npos; }

void toggleLineComments(std::vector<std::string> &lines, const std::string &mark)
{
    std::size_t column = std::string::npos;
    bool all = true;
    for (const std::string &line : lines) {
        if (isEmpty(line))
            continue;
        column = std::min(column, indentOf(line));
        all = all && line.compare(indentOf(line), mark.size(), mark) == 0;
    }
    for (std::string &line : lines) {
        if (isEmpty(line) && !(lines.size() == 1 && !all))
            continue;
        if (!all) {
            line.insert(std::min(column, indentOf(line)), mark + ' ');
            continue;
        }
        const std::size_t at = indentOf(line);
        const bool space = line.size() > at + mark.size() && line[at + mark.size()] == ' ';
        line.erase(at, mark.size() + (space ? 1 : 0));
    }
}

void toggleBlockComment(std::string &text, const std::string &open, const std::string &close)
{
    const std::size_t start = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    const std::size_t end = text.find_last_not_of(" \t\r\n") + 1;
    if (start >= end)
        return;
    const std::string inside = text.substr(start, end - start);
    if (inside.size() >= open.size() + close.size() && inside.starts_with(open) && inside.ends_with(close)) {
        std::string bare = inside.substr(open.size(), inside.size() - open.size() - close.size());
        if (bare.starts_with(' '))
            bare.erase(0, 1);
        if (bare.ends_with(' '))
            bare.pop_back();
        text.replace(start, end - start, bare);
    } else {
        text.replace(start, end - start, open + ' ' + inside + ' ' + close);
    }
}

} // namespace

void toggleComment(CodeSurface &surface)
{
    const SyntaxHabits &habits = habitsOf(surface.syntax());
    const std::string mark = habits.lineComment, open = habits.blockOpen, close = habits.blockClose;
    if (surface.isReadOnly() || (mark.empty() && open.empty()))
        return;
    const Lines touched = touchedLines(surface);
    const bool selected = surface.hasSelectedText();
    const std::size_t from = lineStart(surface, touched.first), to = lineEnd(surface, touched.last);
    const std::size_t caretFromEnd = to - std::min(to, surface.caret());
    std::string text = surface.range(from, to);
    if (!mark.empty()) {
        auto lines = split(text);
        toggleLineComments(lines, mark);
        text.clear();
        for (const std::string &line : lines)
            text += line;
    } else {
        toggleBlockComment(text, open, close);
    }
    surface.replaceRange(from, to, text);
    if (selected)
        surface.send(S::SCI_SETSEL, from, long(from + text.size()));
    else
        surface.send(S::SCI_GOTOPOS, from + text.size() - std::min(text.size(), caretFromEnd));
}

void moveLines(CodeSurface &surface, Direction direction)
{
    if (!surface.isReadOnly())
        surface.send(direction == Direction::Up ? S::SCI_MOVESELECTEDLINESUP : S::SCI_MOVESELECTEDLINESDOWN);
}

void duplicateLines(CodeSurface &surface, Direction direction)
{
    if (surface.isReadOnly())
        return;
    const Lines touched = touchedLines(surface);
    const auto anchor = std::size_t(surface.send(S::SCI_GETANCHOR));
    const std::size_t caret = surface.caret();
    const std::size_t from = lineStart(surface, touched.first), to = lineEnd(surface, touched.last);
    const std::string copy = surface.lineBreak() + surface.range(from, to);
    surface.replaceRange(to, to, copy);
    const std::size_t shift = direction == Direction::Down ? copy.size() : 0;
    surface.send(S::SCI_SETSEL, anchor + shift, long(caret + shift));
}

void deleteLines(CodeSurface &surface)
{
    if (surface.isReadOnly())
        return;
    const Lines touched = touchedLines(surface);
    std::size_t from = lineStart(surface, touched.first);
    std::size_t to = lineEnd(surface, touched.last);
    const auto lines = std::size_t(surface.lines());
    if (touched.last + 1 < lines)
        to = lineStart(surface, touched.last + 1);
    else if (touched.first > 0)
        from = lineEnd(surface, touched.first - 1);
    surface.replaceRange(from, to, {});
}

} // namespace kiln::ui
