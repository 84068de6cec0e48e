// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trigger/cron.h"

#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace kiln {

using namespace std::chrono;

namespace {

constexpr std::array<std::string_view, 12> monthNames{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekdayNames{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::size_t maxLength = 1000;

struct Field
{
    std::string_view name;
    unsigned low;
    unsigned high; ///< For the day of week 7, which is Sunday again.
    std::span<const std::string_view> names;
    unsigned firstName;
};

constexpr Field minuteField{"minute", 0, 59, {}, 0};
constexpr Field hourField{"hour", 0, 23, {}, 0};
constexpr Field dayField{"day of month", 1, 31, {}, 0};
constexpr Field monthField{"month", 1, 12, monthNames, 1};
constexpr Field weekdayField{"day of week", 0, 7, weekdayNames, 0};

std::string bounds(unsigned low, unsigned high) { return std::to_string(low) + "–" + std::to_string(high); }

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

tl::unexpected<Error> bad(const Field &field, const std::string &what, std::string remedy = {})
{
    return fail(Error::Code::InvalidArgument, std::string(field.name) + ": " + what, {}, std::move(remedy));
}

/// What a value of the field may be, for messages.
std::string expected(const Field &field)
{
    std::string text = "a number " + bounds(field.low, field.high);
    if (!field.names.empty())
        text += " or a name " + std::string(field.names.front()) + "–" + std::string(field.names.back());
    return text;
}

bool sameLetters(std::string_view text, std::string_view upper)
{
    if (text.size() != upper.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i] >= 'a' && text[i] <= 'z' ? char(text[i] - 'a' + 'A') : text[i];
        if (c != upper[i])
            return false;
    }
    return true;
}

Result<unsigned> readValue(const Field &field, std::string_view text)
{
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (sameLetters(text, field.names[i]))
            return unsigned(field.firstName + i);
    }
    if (text == "?")
        return bad(field, "\"?\" is not part of five-field cron", "write * for any");
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
        return bad(field, "expected " + expected(field) + ", found " + quoted(text));
    if (error != std::errc{} || value < field.low || value > field.high)
        return bad(field, std::string(text) + " is out of " + bounds(field.low, field.high));
    return value;
}

struct Range
{
    unsigned first;
    unsigned last;
};

/// `*`, `5`, `MON-FRI`; with a step a single value begins a range that goes to the end.
Result<Range> readRange(const Field &field, std::string_view text, bool stepped)
{
    // Sunday is 0 and 7; a range that covers the whole week must not name it twice.
    const unsigned end = field.high == 7 ? 6 : field.high;
    if (text == "*")
        return Range{field.low, end};
    const std::size_t dash = text.find('-');
    const Result<unsigned> first = readValue(field, text.substr(0, dash));
    if (!first)
        return tl::make_unexpected(first.error());
    if (dash == std::string_view::npos)
        return Range{*first, stepped ? std::max(end, *first) : *first};
    Result<unsigned> last = readValue(field, text.substr(dash + 1));
    if (!last)
        return tl::make_unexpected(last.error());
    if (field.high == 7 && *last == 0 && *first > 0)
        last = 7; // FRI-SUN
    if (*last < *first) {
        return bad(field, "the range " + std::string(text) + " runs backwards",
                   "write it as two, " + std::string(text.substr(0, dash)) + "-" + std::to_string(end) + "," +
                       std::to_string(field.low) + "-" + std::string(text.substr(dash + 1)));
    }
    return Range{*first, *last};
}

Result<std::uint64_t> readItem(const Field &field, std::string_view text)
{
    const std::size_t slash = text.find('/');
    const bool stepped = slash != std::string_view::npos;
    const Result<Range> range = readRange(field, text.substr(0, slash), stepped);
    if (!range)
        return tl::make_unexpected(range.error());
    unsigned step = 1;
    if (stepped) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
        if (digits.empty() || end != digits.data() + digits.size() || error == std::errc::invalid_argument)
            return bad(field, "expected a number after \"/\", found " + quoted(digits));
        if (error != std::errc{} || step < 1 || step > field.high)
            return bad(field, "the step " + std::string(digits) + " is out of " + bounds(1, field.high));
    }
    std::uint64_t bits = 0;
    for (unsigned value = range->first; value <= range->last; value += step)
        bits |= std::uint64_t(1) << (field.high == 7 ? value % 7 : value);
    return bits;
}

