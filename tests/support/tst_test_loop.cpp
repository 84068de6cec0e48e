// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/manual_clock.h"
#include "tests/support/test_loop.h"

#include <QTest>

#include <unistd.h>

using namespace kiln;
using namespace kiln::test;
using namespace std::chrono_literals;

class tst_TestLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsWhatIsPostedInOrder()
    {
        TestLoop loop;
        std::string ran;
        loop.post([&] {
            ran += 'a';
            loop.post([&] { ran += 'c'; });
        });
        loop.post([&] { ran += 'b'; });
        loop.runReady();
        QCOMPARE(ran, std::string("abc"));
    }

    void aCallbackMayDestroyItsOwnAndOthersWatches()
    {
        TestLoop loop;
        int ends[2];
        QCOMPARE(::pipe(ends), 0);
        const UniqueFd readEnd(ends[0]), writeEnd(ends[1]);
        std::unique_ptr<Loop::Watch> first, second;
        int calls = 0;
        const auto both = [&] {
            ++calls;
            first.reset();
            second.reset();
        };
        first = loop.watch(ends[0], Loop::Readiness::Readable, both);
        second = loop.watch(ends[0], Loop::Readiness::Readable, both);
        loop.runReady();
        QCOMPARE(calls, 0);
        QCOMPARE(::write(ends[1], "x", 1), ssize_t(1));
        loop.runReady();
        QCOMPARE(calls, 1);
        QCOMPARE(loop.watches(), std::size_t(0));
    }

    void timersFollowTheClockTheyWereGiven()
    {
        ManualClock clock;
        TestLoop loop(clock);
        int ran = 0;
        loop.timers().after(1h, [&] { ++ran; });
        loop.runReady();
        QCOMPARE(ran, 0);
        clock.advance(1h);
        loop.runReady();
        QCOMPARE(ran, 1);
        TestLoop real;
        real.timers().after(5ms, [&] { ++ran; });
        QVERIFY(real.runUntil([&] { return ran == 2; }));
        QVERIFY(!real.runUntil([] { return false; }, 10ms));
    }

    void offloadsInOrderAndComesBack()
    {
        TestLoop loop;
        const auto here = std::this_thread::get_id();
        std::string worked, done; // The first is the worker thread's until runReady returns.
        for (const char c : {'a', 'b', 'c'})
            loop.offload([&, c] { worked += std::this_thread::get_id() == here ? '!' : c; },
                         [&, c] { done += std::this_thread::get_id() == here ? c : '!'; });
        loop.runReady();
        QCOMPARE(worked, std::string("abc"));
        QCOMPARE(done, std::string("abc"));
    }
};

QTEST_GUILESS_MAIN(tst_TestLoop)
#include "tst_test_loop.moc"
