// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/duration.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace kiln {

using std::chrono::milliseconds;

namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

} // namespace

std::optional<milliseconds> parseDuration(std::string_view text)
{
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0)
        return std::nullopt;
    const std::string_view unit = text.substr(std::size_t(end - text.data()));
    if (unit.empty() && count == 0)
        return milliseconds(0); // In any unit.
    for (const auto &[name, factor] : units) {
        if (unit != name)
            continue;
        if (count > std::numeric_limits<std::int64_t>::max() / factor)
            return std::nullopt;
        return milliseconds(count * factor);
    }
    return std::nullopt;
}

std::string toText(milliseconds duration)
{
    for (const auto &[name, factor] : units) {
        if (duration.count() != 0 && duration.count() % factor == 0)
            return std::to_string(duration.count() / factor).append(name);
    }
    return "0s";
}

} // namespace kiln
