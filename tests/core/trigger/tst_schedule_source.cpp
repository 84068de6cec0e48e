// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/base/uuid.h"
#include "core/base/wall_time.h"
#include "core/trigger/json_string.h"
#include "core/trigger/schedule_source.h"
#include "core/trigger/scheduled_event.h"
#include "tests/support/manual_loop.h"

#include <QElapsedTimer>
#include <QTest>

#include <set>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

/// Keeps what was emitted; accepts it, or refuses it with the error set.
class KeepingSink final : public EventSink
{
public:
    struct Emitted
    {
        Target target;
        Event event;
    };
    std::vector<Emitted> emitted;
    std::optional<Error> refusal;
    std::function<void()> onEmit;
    bool holdAnswers = false;
    std::vector<std::function<void(Result<>)>> held;

    void emit(Target target, Event event, std::function<void(Result<>)> accepted) override
    {
        emitted.push_back({std::move(target), std::move(event)});
        if (onEmit)
            onEmit();
        if (holdAnswers)
            held.push_back(std::move(accepted));
        else
            accepted(refusal ? Result<>(tl::make_unexpected(*refusal)) : Result<>());
    }
    void request(Target, Event, std::function<void(Result<InvocationPtr>)>) override {}

    [[nodiscard]] std::string times() const
    {
        std::string list;
        for (const Emitted &one : emitted)
            list += (list.empty() ? "" : " ") + toIso8601(one.event.time).substr(5, 11);
        return list;
    }
};

WallTime utc(const char *text) { return parseIso8601(text).value(); }

} // namespace

