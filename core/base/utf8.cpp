// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/utf8.h"

#include <cstdint>

namespace kiln {

namespace {

struct Step
{
    std::size_t length; ///< Bytes to move on by; of the ill-formed part when not ok.
    bool ok;
};

/// One code point, or the maximal ill-formed part, at the front of non-empty `bytes`.
Step step(std::string_view bytes)
{
    const auto at = [&](std::size_t i) { return i < bytes.size() ? std::uint8_t(bytes[i]) : std::uint8_t(0); };
    const std::uint8_t lead = at(0);
    if (lead < 0x80)
        return {1, true};
    std::size_t length = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0)
            low = 0xA0;
        if (lead == 0xED)
            high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0)
            low = 0x90;
        if (lead == 0xF4)
            high = 0x8F;
    } else {
        return {1, false};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (at(i) < low || at(i) > high)
            return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

} // namespace

bool isUtf8(std::string_view bytes)
{
    while (!bytes.empty()) {
        const Step next = step(bytes);
        if (!next.ok)
            return false;
        bytes.remove_prefix(next.length);
    }
    return true;
}

std::string toUtf8(std::string_view bytes)
{
    if (isUtf8(bytes))
        return std::string(bytes);
    std::string text;
    text.reserve(bytes.size() + 16);
    while (!bytes.empty()) {
        const Step next = step(bytes);
        text += next.ok ? bytes.substr(0, next.length) : std::string_view("\xEF\xBF\xBD");
        bytes.remove_prefix(next.length);
    }
    return text;
}

std::string toPlainLine(std::string_view bytes, std::size_t longest)
{
    std::string text = toUtf8(bytes.substr(0, longest));
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x20 || byte == 0x7f)
            text[at] = ' ';
        else if (byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0)
            text.replace(at, 2, " ");
    }
    return bytes.size() > longest ? text + "…" : text;
}

} // namespace kiln
