// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/base64.h"
#include "core/base/byte_size.h"
#include "core/base/digest.h"
#include "core/base/duration.h"
#include "core/base/timers.h"
#include "core/base/utf8.h"
#include "core/base/uuid.h"
#include "core/base/wall_time.h"
#include "tests/support/manual_clock.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

class tst_Base : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsByteSizes()
    {
        QCOMPARE(parseByteSize("256MB")->count, 268'435'456);
        QCOMPARE(parseByteSize("1 GB")->count, 1'073'741'824);
        QCOMPARE(parseByteSize("7")->count, 7);
        for (const char *bad : {"", "MB", "-1MB", "1.5MB", "1mb", "9999999999GB", "1MB "})
            QVERIFY2(!parseByteSize(bad), bad);
        QCOMPARE(toText(ByteSize{1536 << 20}), std::string("1536MB"));
        QCOMPARE(toText(1_GB), std::string("1GB"));
        QCOMPARE(toText(ByteSize{0}), std::string("0"));
    }

    void readsDurations()
    {
        QCOMPARE(*parseDuration("250ms"), 250ms);
        QCOMPARE(*parseDuration("6h"), 6h);
        QCOMPARE(*parseDuration("14d"), 14 * 24h);
        for (const char *bad : {"", "3", "s", "-1s", "3 s", "1.5s", "999999999999999d"})
            QVERIFY2(!parseDuration(bad), bad);
        QCOMPARE(toText(90s), std::string("90s"));
        QCOMPARE(toText(300s), std::string("5m"));
        QCOMPARE(toText(0ms), std::string("0s"));
    }

    void timersRunInOrderAndNotBeforeTheirTime()
    {
        test::ManualClock clock;
        Timers timers(clock);
        std::string ran;
        timers.after(2s, [&] { ran += 'b'; });
        timers.after(1s, [&] { ran += 'a'; });
        const TimerId cancelled = timers.after(1s, [&] { ran += 'x'; });
        timers.cancel(cancelled);
        QCOMPARE(timers.runDue(), 0);
        clock.advance(3s);
        QCOMPARE(timers.runDue(), 2);
        QCOMPARE(ran, std::string("ab"));
        QVERIFY(!timers.next());
    }

    void timersTellTheirOwnerOnlyWhenOneBecomesTheEarliest()
    {
        test::ManualClock clock;
        Timers timers(clock);
        int told = 0;
        timers.onEarlier([&](Instant) { ++told; });
        timers.after(5s, [] {});
        timers.after(9s, [] {});
        timers.after(1s, [] {});
        QCOMPARE(told, 2);
    }

    void aCancelledTimerWakesNobody()
    {
        test::ManualClock clock;
        Timers timers(clock);
        const TimerId cancelled = timers.after(1s, [] {});
        timers.after(5s, [] {});
        timers.cancel(cancelled);
        QCOMPARE(*timers.next() - clock.now(), Instant::duration(5s));
    }

    void cancelledTimersDoNotPileUp()
    {
        test::ManualClock clock;
        Timers timers(clock);
        for (int i = 0; i < 100'000; ++i)
            timers.cancel(timers.after(15min, [] {}));
        QCOMPARE(timers.pending(), std::size_t(0));
        timers.cancel(timers.after(1s, [] {}));
        clock.advance(2s);
        timers.runDue();
        clock.advance(20min);
        timers.runDue();
        QVERIFY(!timers.next());
    }

    void uuidsAreVersionSevenOrderedAndRoundTrip()
    {
        const WallTime now{1'700'000'000'000ms};
        Uuid last = Uuid::next(now);
        for (int i = 0; i < 10'000; ++i) {
            const Uuid id = Uuid::next(now);
            QVERIFY(last < id);
            last = id;
        }
        const std::string text = last.text();
        QCOMPARE(text.size(), std::size_t(36));
        QCOMPARE(text[14], '7');
        QCOMPARE(*Uuid::parse(text), last);
        QVERIFY(!Uuid::parse("018f0000-0000-7000-8000-00000000000g"));
        QVERIFY(!Uuid::parse(text + "0"));
    }

    void digestsAgreeWithTheStandard()
    {
        // FIPS 180-4, example "abc"
        QCOMPARE(sha256Hex("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QVERIFY(Sha256().addField("ab").addField("c").hex() != Sha256().addField("a").addField("bc").hex());
    }

    void base64RoundTripsAndRefusesWhatItIsNot()
    {
        // RFC 4648, section 10
        QCOMPARE(toBase64("foobar"), std::string("Zm9vYmFy"));
        QCOMPARE(toBase64("fooba"), std::string("Zm9vYmE="));
        QCOMPARE(toBase64("f"), std::string("Zg=="));
        QCOMPARE(toBase64(""), std::string());
        const std::string bytes("\0\xFF\n=", 4);
        QCOMPARE(*fromBase64(toBase64(bytes)), bytes);
        QCOMPARE(*fromBase64(""), std::string());
        for (const char *bad : {"Zg=", "Z", "Zm9 vYg==", "Zm9vYmF!", " Zg==", "Zg==\n"})
            QVERIFY2(!fromBase64(bad), bad);
        QCOMPARE(*fromLooseBase64("Zm9v\r\nYg"), std::string("foob"));
        QCOMPARE(*fromLooseBase64("Zm9vYg=="), std::string("foob"));
        for (const char *bad :
             {"Z", "Zm9vY", "Zg=", "Zg===", "Zm9v=", "Zm 9v", "Zg==Zg==", "Zm9-", "=", "Zm8==", "Zm9vYmF!"})
            QVERIFY2(!fromLooseBase64(bad), bad);
    }

    void illFormedUtf8IsReplacedAsBrowsersDo()
    {
        const std::string fffd = "\xEF\xBF\xBD";
        QCOMPARE(toUtf8("plain \xC3\xA9"), std::string("plain \xC3\xA9"));
        QCOMPARE(toUtf8("\xFF"), fffd);
        QCOMPARE(toUtf8("\xE2\x82"), fffd);                   // truncated: one replacement
        QCOMPARE(toUtf8("\xC0\xAF"), fffd + fffd);            // overlong
        QCOMPARE(toUtf8("\xED\xA0\x80"), fffd + fffd + fffd); // surrogate
        QCOMPARE(toUtf8("\xF0\x9F\x98\x41"), fffd + "A");
        QVERIFY(!isUtf8("\xF5\x80\x80\x80"));
    }

    void aPlainLineHasNothingThatATerminalWouldObey()
    {
        QCOMPARE(toPlainLine("a\x1b[2J\n\x7f\xC2\x9B\xC2\xA0z", 100), std::string("a [2J   \xC2\xA0z"));
        QCOMPARE(toPlainLine("\xFF", 100), std::string("\xEF\xBF\xBD"));
        QCOMPARE(toPlainLine("abcdef", 3), std::string("abc…"));
    }

    void readsAndWritesRfc3339()
    {
        const auto time = parseIso8601("2026-03-01T12:00:00.250+02:00");
        QVERIFY(time);
        QCOMPARE(toIso8601(*time), std::string("2026-03-01T10:00:00.250Z"));
        for (const char *bad : {"", "2026-03-01", "2026-02-30T00:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T12:00:00",
                                "2026-03-01T12:00:00Zx", "2026-03-01T12:00:00+0200"})
            QVERIFY2(!parseIso8601(bad), bad);
    }
};

QTEST_GUILESS_MAIN(tst_Base)
#include "tst_base.moc"
