// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/wall_time.h"

#include <charconv>
#include <cstdio>

namespace kiln {

using namespace std::chrono;

std::string toIso8601(WallTime time)
{
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), int(clock.hours().count()), int(clock.minutes().count()),
                  int(clock.seconds().count()), int(clock.subseconds().count()));
    return text;
}

namespace {

/// Takes `width` digits off the front; nullopt when they are not there.
std::optional<int> takeNumber(std::string_view &text, std::size_t width)
{
    int value = 0;
    if (text.size() < width)
        return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + width, value);
    if (error != std::errc{} || end != text.data() + width || text.front() == '-')
        return std::nullopt;
    text.remove_prefix(width);
    return value;
}

bool takeChar(std::string_view &text, std::string_view anyOf)
{
    if (text.empty() || anyOf.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

/// ".5", ".123456": up to microseconds, further digits are dropped.
microseconds takeFraction(std::string_view &text)
{
    std::int64_t value = 0;
    std::int64_t scale = 1'000'000;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (scale > 1) {
            scale /= 10;
            value += scale * (text.front() - '0');
        }
        text.remove_prefix(1);
    }
    return microseconds(value);
}

} // namespace

std::optional<WallTime> parseIso8601(std::string_view text)
{
    const auto y = takeNumber(text, 4);
    if (!y || !takeChar(text, "-"))
        return std::nullopt;
    const auto mo = takeNumber(text, 2);
    if (!mo || !takeChar(text, "-"))
        return std::nullopt;
    const auto d = takeNumber(text, 2);
    if (!d || !takeChar(text, "Tt "))
        return std::nullopt;
    const auto h = takeNumber(text, 2);
    if (!h || !takeChar(text, ":"))
        return std::nullopt;
    const auto mi = takeNumber(text, 2);
    if (!mi || !takeChar(text, ":"))
        return std::nullopt;
    const auto s = takeNumber(text, 2);
    if (!s)
        return std::nullopt;
    const microseconds fraction = takeChar(text, ".") ? takeFraction(text) : microseconds(0);

    minutes offset(0);
    if (!takeChar(text, "Zz")) {
        const bool negative = !text.empty() && text.front() == '-';
        if (!takeChar(text, "+-"))
            return std::nullopt;
        const auto oh = takeNumber(text, 2);
        if (!oh || !takeChar(text, ":"))
            return std::nullopt;
        const auto om = takeNumber(text, 2);
        if (!om || *oh > 23 || *om > 59)
            return std::nullopt;
        offset = hours(*oh) + minutes(*om);
        if (negative)
            offset = -offset;
    }
    const year_month_day date{year(*y), month(unsigned(*mo)), day(unsigned(*d))};
    if (!text.empty() || !date.ok() || *h > 23 || *mi > 59 || *s > 60)
        return std::nullopt;
    const WallTime time(sys_days(date).time_since_epoch() + hours(*h) + minutes(*mi) + seconds(*s) + fraction - offset);
    // The offset, or a leap second, may lead over an end of what can be written again.
    if (time < sys_days(year(0) / January / 1) || time >= sys_days(year(10'000) / January / 1))
        return std::nullopt;
    return time;
}

} // namespace kiln
