// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/json_scan.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <vector>

namespace kiln::ui {

namespace {

constexpr std::size_t deepest = 1'000;
constexpr std::size_t mostFormatted = 64u << 20; // deep nesting grows with its square when it is indented

QString tr(const char *text) { return QCoreApplication::translate("JsonError", text); }

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isWordPart(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & '\x80') != 0;
}

/// Reads one value without recursion, so that no nesting can exhaust the stack.
class Scan
{
public:
    explicit Scan(std::string_view text)
        : m_text(text)
    {}

    std::optional<JsonError> run()
    {
        if (m_text.starts_with("\xEF\xBB\xBF"))
            return error(0, 3, tr("a byte order mark does not belong before JSON"));
        skipSpace();
        if (atEnd())
            return error(m_at, 0, tr("nothing here: JSON is at least {}, [], a text, a number, true, false or null"));
        if (!value())
            return m_error;
        while (!m_open.empty()) {
            if (!(m_open.back() == '{' ? objectStep() : arrayStep()))
                return m_error;
        }
        skipSpace();
        if (!atEnd())
            return error(m_at, wordLength(), tr("the value ended before this"));
        return std::nullopt;
    }

private:
    enum class Next { First, Another };

    [[nodiscard]] bool atEnd() const { return m_at >= m_text.size(); }
    [[nodiscard]] char here() const { return atEnd() ? '\0' : m_text[m_at]; }

    void skipSpace()
    {
        while (!atEnd() && isSpace(m_text[m_at]))
            ++m_at;
    }

    /// What the eye takes for one thing: a word, or a text in quotes on this line.
    [[nodiscard]] std::size_t wordLength() const
    {
        if (here() == '"') {
            const std::size_t close = m_text.find_first_of("\"\n", m_at + 1);
            return std::min(close == std::string_view::npos ? m_text.size() : close + 1, m_text.size()) - m_at;
        }
        std::size_t end = m_at;
        while (end < m_text.size() && isWordPart(m_text[end]))
            ++end;
        return std::max<std::size_t>(end - m_at, atEnd() ? 0 : 1);
    }

    std::optional<JsonError> error(std::size_t offset, std::size_t length, QString message)
    {
        JsonError e{.offset = offset, .length = length, .message = std::move(message)};
        std::size_t lineStart = 0;
        for (std::size_t i = 0; i < offset; ++i) {
            const bool lone = m_text[i] == '\r' && !(i + 1 < m_text.size() && m_text[i + 1] == '\n');
            if (m_text[i] == '\n' || lone) {
                ++e.line;
                lineStart = i + 1;
            }
        }
        e.column =
            1 + int(std::count_if(m_text.begin() + std::ptrdiff_t(lineStart), m_text.begin() + std::ptrdiff_t(offset),
                                  [](char c) { return (c & '\xC0') != '\x80'; }));
        m_error = e;
        return m_error;
    }

    bool refuse(std::size_t offset, std::size_t length, QString message)
    {
        error(offset, length, std::move(message));
        return false;
    }
    bool refuseHere(QString message) { return refuse(m_at, wordLength(), std::move(message)); }

    /// Reads a scalar, or only the opening bracket of a container.
    bool value()
    {
        switch (here()) {
        case '{':
        case '[':
            if (m_open.size() >= deepest)
                return refuseHere(tr("nested more than 1,000 deep"));
            m_open.push_back(m_text[m_at++]);
            m_next = Next::First;
            return true;
        case '"': return string();
        case '\'': return refuseHere(tr("texts stand in double quotes"));
        default: break;
        }
        if (here() == '-' || isDigit(here()))
            return number();
        return word();
    }

    bool word()
    {
        const std::string_view found = m_text.substr(m_at, wordLength());
        for (const std::string_view known : {"true", "false", "null"}) {
            if (found == known) {
                m_at += known.size();
                return true;
            }
        }
        if (found == "True" || found == "False")
            return refuseHere(tr("JSON writes true and false in small letters"));
        if (found == "None" || found == "undefined" || found == "nil")
            return refuseHere(tr("JSON writes null for nothing"));
        if (found == "NaN" || found == "Infinity")
            return refuseHere(tr("JSON has no such number"));
        if (found.starts_with('/') || found.starts_with('#'))
            return refuseHere(tr("JSON has no comments"));
        if (atEnd())
            return refuse(m_at, 0, tr("the text ends where a value is missing"));
        return refuseHere(
            tr("a value is missing here: {}, [], a text in double quotes, a number, true, false or null"));
    }

    bool number()
    {
        const std::size_t start = m_at;
        if (here() == '-')
            ++m_at;
        if (!isDigit(here()))
            return refuse(start, wordLength() + 1, tr("a digit is missing after the minus sign"));
        if (here() == '0' && m_at + 1 < m_text.size() && isDigit(m_text[m_at + 1]))
            return refuse(start, wordLength(), tr("a number does not begin with 0"));
        digits();
        if (here() == '.') {
            ++m_at;
            if (!isDigit(here()))
                return refuse(m_at - 1, 1, tr("a digit is missing after the point"));
            digits();
        }
        if (here() == 'e' || here() == 'E') {
            ++m_at;
            if (here() == '+' || here() == '-')
                ++m_at;
            if (!isDigit(here()))
                return refuse(m_at - 1, 1, tr("a digit is missing in the exponent"));
            digits();
        }
        if (!atEnd() && isWordPart(here()))
            return refuseHere(tr("this does not belong to the number; a text stands in double quotes"));
        return true;
    }

