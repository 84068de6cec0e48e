// SPDX-License-Identifier: GPL-3.0-or-later
// Cron and rate expressions, and when they fire; each run is checked against a count minute by minute.
#include "core/trigger/schedule.h"
#include "tests/fuzz/promise.h"

#include <algorithm>

using namespace kiln;
using namespace kiln::test;
using namespace std::chrono;

namespace {

bool fits(const Cron::Fields &fields, LocalMinute time)
{
    const local_days day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    const bool byDate = (fields.days >> unsigned(date.day()) & 1) != 0;
    const bool byWeekday = (fields.weekdays >> weekday(day).c_encoding() & 1) != 0;
    return (fields.minutes >> clock.minutes().count() & 1) != 0 && (fields.hours >> clock.hours().count() & 1) != 0 &&
           (fields.months >> unsigned(date.month()) & 1) != 0 &&
           (fields.eitherDay ? byDate || byWeekday : byDate && byWeekday);
}

void checkCron(std::string_view text, LocalMinute after)
{
    const Result<Cron> cron = Cron::parse(text);
    if (!cron) {
        promise(!cron.error().message.empty(), "a refusal says why");
        return;
    }
    const Cron::Fields &fields = cron->fields();
    promise(fields.minutes != 0 && fields.hours != 0 && fields.days != 0 && fields.months != 0 &&
                fields.weekdays != 0 && fields.minutes >> 60 == 0 && fields.hours >> 24 == 0 &&
                fields.days >> 32 == 0 && (fields.days & 1) == 0 && fields.months >> 13 == 0 &&
                (fields.months & 1) == 0 && fields.weekdays >> 7 == 0,
            "fields hold what there is");
    promise(!describe(*cron).empty(), "an expression can be told in words");
    const std::optional<LocalMinute> next = cron->next(after);
    promise(next && *next > after && fits(fields, *next), "the next run fits");
    LocalMinute minute = after + minutes(1);
    for (int i = 0; i < 3000 && minute < *next; ++i, minute += minutes(1))
        promise(!fits(fields, minute), "no run is left out");
}

void checkRuns(const ScheduleTrigger &trigger, WallTime after)
{
    Result<Schedule> schedule = Schedule::parse(trigger);
    promise(schedule.has_value() == !validateSchedule(trigger).has_value(), "who checks and who runs agree");
    if (!schedule)
        return;
    promise(!schedule->description().empty(), "a schedule can be told in words");
    schedule->setAnchor(sys_days(2026y / January / 1));
    const std::vector<WallTime> runs = schedule->nextRuns(after, 5);
    promise(runs.size() == 5, "a schedule goes on");
    for (const WallTime run : runs) {
        promise(run > after, "runs follow each other");
        promise(schedule->next(run - microseconds(1)) == run, "a run does not depend on when it is asked for");
        after = run;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static constexpr const char *zones[] = {"UTC",          "Europe/Berlin",       "America/New_York",
                                            "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"};
    Input input(data, size);
    const std::size_t choice = input.byte() % (std::size(zones) + 1);
    if (choice == std::size(zones)) { // looks for names like it, which takes long
        const Result<Zone> zone = Zone::locate(input.rest());
        promise(zone ? zone->name() == input.rest() : !zone.error().remedy.empty(),
                "a wrong name is answered with advice");
        return 0;
    }
    const std::string zone = zones[choice];
    // Some minute from 2000 to about 2120.
    const auto days = std::chrono::days(input.number(43'800));
    const auto within = minutes(input.number(1439));
    checkCron(input.rest(), LocalMinute(local_days(2000y / January / 1).time_since_epoch() + days + within));
    const WallTime after =
        sys_days(2000y / January / 1) + days + within + microseconds(std::int64_t(input.rest().size()));
    checkRuns({std::string(input.rest()), zone}, after);
    return 0;
}
