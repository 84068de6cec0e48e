// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_reader.h"
#include "core/store/history_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/sample_invocation.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <future>
#include <map>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

/// The child of isWholeAfterBeingKilled: records until it is killed, and prints each row's number once it is committed.
int recordUntilKilled(const char *path)
{
    const SystemClock clock;
    auto store = HistoryStore::open(path, {.maxWaiting = 2000}, clock);
    if (!store)
        return 1;
    const RevisionPtr revision = test::revisionOf("killed");
    for (int i = 1;; ++i) {
        while ((*store)->congested())
            std::this_thread::yield();
        (*store)->record(std::make_shared<const Invocation>(test::invocationOf(revision, clock.wall())));
        if (i % 500 == 0 && (*store)->flush()) {
            const std::string line = std::to_string(i) + "\n";
            if (::write(STDOUT_FILENO, line.data(), line.size()) < 0)
                return 2;
        }
    }
}

} // namespace

class tst_HistoryStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_clock.setWall(WallTime(sys_days(2026y / 3 / 1)));
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = std::filesystem::path(m_folder->path().toStdString()) / "history.db";
    }

    void bringsBackEveryFieldAfterARestart()
    {
        Invocation whole = sample("checkout");
        whole.event.id = "order-17"; // no uuid
        whole.event.subject = std::string("a\0b", 3);
        whole.event.data = payload(std::string(100'000, 'x') + '\0' + "\xff");
        whole.response = payload(std::string("\0\1", 2));
        whole.outcome = Outcome::HandlerError;
        whole.attempt = 3;
        whole.triggerKind = "http";
        whole.error = {"KeyError", "'x' \"quoted\"", {"handler.py:3 in handler", "handler.py:9 in inner"}};
        whole.denied = {{"connect", "127.0.0.1:5432", "network: 127.0.0.1:5432", "handler.py:12"}};
        whole.logsCut = true;
        {
            auto store = opened();
            store->record(share(whole));
        }
        auto store = opened();
        const auto read = answered<InvocationPtr>([&](auto answer) { store->invocation(whole.id, std::move(answer)); });
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        const Invocation &found = **read;
        QCOMPARE(found.id, whole.id);
        QCOMPARE(found.accepted, whole.accepted);
        QCOMPARE(found.event.id, whole.event.id);
        QCOMPARE(found.event.source, whole.event.source);
        QCOMPARE(found.event.type, whole.event.type);
        QCOMPARE(found.event.subject, whole.event.subject);
        QCOMPARE(found.event.dataContentType, whole.event.dataContentType);
        QCOMPARE(found.event.time, whole.event.time);
        QCOMPARE(*found.event.data, *whole.event.data);
        QCOMPARE(*found.response, *whole.response);
        QCOMPARE(found.revision->hash, whole.revision->hash);
        QCOMPARE(found.revision->settings.name, std::string("checkout"));
        QCOMPARE(found.revision->settings.handler, whole.revision->settings.handler);
        QCOMPARE(found.outcome, whole.outcome);
        QCOMPARE(found.start, whole.start);
        QCOMPARE(found.tier, whole.tier);
        QCOMPARE(found.attempt, 3);
        QCOMPARE(found.triggerKind, std::string("http"));
        QCOMPARE(found.worker, whole.worker);
        QVERIFY(found.phases.spans() == whole.phases.spans());
        QCOMPARE(found.usage.maxMemory.count, whole.usage.maxMemory.count);
        QCOMPARE(found.usage.cpu, whole.usage.cpu);
        QCOMPARE(found.usage.log.count, whole.usage.log.count);
        QCOMPARE(found.error.type, whole.error.type);
        QCOMPARE(found.error.message, whole.error.message);
        QCOMPARE(found.error.stack, whole.error.stack);
        QCOMPARE(found.denied.size(), std::size_t(1));
        QCOMPARE(found.denied[0].grant, whole.denied[0].grant);
        QVERIFY(found.logsCut);
        QCOMPARE(found.logs.size(), whole.logs.size());
        for (std::size_t i = 0; i < whole.logs.size(); ++i) {
            QCOMPARE(found.logs[i].time, whole.logs[i].time);
            QCOMPARE(found.logs[i].level, whole.logs[i].level);
            QCOMPARE(found.logs[i].text, whole.logs[i].text);
        }
    }

    void keepsWordsThatLookLikeNumbers()
    {
        Invocation odd = sample("1");
        odd.event.id = "123";
        odd.event.source = "42";
        odd.event.type = std::string(200, '7');
        odd.event.data = payload("17");
        auto store = opened();
        store->record(share(odd));
        QVERIFY(store->flush());
        const auto found = HistoryReader::open(m_path)->invocation(odd.id);
        QVERIFY(found);
        QCOMPARE((*found)->event.id, odd.event.id);
        QCOMPARE((*found)->event.source, odd.event.source);
        QCOMPARE((*found)->event.type, odd.event.type);
        QCOMPARE(*(*found)->event.data, std::string("17"));
    }

    void listsNewestFirstAndFilters()
    {
        auto store = opened();
        const WallTime begin = m_clock.wall();
        for (int i = 0; i < 200; ++i) {
            Invocation one = sample(i % 2 ? "a" : "b");
            one.outcome = i % 10 == 0 ? Outcome::TimedOut : i % 10 == 5 ? Outcome::Throttled : Outcome::Ok;
            one.outcome = i == 199 ? Outcome::Cancelled : one.outcome;
            store->record(share(one));
            m_clock.advance(1s);
        }
        QVERIFY(store->flush());
        auto reader = *HistoryReader::open(m_path);
        const auto count = [&](InvocationQuery query) {
            query.limit = 1000;
            const auto found = reader.invocations(query);
            return found ? int(found->size()) : -1;
        };
        const auto newest = reader.invocations({.limit = 3});
        QVERIFY(newest && newest->size() == 3);
        QCOMPARE((*newest)[0]->accepted, begin + 199s);
        QCOMPARE((*newest)[2]->accepted, begin + 197s);
        QVERIFY((*newest)[0]->logs.empty() && (*newest)[0]->event.data->empty());
        QCOMPARE(count({}), 200);
        QCOMPARE(count({.function = "a"}), 100);
        QCOMPARE(count({.function = "nobody"}), 0);
        QCOMPARE(count({.outcome = Outcome::TimedOut}), 20);
        QCOMPARE(count({.outcome = Outcome::Cancelled}), 1);
        QCOMPARE(count({.function = "a", .outcome = Outcome::TimedOut}), 0);
        QCOMPARE(count({.errorsOnly = true}), 40);
        QCOMPARE(count({.since = begin + 150s}), 50);
        QCOMPARE(count({.since = begin + 10s, .until = begin + 20s}), 10);
        const auto loaded = reader.invocations({.limit = 1, .payloads = InvocationQuery::Payloads::Load});
        QCOMPARE(*(*loaded)[0]->event.data, std::string(R"({"x":1})"));
    }

    void findsLogLines()
    {
        auto store = opened();
        const WallTime begin = m_clock.wall();
        Invocation last;
        for (int i = 0; i < 300; ++i) {
            last = sample(i % 3 ? "a" : "b");
            last.logs[1].text = "Order " + std::to_string(i) + " 100%_done";
            store->record(share(last));
            m_clock.advance(1min);
        }
        QVERIFY(store->flush());
        auto reader = *HistoryReader::open(m_path);
        const auto found = [&](const LogQuery &query) {
            auto lines = reader.logs(query);
            return lines ? *lines : std::vector<LogEntry>{};
        };
        QCOMPARE(found({}).size(), std::size_t(900));
        QCOMPARE(found({.limit = 7}).size(), std::size_t(7));
        QCOMPARE(found({.limit = 1})[0].line.text, std::string("END"));
        QCOMPARE(found({.limit = 1})[0].invocation, last.id);
        QCOMPARE(found({.function = "b"}).size(), std::size_t(300));
        QCOMPARE(found({.invocation = last.id}).size(), std::size_t(3));
        QCOMPARE(found({.grep = "order 29"}).size(), std::size_t(11));
        QCOMPARE(found({.grep = "100%_D"}).size(), std::size_t(300));
        QCOMPARE(found({.grep = "100x"}).size(), std::size_t(0));
        const auto late = found({.since = begin + 290min});
        QCOMPARE(late.size(), std::size_t(30));
        QCOMPARE(late.back().line.time, begin + 290min + 1ms);
        QCOMPARE(found({.function = "b", .since = begin + 290min}).size(), std::size_t(9));
        QCOMPARE(found({.function = "b", .grep = "order 3", .since = begin}).size(),
                 std::size_t(5)); // 3, 30, 33, 36, 39
    }

    void sumsMetricsExactly()
    {
        auto store = opened();
        for (int i = 1; i <= 200; ++i) {
            Invocation one = sample("a");
            one.phases.handler = milliseconds(i);
            one.start = i <= 10 ? Start::Zygote : Start::Warm;
            one.outcome = i % 20 == 0 ? Outcome::Crashed : Outcome::Ok;
            store->record(share(one));
        }
        Invocation refused = sample("a");
        refused.outcome = Outcome::Throttled;
        refused.worker = 0;
        store->record(share(refused));
        store->record(share(sample("b")));
        QVERIFY(store->flush());
        const auto sum = answered<MetricsSummary>(
            [&](auto answer) { store->metrics({.function = "a", .since = {}}, std::move(answer)); });
        QVERIFY(sum);
        QCOMPARE(sum->invocations, 200u);
        QCOMPARE(sum->errors, 10u);
        QCOMPARE(sum->throttles, 1u);
        QCOMPARE(sum->coldStarts, 10u);
        QCOMPARE(sum->p50, 100.0);
        QCOMPARE(sum->p95, 190.0);
        QCOMPARE(sum->p99, 198.0);
        QCOMPARE(HistoryReader::open(m_path)->metrics({})->invocations, 201u);
    }

    void givesTheFiguresThatChartsBeginWith()
    {
        auto store = opened();
        const WallTime begin = m_clock.wall();
        for (int i = 0; i < 10; ++i) {
            store->record(share(sample("a")));
            m_clock.advance(1min);
        }
        QVERIFY(store->flush());
        const auto figures = answered<std::vector<InvocationFigures>>(
            [&](auto answer) { store->figures(begin + 5min, 3, std::move(answer)); });
        QVERIFY(figures && figures->size() == 3);
        QCOMPARE(figures->front().accepted, begin + 7min);
        QCOMPARE(figures->front().function, std::string("a"));
        QCOMPARE(figures->front().phases.total(), sample("a").phases.total());
        QVERIFY(figures->front().hadWorker);
    }

    void recordsThousandsOfOneInstantAndNoneTwice()
    {
        auto store = opened();
        const InvocationPtr same = share(sample("a"));
        for (int i = 0; i < 5000; ++i)
            store->record(share(sample("a")));
        store->record(same);
        store->record(same);
        QVERIFY(store->flush());
        QCOMPARE(store->stats().invocations, 5001u);
        QCOMPARE(HistoryReader::open(m_path)->metrics({})->invocations, 5001u);
    }

    void storesLargePayloadsOnce()
    {
        auto store = opened();
        for (int i = 0; i < 100; ++i) {
            Invocation one = sample("a");
            one.event.data = payload(std::string(50'000, 'p'));
            one.response = payload(std::string(50'000, 'p'));
            store->record(share(one));
        }
        QVERIFY(store->flush());
        QVERIFY2(store->stats().size < 1_MB, toText(store->stats().size).c_str());
    }

    void forgetsByAge()
    {
        auto store = opened({.retention = {.maxAge = 24h}});
        const Invocation old = sample("a");
        store->record(share(old));
        Invocation large = sample("a");
        large.response = payload(std::string(10'000, 'o'));
        store->record(share(large));
        m_clock.advance(25h);
        for (int i = 0; i < 3000; ++i)
            store->record(share(sample("a")));
        QVERIFY(store->flush());
        QVERIFY(store->enforceRetention());
        QCOMPARE(store->stats().invocations, 3000u);
        auto reader = *HistoryReader::open(m_path);
        QCOMPARE(reader.invocation(old.id).error().code, Error::Code::NotFound);
        QCOMPARE(reader.logs({.limit = 100'000})->size(), std::size_t(9000));
        SQLite::Database file(m_path.string());
        QCOMPARE(file.execAndGet("SELECT count(*) FROM payload").getInt(), 0);
    }

    void forgetsOnlyWhatIsTooMuchWhereRowsAreLarge()
    {
        auto store = opened({.retention = {.maxBytes = 4_MB}});
        for (int i = 0; i < 60; ++i) {
            Invocation one = sample("a");
            one.response = payload(std::to_string(i) + std::string(100'000, 'r'));
            store->record(share(one));
            m_clock.advance(1ms);
        }
        QVERIFY(store->flush());
        QVERIFY(store->enforceRetention());
        QVERIFY(store->stats().size <= 4_MB);
        QVERIFY2(store->stats().invocations >= 25, std::to_string(store->stats().invocations).c_str());
    }

    void forgetsByCountAndBySizeTheOldestFirst()
    {
        auto store = opened({.retention = {.maxInvocations = 100}});
        for (int i = 0; i < 2500; ++i) {
            store->record(share(sample("a")));
            m_clock.advance(1s);
        }
        const WallTime newest = m_clock.wall() - 1s;
        QVERIFY(store->flush());
        QVERIFY(store->enforceRetention());
        QCOMPARE(store->stats().invocations, 100u);
        store.reset();
        store = opened({.retention = {.maxBytes = 2_MB}});
        for (int i = 0; i < 3000; ++i) {
            Invocation one = sample("a");
            one.response = payload(std::to_string(i) + std::string(3000, 'r'));
            store->record(share(one));
            m_clock.advance(1ms);
        }
        QVERIFY(store->flush());
        QVERIFY(store->enforceRetention());
        QVERIFY(store->stats().size <= 2_MB);
        const auto left = HistoryReader::open(m_path)->invocations({.limit = 1});
        QVERIFY(left && left->size() == 1 && (*left)[0]->accepted > newest);
        store.reset();
        QVERIFY(std::filesystem::file_size(m_path) < std::size_t(12'000'000)); // pages were given back
    }

    void keepsAPayloadThatNewerInvocationsShare()
    {
        auto store = opened({.retention = {.maxAge = 24h}});
        const Payload shared = payload(std::string(5000, 's'));
        Invocation last;
        for (int hour = 0; hour < 60; ++hour) {
            last = sample("a");
            last.event.data = shared;
            store->record(share(last));
            QVERIFY(store->flush());
            QVERIFY(store->enforceRetention());
            m_clock.advance(1h);
        }
        QVERIFY(store->stats().invocations < 26);
        const auto found = HistoryReader::open(m_path)->invocation(last.id);
        QVERIFY(found);
        QCOMPARE((*found)->event.data->size(), shared->size());
    }

    void isReadWhileAnotherWrites()
    {
        QCOMPARE(HistoryReader::open(m_path).error().code, Error::Code::NotFound);
        auto store = opened();
        store->record(share(sample("a")));
        QVERIFY(store->flush());
        auto reader = *HistoryReader::open(m_path);
        QCOMPARE(reader.invocations({})->size(), std::size_t(1));
        store->record(share(sample("a")));
        QVERIFY(store->flush());
        QCOMPARE(reader.invocations({})->size(), std::size_t(2));
    }

    void endsASearchThatIsNotWanted()
    {
        auto store = opened();
        for (int i = 0; i < 20'000; ++i)
            store->record(share(sample("a")));
        QVERIFY(store->flush(2min)); // under a sanitizer it takes its time
        std::promise<Result<std::vector<LogEntry>>> first;
        CancelToken cancel = store->logs({.grep = "nowhere"}, [&](auto found) { first.set_value(std::move(found)); });
        cancel.cancel();
        const auto found = first.get_future().get();
        QVERIFY(!found || found->empty()); // it may have been quicker
        CancelToken before;
        before.cancel();
        QCOMPARE(HistoryReader::open(m_path)->logs({}, before).error().code, Error::Code::Busy);
        // What waits when the store closes is answered too.
        std::atomic<int> answers = 0;
        for (int i = 0; i < 50; ++i)
            store->logs({.grep = "nowhere"}, [&](const auto &) { ++answers; });
        store.reset();
        QCOMPARE(answers.load(), 50);
    }

    void isTheUsersAlone()
    {
        auto store = opened();
        store->record(share(sample("a")));
        QVERIFY(store->flush());
        for (const char *suffix : {"", "-wal", "-shm"}) {
            struct ::stat status = {};
            QCOMPARE(::stat((m_path.string() + suffix).c_str(), &status), 0);
            QCOMPARE(int(status.st_mode & 0777), 0600);
        }
    }

    void setsADamagedFileAsideAndSaysSo()
    {
        std::ofstream(m_path) << "this is no database, whatever its name says, and long enough to be read as one";
        auto store = opened();
        QVERIFY(store->warning().find("damaged") != std::string::npos);
        store->record(share(sample("a")));
        QVERIFY(store->flush());
        store.reset();
        QVERIFY(std::filesystem::exists(m_path.string() + ".damaged-20260301T000000"));
        QVERIFY(opened()->warning().empty());
    }

    void aTornPageHidesOnlyWhatIsOnIt()
    {
        {
            auto store = opened();
            for (int i = 0; i < 5000; ++i) {
                store->record(share(sample("a")));
                m_clock.advance(1s);
            }
        }
        {
            SQLite::Database file(m_path.string());
            // Somewhere among the rows of each table, not at its ends.
            SQLite::Statement pages(file, "SELECT name, pageno FROM dbstat WHERE name IN ('invocation', 'log_line') AND"
                                          " pagetype = 'leaf' ORDER BY name, path");
            std::map<std::string, std::vector<int>> leaves;
            while (pages.executeStep())
                leaves[pages.getColumn(0).getString()].push_back(pages.getColumn(1).getInt());
            std::fstream bytes(m_path, std::ios::in | std::ios::out | std::ios::binary);
            for (const auto &[name, numbers] : leaves) {
                QVERIFY(numbers.size() > 20);
                bytes.seekp((numbers[numbers.size() / 2] - 1) * 4096);
                bytes << std::string(4096, '\x5a');
            }
        }
        auto store = opened();
        QCOMPARE(store->warning(), std::string());
        auto reader = *HistoryReader::open(m_path);
        const auto found = reader.invocations({.limit = 10'000});
        QVERIFY2(found && found->size() > 1000, found ? "" : found.error().text().c_str());
        const auto lines = reader.logs({.limit = 100'000});
        QVERIFY2(lines && lines->size() > 3000, lines ? "" : lines.error().text().c_str());
        const Invocation later = sample("a");
        store->record(share(later));
        QVERIFY(store->flush());
        QVERIFY(reader.invocation(later.id));
    }

    void isWholeAfterBeingKilled()
    {
        std::uint64_t committed = 0;
        for (int round = 1; round <= 5; ++round) {
            QProcess child;
            child.start(QCoreApplication::applicationFilePath(),
                        {QStringLiteral("--record-until-killed"), QString::fromStdString(m_path.string())});
            QByteArray printed;
            while (printed.count('\n') < round * 3) {
                QVERIFY(child.waitForReadyRead(20'000));
                printed += child.readAllStandardOutput();
            }
            child.kill();
            QVERIFY(child.waitForFinished());
            printed += child.readAllStandardOutput();
            committed += 500 * std::uint64_t(printed.count('\n'));

            auto store = opened({.retention = {.maxAge = 24h * 365 * 100}});
            QCOMPARE(store->warning(), std::string());
            QVERIFY(store->stats().invocations >= committed);
            committed = store->stats().invocations;
            SQLite::Database file(m_path.string());
            QCOMPARE(file.execAndGet("PRAGMA integrity_check").getString(), std::string("ok"));
            QCOMPARE(std::uint64_t(file.execAndGet("SELECT count(*) FROM invocation").getInt64()), committed);
            QCOMPARE(std::uint64_t(file.execAndGet("SELECT count(*) FROM log_line").getInt64()), 3 * committed);
        }
    }

    void makesItsFolderButNotTheWorkspace()
    {
        m_path = std::filesystem::path(m_folder->path().toStdString()) / ".kiln" / "data" / "history.db";
        opened().reset();
        struct ::stat status = {};
        QCOMPARE(::stat(m_path.parent_path().c_str(), &status), 0);
        QCOMPARE(int(status.st_mode & 0777), 0700);
        m_path = std::filesystem::path(m_folder->path().toStdString()) / "gone" / ".kiln" / "history.db";
        QVERIFY(!HistoryStore::open(m_path, {}, m_clock));
    }

    void addsUpTheUseOfPermissionsOverRestarts()
    {
        auto revision = std::make_shared<Revision>(*test::revisionOf("shop"));
        revision->settings.permissions.network = Permissions::Network::All;
        revision->settings.secrets = {"API_KEY"};
        const auto ran = [&](std::vector<GrantUsed> used) {
            Invocation invocation = test::invocationOf(revision, m_clock.wall());
            invocation.worker = 7;
            invocation.used = std::move(used);
            m_clock.advance(1s);
            return share(invocation);
        };
        {
            auto store = opened();
            store->record(ran({{"network:all", "network:a.example:443"}, {"network:all", "network:b.example:80"}}));
            store->record(ran({}));
            QVERIFY(store->flush());
        }
        auto store = opened();
        store->record(ran({{"network:all", "network:b.example:80"}}));
        QVERIFY(store->flush());
        const GrantTallies before = store->takeGrantUses(); // as they were when it opened
        QCOMPARE((before.at({"shop", "network:all"})), (GrantTally{2, 1, WallTime(sys_days(2026y / 3 / 1))}));
        auto reader = HistoryReader::open(m_path);
        const auto tallies = reader->grantUses();
        QVERIFY(tallies);
        QCOMPARE(tallies->size(), std::size_t(5));
        QCOMPARE((tallies->at({"shop", {}})), (GrantTally{3, 0, {}})); // the function itself
        const auto last = WallTime(sys_days(2026y / 3 / 1)) + 2s;
        QCOMPARE((tallies->at({"shop", "network:all"})), (GrantTally{3, 2, last}));
        QCOMPARE((tallies->at({"shop", "network:all", "network:b.example:80"})), (GrantTally{0, 2, last}));
        QCOMPARE((tallies->at({"shop", "secret:API_KEY"})), (GrantTally{3, 0, {}}));
    }

    void remembersOnlySoManyThingsOfOnePermission()
    {
        auto revision = std::make_shared<Revision>(*test::revisionOf("scan"));
        revision->settings.permissions.network = Permissions::Network::All;
        auto store = opened();
        for (int i = 0; i < 300; ++i) {
            Invocation invocation = test::invocationOf(revision, m_clock.wall());
            invocation.worker = 7;
            invocation.used = {{"network:all", "network:h" + std::to_string(i) + ".example:443"}};
            store->record(share(invocation));
            if (i % 100 == 0)
                QVERIFY(store->flush()); // in more than one batch
        }
        QVERIFY(store->flush());
        const auto tallies = HistoryReader::open(m_path)->grantUses();
        QCOMPARE(tallies->size(), mostLeastGrants + 2); // with the permission and the function as such
        QCOMPARE(tallies->at({"scan", "network:all"}).used, std::uint64_t(300));
    }

    void leavesAFileOfANewerKilnAlone()
    {
        opened().reset();
        {
            SQLite::Database file(m_path.string(), SQLite::OPEN_READWRITE);
            file.exec("PRAGMA user_version = 99");
        }
        const auto store = HistoryStore::open(m_path, {}, m_clock);
        QVERIFY(!store);
        QVERIFY(store.error().text().find("newer Kiln") != std::string::npos);
        QVERIFY(!store.error().remedy.empty());
        QVERIFY(HistoryReader::open(m_path).error().text().find("newer Kiln") != std::string::npos);
        SQLite::Database file(m_path.string());
        QCOMPARE(file.execAndGet("PRAGMA user_version").getInt(), 99);
    }

    void saysWhenTheFileIsLocked()
    {
        opened().reset();
        SQLite::Database other(m_path.string(), SQLite::OPEN_READWRITE);
        other.exec("PRAGMA locking_mode = EXCLUSIVE");
        other.exec("BEGIN EXCLUSIVE");
        const auto store = HistoryStore::open(m_path, {}, m_clock);
        QVERIFY(!store);
        QCOMPARE(store.error().code, Error::Code::Busy);
        QVERIFY(std::filesystem::exists(m_path));
    }

    void waitsForALockAndLosesNothing()
    {
        auto store = opened();
        {
            SQLite::Database other(m_path.string(), SQLite::OPEN_READWRITE);
            other.exec("BEGIN IMMEDIATE");
            store->record(share(sample("a")));
            QTRY_VERIFY_WITH_TIMEOUT(!store->problem().empty(), 10'000);
            QVERIFY(store->problem().find("locked") != std::string::npos);
            other.exec("ROLLBACK");
        }
        QVERIFY(store->flush());
        QCOMPARE(store->problem(), std::string());
        QCOMPARE(store->stats().invocations, 1u);
    }

    void goesOnWhenTheFileIsDeleted()
    {
        auto store = opened();
        store->record(share(sample("a")));
        QVERIFY(store->flush());
        std::filesystem::remove(m_path);
        const Invocation later = sample("a");
        store->record(share(later));
        QVERIFY(store->flush());
        QVERIFY(store->problem().find("deleted") != std::string::npos);
        QVERIFY(answered<InvocationPtr>([&](auto answer) { store->invocation(later.id, std::move(answer)); }));
        store.reset();
        QCOMPARE(HistoryReader::open(m_path)->invocations({})->size(), std::size_t(1));
    }

    void slowsItsProducerInsteadOfLosing()
    {
        std::atomic<int> drained = 0;
        auto store = opened({.maxWaiting = 100});
        store->setDrained([&] { ++drained; });
        {
            SQLite::Database other(m_path.string(), SQLite::OPEN_READWRITE);
            other.exec("BEGIN IMMEDIATE");
            for (int i = 0; i < 150; ++i)
                store->record(share(sample("a")));
            QVERIFY(store->congested());
        }
        QVERIFY(store->flush());
        QVERIFY(!store->congested());
        QTRY_COMPARE(drained.load(), 1);
        QCOMPARE(store->stats().invocations, 150u);
    }

private:
    std::unique_ptr<HistoryStore> opened(HistoryStore::Options options = {})
    {
        auto store = HistoryStore::open(m_path, std::move(options), m_clock);
        if (!store)
            qFatal("%s", store.error().text().c_str());
        return std::move(*store);
    }

    Invocation sample(const std::string &function)
    {
        return test::invocationOf(test::revisionOf(function), m_clock.wall());
    }
    static InvocationPtr share(Invocation invocation)
    {
        return std::make_shared<const Invocation>(std::move(invocation));
    }

    template<typename T, typename Ask> static Result<T> answered(Ask ask)
    {
        std::promise<Result<T>> promise;
        ask([&](Result<T> answer) { promise.set_value(std::move(answer)); });
        return promise.get_future().get();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_path;
    test::ManualClock m_clock;
};

int main(int argc, char **argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--record-until-killed")
        return recordUntilKilled(argv[2]);
    QCoreApplication application(argc, argv);
    tst_HistoryStore test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_history_store.moc"
