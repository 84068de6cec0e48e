// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trigger/schedule.h"

#include <fmt/format.h>

#include <array>
#include <bit>

namespace kiln {

using namespace std::chrono;

namespace {

constexpr std::array<std::string_view, 13> months{"",        "January",  "February", "March",  "April",
                                                  "May",     "June",     "July",     "August", "September",
                                                  "October", "November", "December"};
constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::uint64_t allMinutes = (std::uint64_t(1) << 60) - 1;
constexpr std::uint64_t allHours = (std::uint64_t(1) << 24) - 1;
constexpr std::uint64_t allDays = 0xffff'fffe;
constexpr std::uint64_t allMonths = 0x1ffe;
constexpr std::uint64_t allWeekdays = 0x7f;
constexpr int mostTimes = 6; ///< More times of day than this are told as hours and minutes.

std::vector<unsigned> values(std::uint64_t bits)
{
    std::vector<unsigned> list;
    for (; bits != 0; bits &= bits - 1)
        list.push_back(unsigned(std::countr_zero(bits)));
    return list;
}

/// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string> &words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i)
        text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
    return text;
}

/// Runs of three or more as "a to b", the rest one by one.
template<typename Name> std::string ranged(std::uint64_t bits, Name name)
{
    const std::vector<unsigned> list = values(bits);
    std::vector<std::string> words;
    for (std::size_t i = 0; i < list.size();) {
        std::size_t end = i + 1;
        while (end < list.size() && list[end] == list[end - 1] + 1)
            ++end;
        if (end - i >= 3) {
            words.push_back(name(list[i]) + " to " + name(list[end - 1]));
        } else {
            for (std::size_t k = i; k < end; ++k)
                words.push_back(name(list[k]));
        }
        i = end;
    }
    return listed(words);
}

std::string number(unsigned value) { return std::to_string(value); }

/// The distance of values that lie evenly all around (`*/15`), from 0; 0 when they do not.
unsigned evenStep(std::uint64_t bits, unsigned size)
{
    const std::vector<unsigned> list = values(bits);
    if (list.empty() || list.front() != 0 || size % list.size() != 0)
        return 0;
    const auto step = unsigned(size / list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i] != i * step)
            return 0;
    }
    return step;
}

/// "every minute", "every 15 minutes", "at minute 5", "at minutes 5, 10 and 20"
std::string minutesText(std::uint64_t bits)
{
    if (bits == allMinutes)
        return "every minute";
    const unsigned step = evenStep(bits, 60);
    if (step > 0 && step < 60)
        return fmt::format("every {} minutes", step);
    return (std::popcount(bits) == 1 ? "at minute " : "at minutes ") + ranged(bits, number);
}

/// "at 02:00 and 14:30"; empty when there are too many to tell.
std::string timesText(const Cron::Fields &fields)
{
    if (std::popcount(fields.minutes) * std::popcount(fields.hours) > mostTimes)
        return {};
    std::vector<std::string> times;
    for (const unsigned hour : values(fields.hours)) {
        for (const unsigned minute : values(fields.minutes))
            times.push_back(fmt::format("{:02}:{:02}", hour, minute));
    }
    return "at " + listed(times);
}

std::string hoursText(const Cron::Fields &fields)
{
    const unsigned step = evenStep(fields.hours, 24);
    const std::string at = minutesText(fields.minutes);
    if (std::popcount(fields.minutes) == 1) {
        const std::string every = step == 1 ? "every hour" : fmt::format("every {} hours", step);
        const std::string minute = fields.minutes == 1 ? "" : " " + at;
        if (step > 0 && step < 24)
            return every + minute;
        return at + " past " + ranged(fields.hours, [](unsigned hour) { return fmt::format("{:02}:00", hour); });
    }
    if (fields.hours == allHours)
        return at.starts_with("every") ? at : at + " of every hour";
    if (step > 0 && step < 24)
        return at + fmt::format(" of every {} hours", step);
    return at + " from " + ranged(fields.hours, [](unsigned hour) { return fmt::format("{:02}:00", hour); });
}

/// "", "on Monday to Friday", "on day 1 and 15 of the month or on Monday"
std::string daysText(const Cron::Fields &fields)
{
    std::string days;
    if (fields.days != allDays)
        days =
            (std::popcount(fields.days) == 1 ? "on day " : "on days ") + ranged(fields.days, number) + " of the month";
    // Weeks are told from Monday on, so that a weekend is one run.
    const std::uint64_t fromMonday = (fields.weekdays >> 1) | ((fields.weekdays & 1) << 6);
    std::string week;
    if (fields.weekdays != allWeekdays)
        week = "on " + ranged(fromMonday, [](unsigned day) { return std::string(weekdays[(day + 1) % 7]); });
    if (fields.eitherDay && (days.empty() || week.empty()))
        return {}; // one of the two takes every day
    if (!days.empty() && !week.empty())
        return days + (fields.eitherDay ? " or " : " that are ") + (fields.eitherDay ? week : week.substr(3));
    return days + week;
}

std::string periodText(minutes period)
{
    if (period % days(1) == minutes(0))
        return period == days(1) ? "every day" : fmt::format("every {} days", period / days(1));
    if (period % hours(1) == minutes(0))
        return period == hours(1) ? "every hour" : fmt::format("every {} hours", period / hours(1));
    return period == minutes(1) ? "every minute" : fmt::format("every {} minutes", period.count());
}

} // namespace

std::string describe(const Cron &cron)
{
    const Cron::Fields &fields = cron.fields();
    std::string text = fields.hours == allHours ? std::string() : timesText(fields);
    const bool byTimes = !text.empty();
    if (!byTimes)
        text = hoursText(fields);
    const std::string days = daysText(fields);
    if (!days.empty())
        text += " " + days;
    if (fields.months != allMonths)
        text += " in " + ranged(fields.months, [](unsigned month) { return std::string(months[month]); });
    return byTimes && days.empty() ? "every day " + text : text;
}

std::string Schedule::description() const
{
    if (const auto *rate = std::get_if<Rate>(&m_rule))
        return periodText(rate->period);
    const auto &zoned = std::get<ZonedCron>(m_rule);
    const Cron::Fields &fields = zoned.cron.fields();
    const bool alwaysAlike = zoned.cron.runsEveryHour() && daysText(fields).empty() && fields.months == allMonths;
    return alwaysAlike ? describe(zoned.cron) : describe(zoned.cron) + " " + zoned.zone.name();
}

} // namespace kiln
