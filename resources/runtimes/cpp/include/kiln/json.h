// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace kiln {

/// A JSON value: as little as a handler needs. Any other library will do as well.
class Json
{
public:
    enum class Kind { Null, Bool, Number, Text, Array, Object };
    using Member = std::pair<std::string, Json>;

    Json() = default;
    Json(std::nullptr_t) {}
    Json(bool value)
        : m_kind(Kind::Bool)
        , m_text(value ? "true" : "false")
    {}
    Json(double value)
        : m_kind(Kind::Number)
    {
        if (!std::isfinite(value))
            throw std::invalid_argument("JSON has no such number");
        char digits[64];
        m_text.assign(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    }
    Json(int value)
        : Json(std::int64_t(value))
    {}
    Json(std::int64_t value)
        : m_kind(Kind::Number)
        , m_text(std::to_string(value))
    {}
    Json(std::string value)
        : m_kind(Kind::Text)
        , m_text(std::move(value))
    {}
    Json(std::string_view value)
        : Json(std::string(value))
    {}
    Json(const char *value)
        : Json(std::string(value))
    {}

    [[nodiscard]] static Json array(std::vector<Json> items)
    {
        Json json;
        json.m_kind = Kind::Array;
        for (Json &item : items)
            json.m_members.emplace_back(std::string(), std::move(item));
        return json;
    }
    [[nodiscard]] static Json object(std::initializer_list<Member> members)
    {
        Json json;
        json.m_kind = Kind::Object;
        json.m_members = members;
        return json;
    }

    /// Throws std::invalid_argument for what is no JSON.
    [[nodiscard]] static Json parse(std::string_view text)
    {
        Reader reader{text};
        Json json = reader.value(0);
        reader.skipSpace();
        if (reader.at != text.size())
            reader.fail();
        return json;
    }

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] bool isNull() const { return m_kind == Kind::Null; }
    [[nodiscard]] bool boolean(bool otherwise = false) const
    {
        return m_kind == Kind::Bool ? m_text == "true" : otherwise;
    }
    [[nodiscard]] double number(double otherwise = 0) const
    {
        double value = otherwise;
        if (m_kind == Kind::Number)
            std::from_chars(m_text.data(), m_text.data() + m_text.size(), value);
        return value;
    }
    [[nodiscard]] std::string text(std::string otherwise = {}) const
    {
        return m_kind == Kind::Text ? m_text : std::move(otherwise);
    }

    /// Of an array or object; in the order of the text.
    [[nodiscard]] const std::vector<Member> &members() const { return m_members; }
    [[nodiscard]] std::size_t size() const { return m_members.size(); }
    /// Null for what is not there.
    [[nodiscard]] const Json &operator[](std::string_view name) const
    {
        if (m_kind == Kind::Object)
            for (const auto &[key, value] : m_members)
                if (key == name)
                    return value;
        return nothing();
    }
    [[nodiscard]] const Json &operator[](const char *name) const { return (*this)[std::string_view(name)]; }
    [[nodiscard]] const Json &operator[](std::size_t index) const
    {
        return m_kind == Kind::Array && index < m_members.size() ? m_members[index].second : nothing();
    }
    [[nodiscard]] const Json &operator[](int index) const { return (*this)[std::size_t(index)]; }

    /// Makes this an object, if it is none.
    void set(std::string name, Json value)
    {
        if (m_kind != Kind::Object)
            *this = object({});
        for (auto &[key, old] : m_members) {
            if (key == name) {
                old = std::move(value);
                return;
            }
        }
        m_members.emplace_back(std::move(name), std::move(value));
    }
    /// Makes this an array, if it is none.
    void add(Json value)
    {
        if (m_kind != Kind::Array)
            *this = array({});
        m_members.emplace_back(std::string(), std::move(value));
    }

    [[nodiscard]] std::string dump() const
    {
        std::string out;
        write(out);
        return out;
    }

    /// A text with its quotes.
    [[nodiscard]] static std::string quoted(std::string_view text)
    {
        std::string out = "\"";
        for (const char c : text) {
            const char *hex = "0123456789abcdef";
            switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20)
                    out.append("\\u00").append(1, hex[c >> 4]).append(1, hex[c & 15]);
                else
                    out += c;
            }
        }
        return out += '"';
    }

