// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/json_text.h"

#include "core/base/utf8.h"

#include <QCoreApplication>
#include <QStringDecoder>

#include <vector>

namespace kiln::ui {

namespace {

constexpr std::size_t maxDepth = 512;

QString tr(const char *text) { return QCoreApplication::translate("json", text); }

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// A strict checker: one pass, an explicit stack, no allocation per value.
class Checker
{
public:
    explicit Checker(std::string_view text)
        : m_text(text)
    {}

    std::optional<JsonFlaw> run()
    {
        space();
        if (m_at == m_text.size())
            return flaw(tr("The payload is empty"));
        do {
            if (auto bad = value())
                return bad;
            space();
            if (auto bad = afterValue())
                return bad;
        } while (!m_open.empty());
        return m_at == m_text.size() ? std::nullopt : flaw(tr("Nothing may follow the value"));
    }

private:
    JsonFlaw flawAt(std::size_t at, const QString &message) const { return {at, message}; }
    std::optional<JsonFlaw> flaw(const QString &message) const { return flawAt(m_at, message); }
    char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    void space()
    {
        while (m_at < m_text.size() && isSpace(m_text[m_at]))
            ++m_at;
    }

    /// One scalar, or the opening of containers down to the first scalar or empty container.
    std::optional<JsonFlaw> value()
    {
        for (;;) {
            space();
            const char c = peek();
            if (c != '{' && c != '[')
                return scalar();
            if (m_open.size() == maxDepth)
                return flaw(tr("Nested more than 512 levels deep"));
            m_open.push_back(c);
            ++m_at;
            space();
            if (peek() == (c == '{' ? '}' : ']')) {
                ++m_at;
                m_open.pop_back();
                return std::nullopt;
            }
            if (c == '{') {
                if (auto bad = key())
                    return bad;
            }
        }
    }

    /// After a value: closes what ends here, and steps over a comma to where the next value begins.
    std::optional<JsonFlaw> afterValue()
    {
        while (!m_open.empty()) {
            const bool object = m_open.back() == '{';
            if (peek() == ',') {
                ++m_at;
                space();
                return object ? key() : std::nullopt;
            }
            if (peek() != (object ? '}' : ']'))
                return flaw(object ? tr("Expected , or }") : tr("Expected , or ]"));
            ++m_at;
            m_open.pop_back();
            space();
        }
        return std::nullopt;
    }

    std::optional<JsonFlaw> key()
    {
        if (peek() != '"')
            return flaw(tr("Expected a key in double quotes"));
        if (auto bad = string())
            return bad;
        space();
        if (peek() != ':')
            return flaw(tr("Expected : after the key"));
        ++m_at;
        return std::nullopt;
    }

    std::optional<JsonFlaw> scalar()
    {
        const char c = peek();
        if (c == '"')
            return string();
        if (c == '-' || isDigit(c))
            return number();
        for (const std::string_view word : {"true", "false", "null"}) {
            if (m_text.substr(m_at, word.size()) == word) {
                m_at += word.size();
                return std::nullopt;
            }
        }
        return flaw(tr("Expected a value"));
    }

    std::optional<JsonFlaw> string()
    {
        const std::size_t begin = m_at++;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                return std::nullopt;
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return flaw(tr("A control character must be escaped in a string"));
            if (c == '\\') {
                ++m_at;
                const char escape = peek();
                if (std::string_view("\"\\/bfnrtu").find(escape) == std::string_view::npos)
                    return flaw(tr("Unknown escape in a string"));
                if (escape == 'u') {
                    for (int i = 0; i < 4; ++i) {
                        ++m_at;
                        if (!isHex(peek()))
                            return flaw(tr("\\u needs four hexadecimal digits"));
                    }
                }
            }
            ++m_at;
        }
        return flawAt(begin, tr("This string is not closed"));
    }

    std::optional<JsonFlaw> number()
    {
        const auto digits = [this] {
            const std::size_t begin = m_at;
            while (isDigit(peek()))
                ++m_at;
            return m_at > begin;
        };
        if (peek() == '-')
            ++m_at;
        if (peek() == '0')
            ++m_at;
        else if (!digits())
            return flaw(tr("Expected a digit"));
        if (peek() == '.') {
            ++m_at;
            if (!digits())
                return flaw(tr("Expected a digit after the point"));
        }
        if (peek() == 'e' || peek() == 'E') {
            ++m_at;
            if (peek() == '+' || peek() == '-')
                ++m_at;
            if (!digits())
                return flaw(tr("Expected a digit in the exponent"));
        }
        return std::nullopt;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::vector<char> m_open;
};

/// One past the closing quote of the string that begins at `at`.
std::size_t endOfString(std::string_view text, std::size_t at)
{
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at + 1;
    }
    return text.size();
}

std::size_t endOfValue(std::string_view text, std::size_t at)
{
    if (text[at] == '"')
        return endOfString(text, at);
    if (text[at] != '{' && text[at] != '[') {
        while (at < text.size() && !isSpace(text[at]) && text[at] != ',' && text[at] != '}' && text[at] != ']')
            ++at;
        return at;
    }
    int depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = endOfString(text, at);
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        ++at;
        if (depth == 0)
            return at;
    }
    return at;
}

} // namespace

