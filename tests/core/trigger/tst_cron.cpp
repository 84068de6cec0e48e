// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/base/wall_time.h"
#include "core/trigger/cron.h"

#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

LocalMinute at(int y, unsigned m, unsigned d, int hour, int minute)
{
    return local_days(year(y) / month(m) / day(d)) + hours(hour) + minutes(minute);
}

std::string text(LocalMinute time) { return toIso8601(WallTime(time.time_since_epoch())).substr(0, 16); }

Cron cron(const char *expression)
{
    const Result<Cron> parsed = Cron::parse(expression);
    if (!parsed)
        qFatal("%s: %s", expression, parsed.error().text().c_str());
    return *parsed;
}

} // namespace

class tst_Cron : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheNextRun_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("expected");
        // After 2026-03-01 12:30, a Sunday.
        QTest::newRow("every minute") << "* * * * *"
                                      << "2026-03-01T12:31";
        QTest::newRow("later today") << "0 14 * * *"
                                     << "2026-03-01T14:00";
        QTest::newRow("the minute itself is past") << "30 12 * * *"
                                                   << "2026-03-02T12:30";
        QTest::newRow("tomorrow") << "0 2 * * *"
                                  << "2026-03-02T02:00";
        QTest::newRow("step") << "*/15 * * * *"
                              << "2026-03-01T12:45";
        QTest::newRow("step within a range") << "10-40/10 * * * *"
                                             << "2026-03-01T12:40";
        QTest::newRow("step from a value") << "40/7 * * * *"
                                           << "2026-03-01T12:40";
        QTest::newRow("list") << "5,50,20 * * * *"
                              << "2026-03-01T12:50";
        QTest::newRow("hours range") << "0 9-11 * * *"
                                     << "2026-03-02T09:00";
        QTest::newRow("month by name") << "0 0 1 apr *"
                                       << "2026-04-01T00:00";
        QTest::newRow("names in a range") << "0 0 1 JUN-AUG *"
                                          << "2026-06-01T00:00";
        QTest::newRow("weekday by name") << "0 0 * * Wed"
                                         << "2026-03-04T00:00";
        QTest::newRow("weekdays") << "0 0 * * MON-FRI"
                                  << "2026-03-02T00:00";
        QTest::newRow("7 is Sunday") << "0 0 * * 7"
                                     << "2026-03-08T00:00";
        QTest::newRow("0 is Sunday") << "0 0 * * 0"
                                     << "2026-03-08T00:00";
        QTest::newRow("range into Sunday") << "0 13 * * FRI-SUN"
                                           << "2026-03-01T13:00";
        QTest::newRow("5-7") << "0 13 * * 5-7"
                             << "2026-03-01T13:00";
        QTest::newRow("either day: the 13th or a Friday") << "0 0 13 * FRI"
                                                          << "2026-03-06T00:00";
        QTest::newRow("both days when one begins with a star") << "0 0 */2 * MON"
                                                               << "2026-03-09T00:00";
        QTest::newRow("31st skips short months") << "0 0 31 4-7 *"
                                                 << "2026-05-31T00:00";
        QTest::newRow("leap day") << "0 0 29 2 *"
                                  << "2028-02-29T00:00";
        QTest::newRow("leap day that is a Monday") << "0 0 29 2 */7"
                                                   << "2032-02-29T00:00"; // */7 is 0: a Sunday
        QTest::newRow("end of the year") << "59 23 31 12 *"
                                         << "2026-12-31T23:59";
        QTest::newRow("blanks around and between") << "  0\t14  * * *  "
                                                   << "2026-03-01T14:00";
    }
    void findsTheNextRun()
    {
        QFETCH(QString, expression);
        QFETCH(QString, expected);
        const auto next = cron(expression.toUtf8().constData()).next(at(2026, 3, 1, 12, 30));
        QVERIFY(next);
        QCOMPARE(text(*next), expected.toStdString());
    }

    void eachRunIsLaterThanTheLastAndFits()
    {
        const Cron expression = cron("7,37 3-5 */3 * *");
        LocalMinute last = at(2026, 1, 1, 0, 0);
        for (int i = 0; i < 5000; ++i) {
            const auto next = expression.next(last);
            QVERIFY(next && *next > last);
            const auto dayOfRun = floor<days>(*next);
            const hh_mm_ss time(*next - dayOfRun);
            QVERIFY(time.minutes() == 7min || time.minutes() == 37min);
            QVERIFY(time.hours() >= 3h && time.hours() <= 5h);
            QCOMPARE(unsigned(year_month_day(dayOfRun).day()) % 3, 1U);
            last = *next;
        }
    }

    void agreesWithTryingEveryMinute()
    {
        const Cron expression = cron("*/20 1,13 10-12 2,11 TUE");
        LocalMinute last = at(2025, 12, 31, 23, 59);
        const auto &fields = expression.fields();
        for (LocalMinute minute = last + 1min; minute < at(2027, 1, 1, 0, 0); minute += 1min) {
            const auto dayOfRun = floor<days>(minute);
            const year_month_day date(dayOfRun);
            const hh_mm_ss time(minute - dayOfRun);
            const bool fits =
                (fields.minutes >> time.minutes().count() & 1) && (fields.hours >> time.hours().count() & 1) &&
                (fields.months >> unsigned(date.month()) & 1) &&
                ((fields.days >> unsigned(date.day()) & 1) || (fields.weekdays >> weekday(dayOfRun).c_encoding() & 1));
            if (!fits)
                continue;
            QCOMPARE(text(*expression.next(last)), text(minute));
            last = minute;
        }
        QVERIFY(last > at(2026, 11, 1, 0, 0));
    }

    void saysWhichFieldIsWrongAndWhatWasExpected_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("message");
        QTest::newRow("minute") << "61 * * * *"
                                << "minute: 61 is out of 0–59";
        QTest::newRow("hour") << "0 24 * * *"
                              << "hour: 24 is out of 0–23";
        QTest::newRow("day") << "0 0 0 * *"
                             << "day of month: 0 is out of 1–31";
        QTest::newRow("month") << "0 0 1 13 *"
                               << "month: 13 is out of 1–12";
        QTest::newRow("weekday") << "0 0 * * 8"
                                 << "day of week: 8 is out of 0–7";
        QTest::newRow("huge") << "99999999999999999999 * * * *"
                              << "minute: 99999999999999999999 is out of 0–59";
        QTest::newRow("name") << "0 0 1 JANUARY *"
                              << "month: expected a number 1–12 or a name JAN–DEC, found \"JANUARY\"";
        QTest::newRow("word") << "five * * * *"
                              << "minute: expected a number 0–59, found \"five\"";
        QTest::newRow("negative") << "-1 * * * *"
                                  << "minute: expected a number 0–59, found \"\"";
        QTest::newRow("empty list item") << "1,,2 * * * *"
                                         << "minute: expected a number 0–59, found \"\"";
        QTest::newRow("backwards") << "0 22-2 * * *"
                                   << "hour: the range 22-2 runs backwards: write it as two, 22-23,0-2";
        QTest::newRow("no step") << "*/ * * * *"
                                 << "minute: expected a number after \"/\", found \"\"";
        QTest::newRow("step 0") << "*/0 * * * *"
                                << "minute: the step 0 is out of 1–59";
        QTest::newRow("step too far") << "*/60 * * * *"
                                      << "minute: the step 60 is out of 1–59";
        QTest::newRow("question mark") << "0 0 ? * MON"
                                       << "day of month: \"?\" is not part of five-field cron: write * for any";
        QTest::newRow("four") << "0 0 * *"
                              << "expected five fields or rate(…), found 4 fields: write minute, hour, day of month, "
                                 "month and day of week, such as \"0 2 * * *\"";
        QTest::newRow("six") << "cron(0 10 * * ? *)"
                             << "expected five fields or rate(…), found 6 fields: write the five fields alone, without "
                                "cron(…), without the year and with * for ?";
        QTest::newRow("macro") << "@daily"
                               << "expected five fields or rate(…), found 1 field: write it as five fields, such as "
                                  "\"0 0 * * *\" for @daily";
        QTest::newRow("never") << "0 0 30 2 *"
                               << "never fires: no such day exists in the months given: check day of month and month";
        QTest::newRow("never, twice") << "0 0 31 4,6 *"
                                      << "never fires: no such day exists in the months given: check day of month and "
                                         "month";
    }
    void saysWhichFieldIsWrongAndWhatWasExpected()
    {
        QFETCH(QString, expression);
        QFETCH(QString, message);
        const Result<Cron> parsed = Cron::parse(expression.toStdString());
        QVERIFY(!parsed);
        QCOMPARE(QString::fromStdString(parsed.error().text()), message);
    }

    void anImpossibleDateBesideAWeekdayStillFires()
    {
        QCOMPARE(text(*cron("0 0 30 2 MON").next(at(2026, 2, 1, 0, 0))), std::string("2026-02-02T00:00"));
    }

    void whateverIsParsedCanBeRun()
    {
        std::mt19937 random(2026);
        const std::string letters = "0123456789 ***//,,--JANMONsun?@()\t\xC3x";
        int good = 0;
        for (int i = 0; i < 200'000; ++i) {
            std::string expression;
            if (i % 2 == 0) { // any characters
                for (auto length = random() % 20; length > 0; --length)
                    expression += letters[random() % letters.size()];
            } else { // nearly right
                for (int field = 0; field < 5; ++field) {
                    for (auto length = 1 + random() % 2; length > 0; --length)
                        expression += letters[random() % 18];
                    expression += ' ';
                }
            }
            const Result<Cron> parsed = Cron::parse(expression);
            if (!parsed) {
                QVERIFY(!parsed.error().message.empty());
                continue;
            }
            ++good;
            const auto next = parsed->next(at(2026, 3, 1, 12, 30));
            QVERIFY2(next && *next > at(2026, 3, 1, 12, 30), expression.c_str());
        }
        QVERIFY(good > 100);
        QVERIFY(!Cron::parse(std::string(1'000'000, '*')));
        QVERIFY(!Cron::parse(std::string("0 0 * * *\0", 10)));
    }
};

QTEST_GUILESS_MAIN(tst_Cron)
#include "tst_cron.moc"
