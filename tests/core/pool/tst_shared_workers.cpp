// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"
#include "core/pool/worker_pool.h"
#include "tests/support/hand_launcher.h"
#include "tests/support/manual_clock.h"
#include "tests/support/test_loop.h"

#include <QTest>

#include <map>
#include <string>
#include <vector>

using namespace kiln;
using namespace std::chrono_literals;

/// A pool whose workers may have several events at once. Each worker's process is the test.
class tst_SharedWorkers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_clock = std::make_unique<test::ManualClock>();
        m_loop = std::make_unique<test::TestLoop>(*m_clock);
        m_handOff = std::make_unique<HandOff>(*m_loop);
        m_ready = 0;
        m_told.clear();
    }
    void cleanup()
    {
        m_pool.reset();
        m_launchers.clear();
        m_handOff.reset();
        m_loop.reset();
        m_clock.reset();
    }

    void theOneUsedLastIsFilledFirst()
    {
        open(Balance::MostRecent, 3, 2);
        QCOMPARE(lend(4), (Ids{2, 2, 2, 1}));
        giveBack(2);
        QCOMPARE(lend(3), (Ids{1, 1, 2})); // one was lent later than two
        QCOMPARE(m_pool->room(), 0);
        QVERIFY(!m_pool->acquire(WorkerPool::Freshness::Any));
    }

    void eachInTurnTakesTheNext()
    {
        open(Balance::RoundRobin, 2, 3);
        QCOMPARE(lend(6), (Ids{1, 2, 3, 1, 2, 3}));
        giveBack(2);
        QCOMPARE(lend(1), Ids{2});
    }

    void theOneWithLeastToDoTakesTheNext()
    {
        open(Balance::LeastLoaded, 3, 2);
        QCOMPARE(lend(4), (Ids{1, 2, 1, 2}));
        giveBack(2);
        giveBack(2);
        QCOMPARE(lend(2), (Ids{2, 2}));
    }

    void aWorkerIsIdleOnceItHasGivenBackAll()
    {
        open(Balance::MostRecent, 3, 1);
        (void)lend(2);
        QCOMPARE(m_pool->busy(), 1);
        QCOMPARE(m_pool->idle(), 0);
        QCOMPARE(m_pool->running(), 2);
        QCOMPARE(m_pool->room(), 1);
        giveBack(1);
        QCOMPARE(m_pool->busy(), 1);
        giveBack(1);
        QCOMPARE(m_pool->busy(), 0);
        QCOMPARE(m_pool->idle(), 1);
        QCOMPARE(m_pool->room(), 3);
        QVERIFY(m_pool->retireOldestIdle({ScaleCause::ByHand, "by hand"}));
        QCOMPARE(m_pool->alive(), 0);
        QCOMPARE(m_pool->room(), 0);
    }

    void whoWantsANewWorkerGetsNoneThatIsInUse()
    {
        open(Balance::MostRecent, 3, 1);
        (void)lend(1);
        QVERIFY(!m_pool->acquire(WorkerPool::Freshness::New));
        QVERIFY(m_pool->acquire(WorkerPool::Freshness::Any));
    }

    void oneThatLeavesIsNotLentAndGoesWithItsLastEvent()
    {
        open(Balance::MostRecent, 3, 1);
        (void)lend(2);
        giveBack(1, WorkerPool::Reason{ScaleCause::Failed, "timed out"});
        QCOMPARE(m_pool->leaving(), 1);
        QCOMPARE(m_pool->counted(), 0);
        QCOMPARE(m_pool->alive(), 1);
        QCOMPARE(m_pool->running(), 0);
        QCOMPARE(m_pool->room(), 0);
        QVERIFY(!m_pool->acquire(WorkerPool::Freshness::Any));
        QCOMPARE(m_told, std::vector<std::string>{"timed out"});
        giveBack(1, WorkerPool::Reason{ScaleCause::Failed, "told already"});
        QCOMPARE(m_pool->leaving(), 0);
        QCOMPARE(m_pool->busy(), 0);
        QCOMPARE(m_told.size(), std::size_t(1));
        QVERIFY(m_launchers.at(0)->killed);
    }

    void aDrainingPoolLetsEachFinishWhatItHas()
    {
        open(Balance::MostRecent, 2, 2);
        (void)lend(3);
        m_pool->drain({ScaleCause::NewRevision, "new revision"});
        QVERIFY(!m_pool->acquire(WorkerPool::Freshness::Any));
        giveBack(2);
        QVERIFY(!m_launchers.at(1)->killed);
        giveBack(2);
        QVERIFY(m_launchers.at(1)->killed);
        QVERIFY(!m_launchers.at(0)->killed);
        giveBack(1);
        QVERIFY(m_launchers.at(0)->killed);
        QCOMPARE(m_pool->busy(), 0);
    }