/// The clock stands at 2026-03-01 00:00Z when a test begins.
class tst_ScheduleSource : public QObject
{
    Q_OBJECT

private:
    struct Bench
    {
        test::ManualLoop loop;
        KeepingSink sink;
        std::vector<std::string> reports;
        ScheduleSource source{loop, sink, [this](const ScheduleSource::Item &item, const Result<> &well) {
                                  reports.push_back(item.function + ": " + (well ? "well again" : well.error().text()));
                              }};
        /// As when an administrator sets the clock, or the machine slept: the monotonic clock does not move.
        void stepWall(nanoseconds by) { loop.manualClock.setWall(loop.manualClock.wall() + floor<microseconds>(by)); }
    };

private Q_SLOTS:
    void aTickIsEventBridgesScheduledEvent()
    {
        Bench bench;
        bench.source.configure({{"report", 2, {"0 2 * * *", "UTC"}, {}}});
        bench.loop.pass(2h);
        QCOMPARE(bench.sink.emitted.size(), std::size_t(1));
        const auto &[target, event] = bench.sink.emitted.front();
        QCOMPARE(target.function, std::string("report"));
        QCOMPARE(target.triggerKind, std::string("schedule"));
        QCOMPARE(event.type, std::string("kiln.schedule.tick"));
        QCOMPARE(event.time, utc("2026-03-01T02:00:00Z"));
        QVERIFY(Uuid::parse(event.id));
        QCOMPARE(*event.data,
                 R"({"version":"0","id":")" + event.id +
                     R"(","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000",)"
                     R"("time":"2026-03-01T02:00:00Z","region":"us-east-1",)"
                     R"("resources":["arn:aws:events:us-east-1:000000000000:rule/report-2"],"detail":{}})");
    }

    void aWeekOfSchedulesRunsInASecond()
    {
        QElapsedTimer watch;
        watch.start();
        Bench bench;
        std::vector<ScheduleSource::Item> items;
        for (std::size_t i = 0; i < 20; ++i)
            items.push_back({"f", i, {"*/" + std::to_string(i + 1) + " * * * *", "Europe/Berlin"}, {}});
        items.push_back({"nightly", 0, {"0 2 * * *", "America/New_York"}, {}});
        items.push_back({"rate", 0, {"rate(7 minutes)", "UTC"}, {}});
        bench.source.configure(std::move(items));
        bench.loop.pass(7 * 24h);
        std::map<std::string, int> count;
        std::set<std::string> ids;
        for (const auto &one : bench.sink.emitted) {
            ++count[one.target.function];
            ids.insert(one.event.id);
        }
        QCOMPARE(count["nightly"], 7);
        QCOMPARE(count["rate"], 7 * 24 * 60 / 7);
        int expected = 0;
        for (int step = 1; step <= 20; ++step)
            expected += 7 * 24 * ((60 + step - 1) / step);
        QCOMPARE(count["f"], expected);
        QCOMPARE(ids.size(), bench.sink.emitted.size());
        qInfo("%zu ticks of a week in %lld ms", bench.sink.emitted.size(), watch.elapsed());
    }

    void aClockSetForwardFiresWhatWasJumpedOverOnce()
    {
        Bench bench;
        bench.source.configure({{"often", 0, {"*/5 * * * *", "UTC"}, {}}, {"daily", 0, {"0 2 * * *", "UTC"}, {}}});
        bench.loop.pass(6min);
        QCOMPARE(bench.sink.times(), std::string("03-01T00:05"));
        bench.stepWall(8h); // 08:06
        bench.loop.pass(1min);
        QCOMPARE(bench.sink.times(), std::string("03-01T00:05 03-01T00:10 03-01T02:00"));
        bench.loop.pass(4min);
        QCOMPARE(bench.sink.times(), std::string("03-01T00:05 03-01T00:10 03-01T02:00 03-01T08:10"));
    }

    void aClockSetBackNeverFiresATickTwice()
    {
        Bench bench;
        bench.source.configure({{"f", 0, {"*/10 * * * *", "UTC"}, {}}});
        bench.loop.pass(35min);
        bench.stepWall(-20min); // 00:15: 00:20 and 00:30 come again
        bench.loop.pass(30min);
        QCOMPARE(bench.sink.times(), std::string("03-01T00:10 03-01T00:20 03-01T00:30 03-01T00:40"));
        // A clock that was wrong by a year is mended: the ticks of now are fired, not those of the year after.
        bench.stepWall(365 * 24h);
        bench.loop.pass(1min);
        bench.stepWall(-365 * 24h);
        bench.sink.emitted.clear();
        bench.loop.pass(14min);
        QCOMPARE(bench.sink.times(), std::string("03-01T01:00"));
    }

    void aClockThatSwingsFiresEachTickOnce()
    {
        Bench bench;
        bench.source.configure({{"f", 0, {"* * * * *", "UTC"}, {}}});
        for (int i = 0; i < 200; ++i) {
            bench.loop.pass(3min);
            bench.stepWall(i % 2 == 0 ? -10min : 9min);
        }
        std::set<WallTime> times;
        for (const auto &one : bench.sink.emitted)
            QVERIFY2(times.insert(one.event.time).second, toIso8601(one.event.time).c_str());
        QVERIFY(times.size() > 300);
    }

    void configuringAnewKeepsWhatIsUnchanged()
    {
        Bench bench;
        const ScheduleTrigger rate{"rate(10 minutes)", "UTC"};
        bench.source.configure({{"f", 0, rate, {}}});
        bench.loop.pass(4min);
        bench.source.configure({{"f", 0, {"0 5 * * *", "UTC"}, {}}, {"f", 1, rate, {}}});
        QCOMPARE(*bench.source.nextRun("f", 1), utc("2026-03-01T00:10:00Z"));
        QCOMPARE(*bench.source.nextRun("f", 0), utc("2026-03-01T05:00:00Z"));
        bench.loop.pass(7min);
        QCOMPARE(bench.sink.times(), std::string("03-01T00:10"));
        // Gone and back again: the rate counts anew, unless told from when.
        bench.source.configure({});
        QCOMPARE(bench.loop.timers().pending(), std::size_t(0));
        bench.source.configure({{"f", 0, rate, {}}, {"g", 0, rate, utc("2026-03-01T00:04:00Z")}});
        QCOMPARE(*bench.source.nextRun("f", 0), utc("2026-03-01T00:21:00Z"));
        QCOMPARE(*bench.source.nextRun("g", 0), utc("2026-03-01T00:14:00Z"));
        QVERIFY(!bench.source.nextRun("f", 1));
    }

    void aTriggerCanBeRunNow()
    {
        Bench bench;
        bench.source.configure({{"f", 0, {"0 2 * * *", "UTC"}, {}}});
        const Result<Event> event = bench.source.tickNow("f", 0);
        QVERIFY(event);
        QCOMPARE(event->time, utc("2026-03-01T00:00:00Z"));
        QVERIFY(event->id != bench.source.tickNow("f", 0)->id);
        QVERIFY(!bench.source.tickNow("f", 1));
        QVERIFY(bench.sink.emitted.empty());
    }

    void whatCannotBeAcceptedIsTold()
    {
        Bench bench;
        bench.sink.refusal = Error{Error::Code::Store, "the disk is full", "events.db", "make room", 0};
        bench.source.configure({{"f", 0, {"*/10 * * * *", "UTC"}, {}}, {"g", 0, {"never", "UTC"}, {}}});
        QCOMPARE(bench.reports.size(), std::size_t(1));
        QVERIFY(bench.reports[0].starts_with("g: expected five fields"));
        bench.loop.pass(10min);
        QCOMPARE(bench.reports.back(), std::string("f: events.db: the disk is full: make room"));
        bench.sink.refusal.reset();
        bench.loop.pass(20min);
        QCOMPARE(bench.reports.size(), std::size_t(3)); // once
        QCOMPARE(bench.reports.back(), std::string("f: well again"));
    }

    void answersMayComeAfterItsEnd()
    {
        test::ManualLoop loop;
        KeepingSink sink;
        sink.holdAnswers = true;
        int reports = 0;
        auto source = std::make_unique<ScheduleSource>(
            loop, sink, [&reports](const ScheduleSource::Item &, const Result<> &) { ++reports; });
        source->configure({{"f", 0, {"* * * * *", "UTC"}, {}}, {"g", 0, {"* * * * *", "UTC"}, {}}});
        sink.onEmit = [&] { source.reset(); };
        loop.pass(5min);
        QCOMPARE(sink.held.size(), std::size_t(1));
        sink.held.front()(fail(Error::Code::Store, "late"));
        QCOMPARE(reports, 0);
        QCOMPARE(loop.timers().pending(), std::size_t(0));
    }

    void textBecomesAJsonString()
    {
        std::string out;
        appendJsonString(out, std::string_view("a\"b\\c\n\x01/\xC3\xA9\xFF\0z", 13));
        QCOMPARE(out, std::string("\"a\\\"b\\\\c\\n\\u0001/\xC3\xA9\xEF\xBF\xBD\\u0000z\""));
    }
};

QTEST_GUILESS_MAIN(tst_ScheduleSource)
#include "tst_schedule_source.moc"