    void digits()
    {
        while (isDigit(here()))
            ++m_at;
    }

    bool string()
    {
        const std::size_t start = m_at++;
        while (!atEnd()) {
            const char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                return true;
            }
            if (c == '\n' || c == '\r')
                return refuse(start, m_at - start, tr("the closing quote of this text is missing on its line"));
            if (static_cast<unsigned char>(c) < 0x20)
                return refuse(m_at, 1, tr("a control character in a text is written \\t, \\u0001 and so on"));
            if (c == '\\' && !escape())
                return false;
            ++m_at;
        }
        return refuse(start, m_at - start, tr("the closing quote of this text is missing"));
    }

    /// Ends on the last character of the escape.
    bool escape()
    {
        const std::size_t start = m_at++;
        if (here() != 'u') {
            if (std::string_view("\"\\/bfnrt").find(here()) == std::string_view::npos || atEnd())
                return refuse(start, 2, tr("no such escape; a backslash itself is written \\\\"));
            return true;
        }
        for (int i = 0; i < 4; ++i) {
            ++m_at;
            const char c = here();
            if (!isDigit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F'))
                return refuse(start, m_at - start, tr("\\u takes four hexadecimal digits"));
        }
        return true;
    }

    /// One element after an opening bracket or a comma, or the end of the array.
    bool arrayStep()
    {
        skipSpace();
        if (here() == ']' && m_next == Next::First)
            return close();
        if (m_next == Next::Another) {
            if (here() == ']')
                return close();
            if (!comma(']'))
                return false;
        }
        m_next = Next::Another;
        return value();
    }

    bool objectStep()
    {
        skipSpace();
        if (here() == '}')
            return close();
        if (m_next == Next::Another && !comma('}'))
            return false;
        if (here() != '"')
            return refuseHere(atEnd() ? tr("the text ends inside {}: } is missing")
                                      : tr("a name in double quotes is missing here"));
        if (!string())
            return false;
        skipSpace();
        if (here() != ':')
            return refuseHere(tr("a colon is missing after the name"));
        ++m_at;
        skipSpace();
        m_next = Next::Another;
        return value();
    }

    bool close()
    {
        ++m_at;
        m_open.pop_back();
        m_next = Next::Another;
        return true;
    }

    bool comma(char closer)
    {
        if (here() != ',') {
            if (atEnd())
                return refuse(m_at, 0,
                              closer == '}' ? tr("the text ends inside {}: } is missing")
                                            : tr("the text ends inside []: ] is missing"));
            return refuseHere(closer == '}' ? tr("a comma or } is missing before this")
                                            : tr("a comma or ] is missing before this"));
        }
        const std::size_t at = m_at++;
        skipSpace();
        if (here() == closer)
            return refuse(at, 1, tr("no comma after the last one"));
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::vector<char> m_open;
    Next m_next = Next::First;
    std::optional<JsonError> m_error;
};

/// The end of the string that begins at `start`, in valid JSON.
std::size_t stringEnd(std::string_view text, std::size_t start)
{
    std::size_t i = start + 1;
    while (text[i] != '"')
        i += text[i] == '\\' ? 2 : 1;
    return i + 1;
}

/// Calls take(token) for all tokens of valid JSON: brackets, commas, colons, strings and words.
template<typename Take> void tokens(std::string_view text, Take take)
{
    std::size_t i = 0;
    while (i < text.size()) {
        const std::size_t start = i;
        if (isSpace(text[i])) {
            ++i;
            continue;
        }
        if (text[i] == '"') {
            i = stringEnd(text, i);
        } else if (std::string_view("{}[],:").find(text[i]) != std::string_view::npos) {
            ++i;
        } else {
            while (i < text.size() && !isSpace(text[i]) &&
                   std::string_view("{}[],:").find(text[i]) == std::string_view::npos)
                ++i;
        }
        take(text.substr(start, i - start));
    }
}

} // namespace

std::optional<JsonError> findJsonError(std::string_view utf8) { return Scan(utf8).run(); }

std::string formatJson(std::string_view utf8, std::string_view lineBreak)
{
    if (findJsonError(utf8))
        return std::string(utf8);
    std::string out;
    out.reserve(utf8.size() + utf8.size() / 2);
    std::size_t depth = 0;
    bool justOpened = false;
    bool full = false;
    const auto newLine = [&] {
        out += lineBreak;
        out.append(depth * 2, ' ');
    };
    tokens(utf8, [&](std::string_view token) {
        full = full || out.size() > mostFormatted;
        if (full)
            return;
        const char c = token.front();
        const bool closes = c == '}' || c == ']';
        if (closes)
            --depth;
        if (justOpened ? !closes : closes)
            newLine();
        justOpened = c == '{' || c == '[';
        if (justOpened)
            ++depth;
        out += token;
        if (c == ',')
            newLine();
        if (c == ':')
            out += ' ';
    });
    out += lineBreak;
    return full ? std::string(utf8) : out;
}

std::string minifyJson(std::string_view utf8)
{
    if (findJsonError(utf8))
        return std::string(utf8);
    std::string out;
    out.reserve(utf8.size());
    tokens(utf8, [&](std::string_view token) { out += token; });
    return out;
}

} // namespace kiln::ui