private:
    static const Json &nothing()
    {
        static const Json null;
        return null;
    }

    void write(std::string &out) const
    {
        switch (m_kind) {
        case Kind::Null: out += "null"; return;
        case Kind::Bool:
        case Kind::Number: out += m_text; return;
        case Kind::Text: out += quoted(m_text); return;
        case Kind::Array:
        case Kind::Object: break;
        }
        const bool object = m_kind == Kind::Object;
        out += object ? '{' : '[';
        bool first = true;
        for (const auto &[name, value] : m_members) {
            if (!std::exchange(first, false))
                out += ',';
            if (object)
                out += quoted(name) + ':';
            value.write(out);
        }
        out += object ? '}' : ']';
    }

    struct Reader
    {
        std::string_view text;
        std::size_t at = 0;

        [[noreturn]] void fail() const { throw std::invalid_argument("no JSON at byte " + std::to_string(at)); }
        void skipSpace()
        {
            while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
                ++at;
        }
        [[nodiscard]] bool take(std::string_view word)
        {
            if (!text.substr(at).starts_with(word))
                return false;
            at += word.size();
            return true;
        }

        Json value(int depth)
        {
            if (depth > 200)
                throw std::invalid_argument("JSON nested too deep");
            skipSpace();
            if (take("null"))
                return {};
            if (take("true"))
                return true;
            if (take("false"))
                return false;
            if (at < text.size() && text[at] == '"')
                return string();
            if (take("["))
                return list(depth, ']');
            if (take("{"))
                return list(depth, '}');
            return number();
        }

        Json list(int depth, char close)
        {
            Json json;
            json.m_kind = close == '}' ? Kind::Object : Kind::Array;
            skipSpace();
            if (take({&close, 1}))
                return json;
            while (true) {
                std::string name;
                if (close == '}') {
                    skipSpace();
                    name = string();
                    skipSpace();
                    if (!take(":"))
                        fail();
                }
                json.m_members.emplace_back(std::move(name), value(depth + 1));
                skipSpace();
                if (take({&close, 1}))
                    return json;
                if (!take(","))
                    fail();
            }
        }

        Json number()
        {
            const std::size_t start = at;
            double value = 0;
            const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
            if (error != std::errc() || !(text[at] == '-' || (text[at] >= '0' && text[at] <= '9')))
                fail();
            at = std::size_t(end - text.data());
            Json json;
            json.m_kind = Kind::Number;
            json.m_text = text.substr(start, at - start); // unchanged: more digits than a double holds
            return json;
        }

        unsigned hex()
        {
            unsigned value = 0;
            const auto part = text.substr(at, 4);
            const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
            if (error != std::errc() || end != part.data() + 4)
                fail();
            at += 4;
            return value;
        }

        std::string string()
        {
            if (!take("\""))
                fail();
            std::string out;
            while (true) {
                const std::size_t end = text.find_first_of("\"\\", at);
                if (end == std::string_view::npos)
                    fail();
                out += text.substr(at, end - at);
                at = end + 1;
                if (text[end] == '"')
                    return out;
                escape(out);
            }
        }

        void escape(std::string &out)
        {
            if (at == text.size())
                fail();
            constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
            const char c = text[at++];
            if (const std::size_t known = from.find(c); known != std::string_view::npos) {
                out += to[known];
                return;
            }
            if (c != 'u')
                fail();
            unsigned code = hex();
            if (code >= 0xD800 && code < 0xDC00 && take("\\u")) {
                const unsigned low = hex();
                code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
            } else if (code >= 0xD800 && code < 0xE000) {
                code = 0xFFFD;
            }
            if (code < 0x80) {
                out += char(code);
            } else if (code < 0x800) {
                out += {char(0xC0 | code >> 6), char(0x80 | (code & 0x3F))};
            } else if (code < 0x10000) {
                out += {char(0xE0 | code >> 12), char(0x80 | (code >> 6 & 0x3F)), char(0x80 | (code & 0x3F))};
            } else {
                out += {char(0xF0 | code >> 18), char(0x80 | (code >> 12 & 0x3F)), char(0x80 | (code >> 6 & 0x3F)),
                        char(0x80 | (code & 0x3F))};
            }
        }
    };

    Kind m_kind = Kind::Null;
    std::string m_text;
    std::vector<Member> m_members;
};

} // namespace kiln