Result<std::uint64_t> readField(const Field &field, std::string_view text)
{
    std::uint64_t bits = 0;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        const Result<std::uint64_t> item = readItem(field, text.substr(begin, comma - begin));
        if (!item)
            return item;
        bits |= *item;
        begin = comma + 1;
    }
    return bits;
}

std::vector<std::string_view> split(std::string_view text)
{
    constexpr std::string_view blanks = " \t";
    std::vector<std::string_view> words;
    for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(blanks, end);
    }
    return words;
}

tl::unexpected<Error> wrongShape(std::string_view text, std::size_t fields)
{
    std::string remedy = "write minute, hour, day of month, month and day of week, such as \"0 2 * * *\"";
    if (text.starts_with("cron("))
        remedy = "write the five fields alone, without cron(…), without the year and with * for ?";
    else if (text.starts_with("@"))
        remedy = "write it as five fields, such as \"0 0 * * *\" for @daily";
    return fail(Error::Code::InvalidArgument,
                "expected five fields or rate(…), found " + std::to_string(fields) +
                    (fields == 1 ? " field" : " fields"),
                {}, std::move(remedy));
}

/// Whether any date of the calendar has a fitting month and day of month.
bool everFits(const Cron::Fields &fields)
{
    constexpr std::array<unsigned, 12> longest{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (unsigned month = 1; month <= 12; ++month) {
        const std::uint64_t existing = (std::uint64_t(1) << (longest[month - 1] + 1)) - 2;
        if ((fields.months >> month & 1) != 0 && (fields.eitherDay || (fields.days & existing) != 0))
            return true;
    }
    return false;
}

/// The lowest set bit at or above `from`; absent when there is none.
std::optional<unsigned> bitFrom(std::uint64_t bits, unsigned from)
{
    const std::uint64_t rest = bits >> from << from;
    if (rest == 0)
        return std::nullopt;
    return unsigned(std::countr_zero(rest));
}

} // namespace

Result<Cron> Cron::parse(std::string_view text)
{
    if (text.size() > maxLength)
        return fail(Error::Code::InvalidArgument, "the expression is longer than 1000 characters");
    const std::vector<std::string_view> words = split(text);
    if (words.size() != 5 || words.front().starts_with("cron(") || words.front().starts_with("@"))
        return wrongShape(words.empty() ? std::string_view() : words.front(), words.size());

    Fields fields;
    const std::array<std::pair<const Field &, std::uint64_t &>, 5> targets{{{minuteField, fields.minutes},
                                                                            {hourField, fields.hours},
                                                                            {dayField, fields.days},
                                                                            {monthField, fields.months},
                                                                            {weekdayField, fields.weekdays}}};
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const Result<std::uint64_t> bits = readField(targets[i].first, words[i]);
        if (!bits)
            return tl::make_unexpected(bits.error());
        targets[i].second = *bits;
    }
    fields.eitherDay = words[2].front() != '*' && words[4].front() != '*';
    if (!everFits(fields)) {
        return fail(Error::Code::InvalidArgument, "never fires: no such day exists in the months given", {},
                    "check day of month and month");
    }
    return Cron(fields);
}

bool Cron::fits(local_days day) const
{
    const year_month_day date(day);
    const bool byDate = (m_fields.days >> unsigned(date.day()) & 1) != 0;
    const bool byWeekday = (m_fields.weekdays >> weekday(day).c_encoding() & 1) != 0;
    return m_fields.eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

std::optional<LocalMinute> Cron::next(LocalMinute after) const
{
    const LocalMinute from = after + minutes(1);
    local_days day = floor<days>(from);
    const auto time = hh_mm_ss(from - day);
    auto hour = unsigned(time.hours().count());
    auto minute = unsigned(time.minutes().count());
    while (true) {
        const year_month_day date(day);
        if (date.year() > year(9999))
            return std::nullopt;
        if ((m_fields.months >> unsigned(date.month()) & 1) == 0) {
            day = local_days((date.year() / date.month() + months(1)) / 1);
            hour = minute = 0;
            continue;
        }
        if (fits(day)) {
            for (std::optional<unsigned> h = bitFrom(m_fields.hours, hour); h; h = bitFrom(m_fields.hours, *h + 1)) {
                if (const auto m = bitFrom(m_fields.minutes, *h == hour ? minute : 0))
                    return day + hours(*h) + minutes(*m);
            }
        }
        day += days(1);
        hour = minute = 0;
    }
}

} // namespace kiln