std::optional<JsonFlaw> jsonFlaw(std::string_view text)
{
    if (!isUtf8(text))
        return JsonFlaw{0, tr("The payload is not UTF-8 text")};
    return Checker(text).run();
}

JsonKind jsonKind(std::string_view value)
{
    switch (value.empty() ? 'n' : value.front()) {
    case '{': return JsonKind::Object;
    case '[': return JsonKind::Array;
    case '"': return JsonKind::String;
    case 't':
    case 'f': return JsonKind::Bool;
    case 'n': return JsonKind::Null;
    default: return JsonKind::Number;
    }
}

JsonCursor::JsonCursor(std::string_view container)
    : m_text(container)
    , m_object(!container.empty() && container.front() == '{')
{}

std::optional<JsonMember> JsonCursor::next()
{
    const auto skip = [this](char separator) {
        while (m_at < m_text.size() && (isSpace(m_text[m_at]) || m_text[m_at] == separator))
            ++m_at;
    };
    skip(',');
    if (m_at + 1 >= m_text.size()) // the last byte closes the container
        return std::nullopt;
    JsonMember member;
    if (m_object) {
        const std::size_t end = endOfString(m_text, m_at);
        member.key = m_text.substr(m_at, end - m_at);
        m_at = end;
        skip(':');
        if (m_at >= m_text.size())
            return std::nullopt;
    }
    const std::size_t end = endOfValue(m_text, m_at);
    member.value = m_text.substr(m_at, end - m_at);
    m_at = end;
    return member;
}

std::string_view jsonTrimmed(std::string_view text)
{
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

QString jsonString(std::string_view quoted)
{
    if (quoted.size() < 2)
        return {};
    quoted = quoted.substr(1, quoted.size() - 2);
    QString result;
    std::size_t plain = 0; // begin of the stretch without escapes
    // Unlike QString::fromUtf8 it leaves a byte order mark where it stands.
    QStringDecoder utf8(QStringDecoder::Utf8,
                        QStringDecoder::Flag::Stateless | QStringDecoder::Flag::ConvertInitialBom);
    const auto flush = [&](std::size_t end) {
        result += utf8.decode(QByteArrayView(quoted.data() + plain, qsizetype(end - plain)));
    };
    for (std::size_t at = 0; at + 1 < quoted.size();) {
        if (quoted[at] != '\\') {
            ++at;
            continue;
        }
        flush(at);
        const char escape = quoted[at + 1];
        at += 2;
        switch (escape) {
        case 'b': result += QLatin1Char('\b'); break;
        case 'f': result += QLatin1Char('\f'); break;
        case 'n': result += QLatin1Char('\n'); break;
        case 'r': result += QLatin1Char('\r'); break;
        case 't': result += QLatin1Char('\t'); break;
        case 'u':
            result += QChar(QByteArray(quoted.data() + at, 4).toUShort(nullptr, 16));
            at += 4;
            break;
        default: result += QLatin1Char(escape); break;
        }
        plain = at;
    }
    flush(quoted.size());
    return result;
}

std::string jsonBytes(std::string_view quoted) { return jsonString(quoted).toStdString(); }

std::string prettyJson(std::string_view text, std::size_t limit)
{
    std::string result;
    result.reserve(std::min(limit, text.size() * 2));
    std::size_t depth = 0;
    const auto newline = [&] {
        result += '\n';
        result.append(depth * 4, ' ');
    };
    for (std::size_t at = 0; at < text.size() && result.size() < limit;) {
        const char c = text[at];
        if (isSpace(c)) {
            ++at;
        } else if (c == '"') {
            const std::size_t end = endOfString(text, at);
            result.append(text.substr(at, std::min(end - at, limit)));
            at = end;
        } else if (c == '{' || c == '[') {
            std::size_t inner = at + 1;
            while (inner < text.size() && isSpace(text[inner]))
                ++inner;
            result += c;
            if (inner < text.size() && (text[inner] == '}' || text[inner] == ']')) {
                result += text[inner];
                at = inner + 1;
                continue;
            }
            ++depth;
            newline();
            ++at;
        } else {
            if (c == '}' || c == ']') {
                depth -= depth > 0 ? 1 : 0;
                newline();
            }
            result += c;
            if (c == ',')
                newline();
            if (c == ':')
                result += ' ';
            ++at;
        }
    }
    return result;
}

} // namespace kiln::ui
