// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trigger/schedule_source.h"

#include "core/base/uuid.h"
#include "core/trigger/scheduled_event.h"

#include <algorithm>
#include <utility>

namespace kiln {

namespace {

constexpr std::chrono::minutes longestSleep{1};
/// A span ends where the clock jumped; of a clock that jumps again and again the oldest are forgotten.
constexpr std::size_t mostSpans = 64;

} // namespace

ScheduleSource::ScheduleSource(Loop &loop, EventSink &sink, Report report)
    : m_loop(loop)
    , m_sink(sink)
    , m_report(std::move(report))
    , m_seen(loop.clock().wall())
{}

ScheduleSource::~ScheduleSource() { m_loop.timers().cancel(m_timer); }

void ScheduleSource::configure(std::vector<Item> items)
{
    const WallTime now = m_loop.clock().wall();
    std::vector<Entry> entries;
    std::vector<std::pair<Item, Error>> unreadable;
    for (Item &item : items) {
        if (std::optional<Entry> known = takeKnown(item)) {
            known->item = std::move(item);
            entries.push_back(std::move(*known));
            continue;
        }
        Result<Schedule> schedule = Schedule::parse(item.schedule);
        if (!schedule) {
            unreadable.emplace_back(std::move(item), std::move(schedule.error()));
            continue;
        }
        schedule->setAnchor(item.anchor.value_or(now));
        const std::optional<WallTime> next = schedule->next(now);
        entries.push_back({std::move(item), std::move(*schedule), next, {}, false});
    }
    m_entries = std::move(entries);
    arm();
    for (const auto &[item, error] : unreadable)
        m_report(item, tl::make_unexpected(error));
}

std::optional<ScheduleSource::Entry> ScheduleSource::takeKnown(const Item &item)
{
    // The same schedule at the same place, or at another one: triggers before it may have come or gone.
    auto same = [&](const Entry &entry) {
        return entry.item.function == item.function && entry.item.schedule == item.schedule;
    };
    auto found = std::find_if(m_entries.begin(), m_entries.end(),
                              [&](const Entry &entry) { return same(entry) && entry.item.trigger == item.trigger; });
    if (found == m_entries.end())
        found = std::find_if(m_entries.begin(), m_entries.end(), same);
    if (found == m_entries.end())
        return std::nullopt;
    std::optional<Entry> entry = std::move(*found);
    m_entries.erase(found);
    return entry;
}

const ScheduleSource::Entry *ScheduleSource::find(const std::string &function, std::size_t trigger) const
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &entry) {
        return entry.item.function == function && entry.item.trigger == trigger;
    });
    return found == m_entries.end() ? nullptr : &*found;
}

std::optional<WallTime> ScheduleSource::nextRun(const std::string &function, std::size_t trigger) const
{
    const Entry *entry = find(function, trigger);
    return entry == nullptr ? std::nullopt : entry->next;
}

Result<Event> ScheduleSource::tickNow(const std::string &function, std::size_t trigger) const
{
    const Entry *entry = find(function, trigger);
    if (entry == nullptr) {
        return fail(Error::Code::NotFound, "trigger " + std::to_string(trigger) + " is no schedule that runs",
                    "function " + function);
    }
    const WallTime now = m_loop.clock().wall();
    return scheduledEvent(function, trigger, entry->item.schedule, now, Uuid::next(now).text());
}

std::optional<WallTime> ScheduleSource::firstUnfired(const Entry &entry, WallTime after)
{
    std::optional<WallTime> run = entry.schedule.next(after);
    while (run) {
        const auto span = std::find_if(entry.fired.begin(), entry.fired.end(),
                                       [&](const Span &s) { return s.first <= *run && *run <= s.last; });
        if (span == entry.fired.end())
            return run;
        run = entry.schedule.next(span->last);
    }
    return run;
}

void ScheduleSource::markFired(Entry &entry, WallTime run)
{
    if (!entry.fired.empty() && entry.schedule.next(entry.fired.back().last) == run) {
        entry.fired.back().last = run;
        return;
    }
    if (entry.fired.size() == mostSpans)
        entry.fired.erase(entry.fired.begin());
    entry.fired.push_back({run, run});
}

void ScheduleSource::wake()
{
    m_timer = 0;
    const WallTime now = m_loop.clock().wall();
    const bool wentBack = now < std::exchange(m_seen, now);
    std::vector<std::pair<Item, WallTime>> due;
    for (Entry &entry : m_entries) {
        if (wentBack)
            entry.next = firstUnfired(entry, now);
        if (!entry.next || *entry.next > now)
            continue;
        due.emplace_back(entry.item, *entry.next);
        markFired(entry, *entry.next);
        entry.next = firstUnfired(entry, now);
    }
    arm();
    // Last, since the sink may answer at once and its owner configure this source anew.
    const std::weak_ptr<bool> alive = m_alive;
    for (const auto &[item, run] : due) {
        if (alive.expired())
            return;
        fire(item, run);
    }
}

void ScheduleSource::arm()
{
    m_loop.timers().cancel(std::exchange(m_timer, 0));
    if (m_entries.empty())
        return;
    const WallTime now = m_loop.clock().wall();
    std::chrono::nanoseconds sleep = longestSleep;
    for (const Entry &entry : m_entries) {
        if (entry.next)
            sleep = std::clamp<std::chrono::nanoseconds>(*entry.next - now, std::chrono::nanoseconds(0), sleep);
    }
    m_timer = m_loop.timers().after(sleep, [this] { wake(); });
}

void ScheduleSource::fire(const Item &item, WallTime run)
{
    Event event = scheduledEvent(item.function, item.trigger, item.schedule, run,
                                 tickId(item.function, item.trigger, item.schedule, run));
    m_sink.emit({item.function, "schedule", item.trigger}, std::move(event),
                [this, item, alive = std::weak_ptr<bool>(m_alive)](const Result<> &accepted) {
                    if (!alive.expired())
                        onAnswered(item, accepted);
                });
}

void ScheduleSource::onAnswered(const Item &item, const Result<> &accepted)
{
    const auto entry = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &each) {
        return each.item.function == item.function && each.item.trigger == item.trigger;
    });
    const bool wasRefused = entry != m_entries.end() && std::exchange(entry->refused, !accepted);
    if (!accepted || wasRefused)
        m_report(item, accepted);
}

} // namespace kiln
