// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trigger/json_string.h"

#include "core/base/utf8.h"

#include <array>

namespace kiln {

namespace {

/// For each byte: 0 when it stands for itself, 'u' for \u00XX, else the letter after the backslash.
constexpr std::array<char, 256> escapes = [] {
    std::array<char, 256> table{};
    for (std::size_t i = 0; i < 0x20; ++i)
        table[i] = 'u';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['"'] = '"';
    table['\\'] = '\\';
    return table;
}();

} // namespace

void appendJsonString(std::string &out, std::string_view text)
{
    if (!isUtf8(text)) {
        appendJsonString(out, toUtf8(text));
        return;
    }
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    std::size_t plain = 0; // where the bytes not yet copied begin
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const char escape = escapes[byte];
        if (escape == 0)
            continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        out += '\\';
        out += escape;
        if (escape == 'u') {
            out += "00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    out.append(text, plain, std::string_view::npos);
    out += '"';
}

} // namespace kiln
