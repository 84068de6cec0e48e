// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/scale_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace kiln {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest = 160;

} // namespace

std::string spanText(std::chrono::milliseconds span)
{
    const auto count = double(span.count());
    if (span < 1s)
        return fmt::format("{:g} ms", count);
    if (span < 1min)
        return fmt::format("{:.3g} s", count / 1e3);
    if (span < 1h)
        return fmt::format("{:.3g} min", count / 6e4);
    return fmt::format("{:.3g} h", count / 3.6e6);
}

std::string failureText(const std::string &what, const FunctionError &error)
{
    std::string text = what + ": " + (error.message.empty() ? error.type : error.message);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    if (text.size() > longest) {
        std::size_t end = longest;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
            --end; // not within a character
        text = text.substr(0, end) + "…";
    }
    return text;
}

} // namespace kiln
