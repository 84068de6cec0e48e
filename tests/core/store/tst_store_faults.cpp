// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/event_store.h"
#include "core/store/history_reader.h"
#include "core/store/history_store.h"
#include "tests/support/faulty_vfs.h"
#include "tests/support/manual_clock.h"
#include "tests/support/sample_invocation.h"

#include <QTemporaryDir>
#include <QTest>

#include <future>
#include <limits>
#include <set>

using namespace kiln;
using namespace std::chrono_literals;

namespace {

constexpr int always = std::numeric_limits<int>::max();

} // namespace

class tst_StoreFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = std::filesystem::path(m_folder->path().toStdString()) / "store.db";
        m_vfs.heal();
    }

    void historyKeepsWhatAFullDiskRefusesAndGoesOn_data() { faults(); }
    void historyKeepsWhatAFullDiskRefusesAndGoesOn()
    {
        QFETCH(int, code);
        auto store = HistoryStore::open(m_path, {.vfs = test::FaultyVfs::name}, m_clock);
        QVERIFY(store);
        std::atomic<int> changes = 0;
        (*store)->setProblemChanged([&] { ++changes; });
        record(**store, 10);
        QVERIFY((*store)->flush());
        m_vfs.fail(code, 0, always);
        record(**store, 10);
        QTRY_VERIFY_WITH_TIMEOUT(!(*store)->problem().empty(), 10'000);
        record(**store, 10);
        QVERIFY(!(*store)->flush(300ms));
        m_vfs.heal();
        QVERIFY((*store)->flush());
        QCOMPARE((*store)->problem(), std::string());
        QTRY_COMPARE(changes.load(), 2);
        QCOMPARE((*store)->stats().invocations, 30u);
        store->reset();
        const auto all = HistoryReader::open(m_path)->invocations({});
        QCOMPARE(all->size(), std::size_t(30));
        for (const InvocationPtr &one : *all)
            QCOMPARE((*HistoryReader::open(m_path)->invocation(one->id))->logs.size(), std::size_t(3));
    }

    void historyTellsAFullDisk()
    {
        auto store = HistoryStore::open(m_path, {.vfs = test::FaultyVfs::name}, m_clock);
        m_vfs.fail(SQLITE_FULL, 0, always);
        record(**store, 1);
        QTRY_VERIFY_WITH_TIMEOUT((*store)->problem().find("disk is full") != std::string::npos, 10'000);
        m_vfs.heal();
    }

    /// One fault at the Nth call, for every N that a batch makes.
    void historyIsWholeAfterAFaultAtAnyCall()
    {
        std::uint64_t recorded = 0;
        auto store = HistoryStore::open(m_path, {.vfs = test::FaultyVfs::name}, m_clock);
        QVERIFY(store);
        for (int nth = 0; nth < 40; ++nth) {
            m_vfs.fail(nth % 2 ? SQLITE_FULL : SQLITE_IOERR_WRITE, nth, 1);
            record(**store, 20);
            recorded += 20;
            QVERIFY((*store)->flush());
            m_vfs.heal();
            QCOMPARE((*store)->stats().invocations, recorded);
        }
        QVERIFY(m_vfs.failed() > 10);
        store->reset();
        auto reader = *HistoryReader::open(m_path);
        QCOMPARE(reader.metrics({})->invocations, recorded);
        QCOMPARE(reader.logs({.limit = 100'000})->size(), std::size_t(3 * recorded));
    }

    void eventsAreNeverTakenForAcceptedWhenTheDiskRefuses_data() { faults(); }
    void eventsAreNeverTakenForAcceptedWhenTheDiskRefuses()
    {
        QFETCH(int, code);
        auto store = EventStore::open(m_path, {.vfs = test::FaultyVfs::name}, m_clock);
        QVERIFY(store);
        QVERIFY(accept(**store, "before"));
        m_vfs.fail(code, 0, always);
        const Result<> refused = accept(**store, "during");
        QVERIFY(!refused);
        QVERIFY(!refused.error().remedy.empty());
        QVERIFY(!(*store)->problem().empty());
        m_vfs.heal();
        QVERIFY(accept(**store, "after"));
        QCOMPARE((*store)->problem(), std::string());
        store->reset();
        store = EventStore::open(m_path, {}, m_clock);
        std::set<std::string> found;
        const auto pending = (*store)->pending();
        for (const PendingEvent &event : *pending)
            found.insert(event.queued.event.id);
        QVERIFY(found.contains("before") && found.contains("after"));
    }

    void endsOfEventsAreKeptUntilTheDiskTakesThem()
    {
        auto store = EventStore::open(m_path, {.vfs = test::FaultyVfs::name}, m_clock);
        for (const char *id : {"a", "b", "c"})
            QVERIFY(accept(**store, id));
        m_vfs.fail(SQLITE_FULL, 0, always);
        (*store)->finished({"f", "a"});
        (*store)->bury({"f", "b"}, "gave up", Outcome::Crashed);
        QTRY_VERIFY_WITH_TIMEOUT(!(*store)->problem().empty(), 10'000);
        QVERIFY(!accept(**store, "refused meanwhile"));
        m_vfs.heal();
        QVERIFY((*store)->flush());
        QCOMPARE((*store)->pending()->size(), std::size_t(1));
        QCOMPARE((*store)->deadLetters()->size(), std::size_t(1));
    }

    /// One fault at the Nth call, for every N: what was told to be accepted is there.
    void acceptedEventsSurviveAFaultAtAnyCall()
    {
        std::set<std::string> told;
        for (int nth = 0; nth < 40; ++nth) {
            auto store = EventStore::open(m_path, {.vfs = test::FaultyVfs::name}, m_clock);
            QVERIFY(store);
            m_vfs.fail(nth % 3 ? SQLITE_IOERR_WRITE : SQLITE_FULL, nth / 2, 1 + nth % 2);
            for (int i = 0; i < 4; ++i) {
                const std::string id = std::to_string(nth) + "-" + std::to_string(i);
                if (accept(**store, id))
                    told.insert(id);
            }
            store->reset();
            m_vfs.heal();
            store = EventStore::open(m_path, {}, m_clock);
            QVERIFY(store);
            QCOMPARE((*store)->warning(), std::string());
            std::set<std::string> found;
            const auto pending = (*store)->pending();
            for (const PendingEvent &event : *pending)
                found.insert(event.queued.event.id);
            QVERIFY(std::includes(found.begin(), found.end(), told.begin(), told.end()));
        }
        QVERIFY(m_vfs.failed() > 10);
        QVERIFY(told.size() >= 80);
    }

private:
    static void faults()
    {
        QTest::addColumn<int>("code");
        QTest::newRow("ENOSPC") << SQLITE_FULL;
        QTest::newRow("EIO on write") << SQLITE_IOERR_WRITE;
        QTest::newRow("EIO on fsync") << SQLITE_IOERR_FSYNC;
    }

    void record(HistoryStore &store, int count)
    {
        for (int i = 0; i < count; ++i)
            store.record(std::make_shared<const Invocation>(test::invocationOf(test::revisionOf("f"), m_clock.wall())));
    }

    static Result<> accept(EventStore &store, const std::string &id)
    {
        QueuedEvent queued{.function = "f", .triggerKind = "manual", .event = {}, .accepted = {}};
        queued.event.id = id;
        queued.event.data = payload(std::string(3000, 'd'));
        std::promise<Result<>> promise;
        store.accept(std::move(queued), [&](Result<> accepted) { promise.set_value(std::move(accepted)); });
        return promise.get_future().get();
    }

    test::FaultyVfs m_vfs;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_path;
    test::ManualClock m_clock;
};

QTEST_GUILESS_MAIN(tst_StoreFaults)
#include "tst_store_faults.moc"