private:
    using Ids = std::vector<WorkerId>;

    /// A pool with workers 1 … that are ready, the first idle for longest.
    void open(Balance balance, int perWorker, int workers)
    {
        auto revision = std::make_shared<Revision>();
        revision->settings.concurrency.perWorker = perWorker;
        revision->settings.concurrency.balance = balance;
        m_scaler = std::make_unique<Scaler>(ScalePolicy{revision->settings.concurrency, {}});
        m_pool = std::make_unique<WorkerPool>(
            *m_loop, revision, *m_scaler,
            [this, revision](WorkerPool::Origin, Worker::Events events) {
                m_launchers.push_back(std::make_unique<test::HandLauncher>());
                return std::make_unique<Worker>(
                    *m_loop, *m_launchers.back(), *m_handOff, m_launchers.size(),
                    Worker::Plan{.revision = revision, .policy = {}, .init = [] { return std::string("{}"); }},
                    std::move(events));
            },
            WorkerPool::Events{.ready = [this](Worker &) { ++m_ready; },
                               .failedToStart = [](const Worker &, Worker::Ending) {},
                               .emptied = [] {},
                               .changed = [] {},
                               .left = [] {},
                               .scaled =
                                   [this](WorkerId, ScaleEvent::What what, const WorkerPool::Reason &why) {
                                       if (what == ScaleEvent::What::Stopped)
                                           m_told.push_back(why.text);
                                   },
                               .provision = [] { return Scaler::Provision::Off; }});
        for (int i = 1; i <= workers; ++i) {
            m_pool->startWorker(WorkerPool::Origin::AnyProcess, {});
            m_launchers.back()->events.executed(i);
            m_launchers.back()->say(FrameType::Hello, 0);
            m_launchers.back()->say(FrameType::Ready, 0);
            QVERIFY(m_loop->runUntil([&] { return m_ready == i; }));
        }
    }
    /// As often, with a call each time; which workers they were.
    Ids lend(int times)
    {
        Ids ids;
        for (int i = 0; i < times; ++i) {
            Worker *worker = m_pool->acquire(WorkerPool::Freshness::Any);
            if (!worker)
                break;
            ids.push_back(worker->id());
            m_lent[worker->id()] = worker;
        }
        return ids;
    }
    void giveBack(WorkerId id, std::optional<WorkerPool::Reason> retire = std::nullopt)
    {
        m_pool->release(*m_lent.at(id), std::move(retire));
    }

    std::unique_ptr<test::ManualClock> m_clock;
    std::unique_ptr<test::TestLoop> m_loop;
    std::unique_ptr<HandOff> m_handOff;
    std::vector<std::unique_ptr<test::HandLauncher>> m_launchers; ///< One for each worker.
    std::unique_ptr<Scaler> m_scaler;
    std::unique_ptr<WorkerPool> m_pool;
    std::map<WorkerId, Worker *> m_lent;
    std::vector<std::string> m_told;
    int m_ready = 0;
};

QTEST_GUILESS_MAIN(tst_SharedWorkers)
#include "tst_shared_workers.moc"
