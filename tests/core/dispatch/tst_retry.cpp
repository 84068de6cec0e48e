// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/dispatch/retry.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

class tst_Retry : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waitsAMinuteAfterTheFirstFailureAndTwoAfterTheSecond()
    {
        const WallTime now{1'000'000s};
        const RetryPolicy policy{.retries = 2};
        QCOMPARE(std::get<RetryAt>(afterFailure(policy, 1, now, now)).when, now + 1min);
        QCOMPARE(std::get<RetryAt>(afterFailure(policy, 2, now, now)).when, now + 2min);
    }

    void givesUpWhenAttemptsAreUsedUp()
    {
        const WallTime now{1'000'000s};
        const auto after = afterFailure({.retries = 2}, 3, now, now);
        QVERIFY(std::get<GiveUp>(after).why == GiveUp::Why::NoAttemptsLeft);
        QVERIFY(std::holds_alternative<GiveUp>(afterFailure({.retries = 0}, 1, now, now)));
    }

    void givesUpWhenTheNextAttemptWouldComeTooLate()
    {
        const WallTime accepted{1'000'000s};
        const RetryPolicy policy{.retries = 5, .maxAge = 90s};
        QVERIFY(std::holds_alternative<RetryAt>(afterFailure(policy, 1, accepted, accepted + 20s)));
        QVERIFY(std::get<GiveUp>(afterFailure(policy, 1, accepted, accepted + 40s)).why == GiveUp::Why::TooOld);
    }
};

QTEST_GUILESS_MAIN(tst_Retry)
#include "tst_retry.moc"
