// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trigger/schedule.h"

#include <array>
#include <charconv>

namespace kiln {

using namespace std::chrono;

namespace {

constexpr std::string_view blanks = " \t";
constexpr minutes longestPeriod = days(3660);

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

tl::unexpected<Error> badRate(const std::string &what)
{
    return fail(Error::Code::InvalidArgument, "rate: " + what, {},
                "write it as rate(1 minute), rate(5 minutes), rate(2 days)");
}

struct Unit
{
    std::string_view one;
    std::string_view many;
    minutes length;
};
constexpr std::array<Unit, 3> units{
    {{"minute", "minutes", minutes(1)}, {"hour", "hours", hours(1)}, {"day", "days", days(1)}}};

LocalMinute ceilLocal(sys_seconds time, seconds offset)
{
    return ceil<minutes>(local_seconds(time.time_since_epoch() + offset));
}

sys_seconds toSys(LocalMinute local, seconds offset) { return sys_seconds(local.time_since_epoch() - offset); }

std::optional<LocalMinute> firstFrom(const Cron &cron, LocalMinute from) { return cron.next(from - minutes(1)); }

/// The first run later than `after`: walks the stretches of equal offset, since within one local time is even.
std::optional<WallTime> nextZoned(const Cron &cron, const Zone &zone, WallTime after)
{
    const bool everyHour = cron.runsEveryHour();
    Zone::Stretch stretch = zone.at(after);
    LocalMinute from = ceilLocal(floor<seconds>(after) + seconds(1), stretch.offset);
    bool entering = false; // whether the stretch's beginning, too, is later than `after`
    while (true) {
        const bool hasPast = stretch.begin > sys_seconds::min() && !everyHour;
        const seconds before = hasPast ? zone.at(stretch.begin - seconds(1)).offset : stretch.offset;
        if (before > stretch.offset) // local time went back: what was shown before has run then
            from = std::max(from, ceilLocal(stretch.begin, before));
        if (entering && before < stretch.offset) { // local time sprang forward: what was skipped runs now
            const auto skipped = firstFrom(cron, ceilLocal(stretch.begin, before));
            if (skipped && *skipped < ceilLocal(stretch.begin, stretch.offset))
                return stretch.begin;
        }
        const std::optional<LocalMinute> local = firstFrom(cron, from);
        if (!local)
            return std::nullopt;
        const sys_seconds run = toSys(*local, stretch.offset);
        if (run < stretch.end)
            return run;
        stretch = zone.at(stretch.end);
        from = ceilLocal(stretch.begin, stretch.offset);
        entering = true;
    }
}

} // namespace

Result<Rate> Rate::parse(std::string_view text)
{
    text = trimmed(text);
    if (!text.starts_with("rate(") || !text.ends_with(")"))
        return badRate("expected rate(…), found \"" + std::string(text.substr(0, 100)) + "\"");
    const std::string_view inside = trimmed(text.substr(5, text.size() - 6));
    const std::size_t gap = inside.find_first_of(blanks);
    const std::string_view digits = inside.substr(0, gap);
    const std::string_view word = gap == std::string_view::npos ? std::string_view() : trimmed(inside.substr(gap));

    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (digits.empty() || end != digits.data() + digits.size() || error == std::errc::invalid_argument)
        return badRate("expected a whole number, found \"" + std::string(digits.substr(0, 100)) + "\"");
    for (const Unit &unit : units) {
        if (word != unit.one && word != unit.many)
            continue;
        if (error != std::errc{} || count < 1 || count > longestPeriod / unit.length)
            return badRate(std::string(digits) + " is out of 1–" + std::to_string(longestPeriod / unit.length));
        const std::string_view fitting = count == 1 ? unit.one : unit.many;
        if (word != fitting)
            return badRate(std::to_string(count) + " takes \"" + std::string(fitting) + "\"");
        return Rate{count * unit.length, std::nullopt};
    }
    return badRate("expected minutes, hours or days, found \"" + std::string(word.substr(0, 100)) + "\"");
}

Result<Schedule> Schedule::parse(const ScheduleTrigger &trigger)
{
    Result<Zone> zone = Zone::locate(trigger.timezone);
    if (!zone)
        return tl::make_unexpected(zone.error());
    if (trimmed(trigger.expression).starts_with("rate")) {
        const Result<Rate> rate = Rate::parse(trigger.expression);
        if (!rate)
            return tl::make_unexpected(rate.error());
        return Schedule(*rate);
    }
    const Result<Cron> cron = Cron::parse(trigger.expression);
    if (!cron)
        return tl::make_unexpected(cron.error());
    return Schedule(ZonedCron{*cron, std::move(*zone)});
}

std::optional<WallTime> Schedule::next(WallTime after) const
{
    if (const auto *zoned = std::get_if<ZonedCron>(&m_rule))
        return nextZoned(zoned->cron, zoned->zone, after);
    const auto &rate = std::get<Rate>(m_rule);
    const WallTime anchor = rate.anchor.value_or(after);
    const auto periods = floor<duration<std::int64_t, std::micro>>(after - anchor) / rate.period;
    const WallTime run = anchor + periods * rate.period;
    return run > after ? run : run + rate.period;
}

std::vector<WallTime> Schedule::nextRuns(WallTime after, int count) const
{
    std::vector<WallTime> runs;
    for (int i = 0; i < count; ++i) {
        const std::optional<WallTime> run = next(after);
        if (!run)
            break;
        runs.push_back(*run);
        after = *run;
    }
    return runs;
}

void Schedule::setAnchor(WallTime anchor)
{
    if (auto *rate = std::get_if<Rate>(&m_rule))
        rate->anchor = anchor;
}

std::optional<std::string> validateSchedule(const ScheduleTrigger &trigger)
{
    const Result<Schedule> schedule = Schedule::parse(trigger);
    if (schedule)
        return std::nullopt;
    return schedule.error().text();
}

} // namespace kiln
