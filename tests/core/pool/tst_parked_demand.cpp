// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/pool/parked_demand.h"

#include <QTest>

using namespace kiln;
using namespace std::chrono_literals;

class tst_ParkedDemand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneIsKeptBeforeAnythingIsKnown() { QCOMPARE(ParkedDemand().wanted({}), 1); }

    void asManyAreKeptAsWereTakenTogether()
    {
        ParkedDemand demand;
        const Instant begin{};
        for (int i = 0; i < 7; ++i)
            demand.taken(begin + i * 10ms);
        for (int i = 1; i < 50; ++i)
            demand.taken(begin + i * 2s); // one by one: no burst
        QCOMPARE(demand.wanted(begin + 100s), 7);
    }

    void aBurstIsForgottenAfterMinutes()
    {
        ParkedDemand demand;
        for (int i = 0; i < 7; ++i)
            demand.taken({});
        QCOMPARE(demand.wanted(Instant{} + 4min), 7);
        QCOMPARE(demand.wanted(Instant{} + 6min), 1);
    }

    void thereIsABound()
    {
        ParkedDemand demand;
        for (int i = 0; i < 1'000; ++i)
            demand.taken({});
        QCOMPARE(demand.wanted({}), ParkedDemand::most);
    }
};

QTEST_GUILESS_MAIN(tst_ParkedDemand)
#include "tst_parked_demand.moc"
