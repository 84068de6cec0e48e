// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/result.h"
#include "core/model/trigger.h"
#include "core/trigger/event_sink.h"
#include "core/trigger/schedule.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// Fires schedule triggers at their times, durably, into an EventSink.
///
/// Engine thread only. The wall clock is looked at again at least once a minute, so that a clock that was set and a
/// machine that slept are noticed: runs that were jumped over happen once per trigger, as the first of them; a run
/// that has happened never happens again, however often its time comes.
class ScheduleSource
{
public:
    struct Item
    {
        std::string function;
        std::size_t trigger = 0; ///< Index in the function's triggers.
        ScheduleTrigger schedule;
        std::optional<WallTime> anchor; ///< From when a rate counts; else from when the source first hears of it.
    };

    /// Told when a tick could not be accepted (it did not happen) or a schedule cannot be read (it has no ticks), and
    /// with no Error when a later tick was accepted after all.
    using Report = std::function<void(const Item &item, const Result<> &well)>;

    ScheduleSource(Loop &loop, EventSink &sink, Report report);
    ~ScheduleSource();
    ScheduleSource(const ScheduleSource &) = delete;
    ScheduleSource &operator=(const ScheduleSource &) = delete;

    /// Replaces all schedules. One that was there before, unchanged, keeps what it knows.
    void configure(std::vector<Item> items);

    [[nodiscard]] std::optional<WallTime> nextRun(const std::string &function, std::size_t trigger) const;

    /// The event the trigger would fire now, with an id of its own; the caller fires it. NotFound without such one.
    [[nodiscard]] Result<Event> tickNow(const std::string &function, std::size_t trigger) const;

private:
    struct Span
    {
        WallTime first;
        WallTime last;
    };
    struct Entry
    {
        Item item;
        Schedule schedule;
        std::optional<WallTime> next;
        std::vector<Span> fired; ///< Runs that have happened, each span without a gap.
        bool refused = false;    ///< The last tick was.
    };

    [[nodiscard]] static std::optional<WallTime> firstUnfired(const Entry &entry, WallTime after);
    static void markFired(Entry &entry, WallTime run);
    [[nodiscard]] std::optional<Entry> takeKnown(const Item &item);
    [[nodiscard]] const Entry *find(const std::string &function, std::size_t trigger) const;
    void wake();
    void arm();
    void fire(const Item &item, WallTime run);
    void onAnswered(const Item &item, const Result<> &accepted);

    Loop &m_loop;
    EventSink &m_sink;
    Report m_report;
    std::vector<Entry> m_entries;
    WallTime m_seen; ///< The wall clock when last looked at.
    TimerId m_timer = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true); ///< Answers may come after the end.
};

} // namespace kiln
