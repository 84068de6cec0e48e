// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/base/wall_time.h"
#include "core/trigger/schedule.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

WallTime utc(const char *text)
{
    const auto time = parseIso8601(text);
    if (!time)
        qFatal("not a time: %s", text);
    return *time;
}

Schedule schedule(const char *expression, const char *zone = "UTC")
{
    Result<Schedule> parsed = Schedule::parse({expression, zone});
    if (!parsed)
        qFatal("%s %s: %s", expression, zone, parsed.error().text().c_str());
    return std::move(*parsed);
}

/// The runs after `after`, as "03-29T01:00 03-30T00:00 …".
std::string runs(const Schedule &schedule, const char *after, int count)
{
    std::string list;
    for (const WallTime run : schedule.nextRuns(utc(after), count))
        list += (list.empty() ? "" : " ") + toIso8601(run).substr(5, 11);
    return list;
}

} // namespace

class tst_Schedule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void followsTheZone()
    {
        QCOMPARE(runs(schedule("0 2 * * *"), "2026-06-01T00:00:00Z", 2), std::string("06-01T02:00 06-02T02:00"));
        QCOMPARE(runs(schedule("0 2 * * *", "Europe/Berlin"), "2026-06-01T01:00:00Z", 1), std::string("06-02T00:00"));
        QCOMPARE(runs(schedule("0 2 * * *", "Europe/Berlin"), "2026-01-01T02:00:00Z", 1), std::string("01-02T01:00"));
        QCOMPARE(runs(schedule("30 9 * * MON", "Asia/Kathmandu"), "2026-06-01T00:00:00Z", 1),
                 std::string("06-01T03:45"));
    }

    void aRunIsStrictlyLaterThanTheTimeAsked()
    {
        const Schedule daily = schedule("0 2 * * *");
        QCOMPARE(*daily.next(utc("2026-06-01T01:59:59.999Z")), utc("2026-06-01T02:00:00Z"));
        QCOMPARE(*daily.next(utc("2026-06-01T02:00:00Z")), utc("2026-06-02T02:00:00Z"));
        QCOMPARE(*daily.next(utc("2026-06-01T02:00:00Z") - 1us), utc("2026-06-01T02:00:00Z"));
    }

    // Berlin: 2026-03-29 02:00 -> 03:00 at 01:00Z; 2026-10-25 03:00 -> 02:00 at 01:00Z.
    void aSkippedRunHappensOnceRightAfterTheGap()
    {
        const Schedule daily = schedule("30 2 * * *", "Europe/Berlin");
        QCOMPARE(runs(daily, "2026-03-28T00:00:00Z", 3), std::string("03-28T01:30 03-29T01:00 03-30T00:30"));
        QCOMPARE(*daily.next(utc("2026-03-29T00:59:59.999Z")), utc("2026-03-29T01:00:00Z"));
        QCOMPARE(*daily.next(utc("2026-03-29T01:00:00Z")), utc("2026-03-30T00:30:00Z"));
        // Several skipped runs happen together, and with the one that is due then anyway.
        QCOMPARE(runs(schedule("*/20 2,3 * * *", "Europe/Berlin"), "2026-03-29T00:00:00Z", 4),
                 std::string("03-29T01:00 03-29T01:20 03-29T01:40 03-30T00:00"));
        QCOMPARE(runs(schedule("30 2 * * *", "America/New_York"), "2026-03-07T12:00:00Z", 2),
                 std::string("03-08T07:00 03-09T06:30"));
    }

    void aRunInARepeatedHourHappensAtTheFirst()
    {
        const Schedule daily = schedule("30 2 * * *", "Europe/Berlin");
        QCOMPARE(runs(daily, "2026-10-24T12:00:00Z", 2), std::string("10-25T00:30 10-26T01:30"));
        // Asked in the midst of the repeated hour, too.
        QCOMPARE(*daily.next(utc("2026-10-25T01:10:00Z")), utc("2026-10-26T01:30:00Z"));
        QCOMPARE(runs(schedule("30 1,2 * * *", "America/New_York"), "2026-11-01T00:00:00Z", 3),
                 std::string("11-01T05:30 11-01T07:30 11-02T06:30"));
        QCOMPARE(runs(schedule("0 */2 * * *", "Europe/Berlin"), "2026-10-24T21:00:00Z", 4),
                 std::string("10-24T22:00 10-25T00:00 10-25T03:00 10-25T05:00"));
    }

    void aScheduleForEveryHourKeepsItsRhythm()
    {
        const Schedule quarterly = schedule("*/15 * * * *", "Europe/Berlin");
        for (const char *from : {"2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z"}) {
            WallTime last = utc(from);
            for (const WallTime run : quarterly.nextRuns(last, 40)) {
                QCOMPARE(run - last, WallTime::duration(15min));
                last = run;
            }
        }
        QCOMPARE(runs(schedule("30 * * * *", "Europe/Berlin"), "2026-03-28T23:45:00Z", 3),
                 std::string("03-29T00:30 03-29T01:30 03-29T02:30"));
        QCOMPARE(runs(schedule("30 * * * *", "America/New_York"), "2026-11-01T05:00:00Z", 3),
                 std::string("11-01T05:30 11-01T06:30 11-01T07:30"));
    }

    // Lord Howe moves by half an hour: 2026-10-04 02:00 -> 02:30 at 10-03T15:30Z; 2026-04-05 02:00 -> 01:30 at 15:00Z.
    void halfAnHourIsAGapToo()
    {
        const Schedule daily = schedule("15 2 * * *", "Australia/Lord_Howe");
        QCOMPARE(runs(daily, "2026-10-02T00:00:00Z", 3), std::string("10-02T15:45 10-03T15:30 10-04T15:15"));
        QCOMPARE(runs(schedule("45 2 * * *", "Australia/Lord_Howe"), "2026-10-03T00:00:00Z", 1),
                 std::string("10-03T15:45"));
        const Schedule repeated = schedule("45 1 * * *", "Australia/Lord_Howe");
        QCOMPARE(runs(repeated, "2026-04-04T00:00:00Z", 2), std::string("04-04T14:45 04-05T15:15"));
        QCOMPARE(runs(schedule("*/30 * * * *", "Australia/Lord_Howe"), "2026-04-04T14:00:00Z", 4),
                 std::string("04-04T14:30 04-04T15:00 04-04T15:30 04-04T16:00"));
    }

    void aDayThatAZoneLeftOutIsMadeUpFor()
    {
        // Samoa went from 29 to 31 December 2011.
        QCOMPARE(runs(schedule("0 12 30 12 *", "Pacific/Apia"), "2011-12-29T00:00:00Z", 1), std::string("12-30T10:00"));
    }

    void farRunsAreFound()
    {
        QCOMPARE(*schedule("0 0 29 2 */7", "America/New_York").next(utc("2026-03-01T00:00:00Z")),
                 utc("2032-02-29T05:00:00Z"));
    }

    void aRateCountsFromItsAnchor()
    {
        Schedule rate = schedule("rate(5 minutes)");
        QCOMPARE(*rate.next(utc("2026-06-01T00:01:30Z")), utc("2026-06-01T00:06:30Z"));
        rate.setAnchor(utc("2026-06-01T00:01:00Z"));
        QCOMPARE(*rate.next(utc("2026-06-01T00:01:30Z")), utc("2026-06-01T00:06:00Z"));
        QCOMPARE(*rate.next(utc("2026-06-01T00:06:00Z")), utc("2026-06-01T00:11:00Z"));
        QCOMPARE(*rate.next(utc("2026-06-01T00:00:00Z")), utc("2026-06-01T00:01:00Z"));
        QCOMPARE(*rate.next(utc("2026-05-31T23:57:30Z")), utc("2026-06-01T00:01:00Z"));
        QCOMPARE(*schedule("rate(1 hour)").next(utc("2026-06-01T00:00:00Z")), utc("2026-06-01T01:00:00Z"));
        QCOMPARE(*schedule(" rate( 2  days ) ").next(utc("2026-06-01T00:00:00Z")), utc("2026-06-03T00:00:00Z"));
    }

    void badSchedulesAreToldWithTheirRemedy_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("zone");
        QTest::addColumn<QString>("part");
        QTest::newRow("singular") << "rate(1 minutes)"
                                  << "UTC"
                                  << "rate: 1 takes \"minute\"";
        QTest::newRow("plural") << "rate(5 minute)"
                                << "UTC"
                                << "rate: 5 takes \"minutes\"";
        QTest::newRow("zero") << "rate(0 minutes)"
                              << "UTC"
                              << "rate: 0 is out of 1–5270400";
        QTest::newRow("negative") << "rate(-1 days)"
                                  << "UTC"
                                  << "rate: -1 is out of 1–3660";
        QTest::newRow("overflow") << "rate(99999999999999999999 days)"
                                  << "UTC"
                                  << "is out of 1–3660";
        QTest::newRow("unit") << "rate(5 seconds)"
                              << "UTC"
                              << "expected minutes, hours or days, found \"seconds\"";
        QTest::newRow("no unit") << "rate(5)"
                                 << "UTC"
                                 << "expected minutes, hours or days, found \"\"";
        QTest::newRow("fraction") << "rate(1.5 hours)"
                                  << "UTC"
                                  << "expected a whole number, found \"1.5\"";
        QTest::newRow("open") << "rate(5 minutes"
                              << "UTC"
                              << "expected rate(…)";
        QTest::newRow("zone, last part") << "0 2 * * *"
                                         << "berlin"
                                         << "did you mean Europe/Berlin?";
        QTest::newRow("zone, letters") << "0 2 * * *"
                                       << "Europe/Berln"
                                       << "did you mean Europe/Berlin";
        QTest::newRow("zone, case and blank") << "0 2 * * *"
                                              << "america/new york"
                                              << "did you mean America/New_York";
        QTest::newRow("zone, nothing like it") << "0 2 * * *"
                                               << "Qwrtzplmnbvc"
                                               << "use an IANA name";
        QTest::newRow("zone of a rate") << "rate(1 day)"
                                        << "Nowhere/Land"
                                        << "unknown timezone \"Nowhere/Land\"";
        QTest::newRow("path") << "0 2 * * *"
                              << "../../../etc/passwd"
                              << "unknown timezone";
        QTest::newRow("empty zone") << "0 2 * * *"
                                    << ""
                                    << "unknown timezone \"\"";
        QTest::newRow("cron") << "0 2 * *"
                              << "UTC"
                              << "expected five fields";
    }
    void badSchedulesAreToldWithTheirRemedy()
    {
        QFETCH(QString, expression);
        QFETCH(QString, zone);
        QFETCH(QString, part);
        const auto problem = validateSchedule({expression.toStdString(), zone.toStdString()});
        QVERIFY(problem);
        QVERIFY2(problem->find(part.toStdString()) != std::string::npos, problem->c_str());
    }

    void goodSchedulesHaveNoProblem() { QVERIFY(!validateSchedule({"0 2 * * *", "Europe/Berlin"})); }

    void tellsItselfInWords_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("words");
        QTest::newRow("1") << "0 2 * * *"
                           << "every day at 02:00 UTC";
        QTest::newRow("2") << "0,30 8,20 * * *"
                           << "every day at 08:00, 08:30, 20:00 and 20:30 UTC";
        QTest::newRow("3") << "* * * * *"
                           << "every minute";
        QTest::newRow("4") << "*/5 * * * *"
                           << "every 5 minutes";
        QTest::newRow("5") << "0 * * * *"
                           << "every hour";
        QTest::newRow("6") << "15 * * * *"
                           << "every hour at minute 15";
        QTest::newRow("7") << "0 */2 * * *"
                           << "every 2 hours UTC";
        QTest::newRow("8") << "5,10 * * * *"
                           << "at minutes 5 and 10 of every hour";
        QTest::newRow("9") << "0 9 * * MON-FRI"
                           << "at 09:00 on Monday to Friday UTC";
        QTest::newRow("10") << "0 9 * * 6,7"
                            << "at 09:00 on Saturday and Sunday UTC";
        QTest::newRow("11") << "0 0 1 * *"
                            << "at 00:00 on day 1 of the month UTC";
        QTest::newRow("12") << "0 0 1,15 * MON"
                            << "at 00:00 on days 1 and 15 of the month or on Monday UTC";
        QTest::newRow("13") << "0 0 25 12 *"
                            << "at 00:00 on day 25 of the month in December UTC";
        QTest::newRow("14") << "*/10 9-17 * * MON-FRI"
                            << "every 10 minutes from 09:00 to 17:00 on Monday to Friday UTC";
        QTest::newRow("15") << "30 8-18 * * *"
                            << "at minute 30 past 08:00 to 18:00 UTC";
        QTest::newRow("16") << "rate(1 minute)"
                            << "every minute";
        QTest::newRow("17") << "rate(90 minutes)"
                            << "every 90 minutes";
        QTest::newRow("18") << "rate(120 minutes)"
                            << "every 2 hours";
        QTest::newRow("19") << "rate(2 days)"
                            << "every 2 days";
        QTest::newRow("20") << "0 0 */2 * MON"
                            << "at 00:00 on days 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the "
                               "month that are Monday UTC";
        QTest::newRow("21") << "0 0 1-31 * MON"
                            << "every day at 00:00 UTC";
    }
    void tellsItselfInWords()
    {
        QFETCH(QString, expression);
        QFETCH(QString, words);
        QCOMPARE(QString::fromStdString(schedule(expression.toUtf8().constData()).description()), words);
    }
};

QTEST_GUILESS_MAIN(tst_Schedule)
#include "tst_schedule.moc"
