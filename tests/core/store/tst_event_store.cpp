// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/event_store.h"
#include "tests/support/manual_clock.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <SQLiteCpp/SQLiteCpp.h>
#include <climits>

#include <fstream>
#include <future>
#include <set>
#include <sys/stat.h>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

QueuedEvent eventOf(const std::string &function, const std::string &id, std::string data = "{}")
{
    QueuedEvent queued{.function = function, .triggerKind = "schedule", .event = {}, .accepted = {}};
    queued.event.id = id;
    queued.event.type = "kiln.schedule.tick";
    queued.event.data = payload(std::move(data));
    queued.accepted = WallTime(1s);
    return queued;
}

/// Asks and waits for the answer, as only a test may.
template<typename Ask> Result<> settled(Ask ask)
{
    std::promise<Result<>> promise;
    ask([&](Result<> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
}

/// The child of survivesBeingKilled: accepts until it is killed, and prints each id once it was told so.
int acceptUntilKilled(const char *path)
{
    const SystemClock clock;
    auto store = EventStore::open(path, {}, clock);
    if (!store)
        return 1;
    std::atomic<int> waiting = 0;
    for (int i = 0;; ++i) {
        while (waiting.load() > 20)
            std::this_thread::yield();
        ++waiting;
        const std::string id = std::to_string(::getpid()) + "-" + std::to_string(i);
        (*store)->accept(eventOf("f", id, std::string(std::size_t(i % 5000), 'x')), [&waiting, id](Result<> accepted) {
            const std::string line = id + "\n";
            if (accepted && ::write(STDOUT_FILENO, line.data(), line.size()) < 0)
                ::_exit(2);
            --waiting;
        });
        if (i % 3 == 0)
            (*store)->attemptBegun({"f", id}, 1, {});
    }
}

} // namespace

class tst_EventStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_clock.setWall(WallTime(sys_days(2026y / 3 / 1)));
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = std::filesystem::path(m_folder->path().toStdString()) / "events.db";
    }

    void givesAcceptedEventsBackAfterARestart()
    {
        QueuedEvent whole = eventOf("f", "one", std::string("\0\xff", 2));
        whole.event.source = "kiln:test";
        whole.event.subject = "subject";
        whole.event.dataContentType = "application/octet-stream";
        whole.event.time = m_clock.wall();
        whole.accepted = m_clock.wall() + 1ms;
        {
            auto store = opened();
            QVERIFY(settled([&](auto done) { store->accept(whole, done); }));
            store->accept(eventOf("f", "two"), {}); // not waited for: the store writes it as it closes
        }
        const auto pending = opened()->pending();
        QVERIFY(pending);
        QCOMPARE(pending->size(), std::size_t(2));
        const PendingEvent &found = pending->front();
        QCOMPARE(found.queued.function, whole.function);
        QCOMPARE(found.queued.triggerKind, whole.triggerKind);
        QCOMPARE(found.queued.event.id, whole.event.id);
        QCOMPARE(found.queued.event.source, whole.event.source);
        QCOMPARE(found.queued.event.type, whole.event.type);
        QCOMPARE(found.queued.event.subject, whole.event.subject);
        QCOMPARE(found.queued.event.dataContentType, whole.event.dataContentType);
        QCOMPARE(found.queued.event.time, whole.event.time);
        QCOMPARE(found.queued.accepted, whole.accepted);
        QCOMPARE(*found.queued.event.data, *whole.event.data);
        QCOMPARE(found.attempts, 0);
        QVERIFY(!found.nextAttempt);
        QCOMPARE((*pending)[1].queued.event.id, std::string("two"));
    }

    void remembersAttemptsSoThatADuplicateIsNumbered()
    {
        {
            auto store = opened();
            store->accept(eventOf("f", "begun"), {});
            store->accept(eventOf("f", "failed"), {});
            QVERIFY(settled([&](auto done) { store->attemptBegun({"f", "begun"}, 2, done); }));
            store->attemptBegun({"f", "failed"}, 1, {});
            store->attemptFailed({"f", "failed"}, 1, WallTime(99s), "KeyError: x");
        }
        const auto pending = opened()->pending();
        QCOMPARE((*pending)[0].attempts, 2);
        QCOMPARE((*pending)[1].attempts, 1);
        QVERIFY((*pending)[1].nextAttempt == WallTime(99s));
        QCOMPARE((*pending)[1].cause, std::string("KeyError: x"));
    }

    void forgetsWhatFinished()
    {
        auto store = opened();
        store->accept(eventOf("f", "a"), {});
        store->accept(eventOf("g", "a"), {});
        QVERIFY(settled([&](auto done) { store->finished({"f", "a"}, done); }));
        const auto pending = store->pending();
        QCOMPARE(pending->size(), std::size_t(1)); // the same event for another function is another promise
        QCOMPARE(pending->front().queued.function, std::string("g"));
    }

    void acceptsTheSameEventOnce()
    {
        auto store = opened();
        QVERIFY(settled([&](auto done) { store->accept(eventOf("f", "a", "first"), done); }));
        store->attemptBegun({"f", "a"}, 1, {});
        QVERIFY(settled([&](auto done) { store->accept(eventOf("f", "a", "again"), done); }));
        const auto pending = store->pending();
        QCOMPARE(pending->size(), std::size_t(1));
        QCOMPARE(*pending->front().queued.event.data, std::string("first"));
        QCOMPARE(pending->front().attempts, 1);
    }

    void keepsDeadLettersUntilSentAgainOrDiscarded()
    {
        {
            auto store = opened();
            for (const char *id : {"a", "b", "c"}) {
                store->accept(eventOf("f", id, id), {});
                store->attemptBegun({"f", id}, 3, {});
            }
            store->bury({"f", "a"}, "3 attempts failed", Outcome::TimedOut);
            store->bury({"f", "b"}, "older than 6h", std::nullopt);
        }
        auto store = opened();
        const auto dead = store->deadLetters();
        QCOMPARE(dead->size(), std::size_t(2));
        QCOMPARE((*dead)[1].queued.event.id, std::string("a"));
        QCOMPARE((*dead)[1].cause, std::string("3 attempts failed"));
        QVERIFY((*dead)[1].outcome == Outcome::TimedOut);
        QCOMPARE((*dead)[1].attempts, 3);
        QCOMPARE((*dead)[1].died, m_clock.wall());
        QVERIFY(!(*dead)[0].outcome);
        QCOMPARE(store->pending()->size(), std::size_t(1));

        QVERIFY(settled([&](auto done) { store->revive({"f", "a"}, done); }));
        QVERIFY(settled([&](auto done) { store->discard({"f", "b"}, done); }));
        QVERIFY(store->deadLetters()->empty());
        const auto pending = store->pending();
        QCOMPARE(pending->size(), std::size_t(2));
        QCOMPARE(pending->back().queued.event.id, std::string("a"));
        QCOMPARE(*pending->back().queued.event.data, std::string("a"));
        QCOMPARE(pending->back().attempts, 0);
    }

    void remembersWhenSchedulesRan()
    {
        {
            auto store = opened();
            QVERIFY(!*store->lastMark("f", "0 2 * * *"));
            store->mark("f", "0 2 * * *", WallTime(100s));
            store->mark("f", "0 2 * * *", WallTime(200s));
            store->mark("f", "rate(5 minutes)", WallTime(150s));
        }
        auto store = opened();
        QVERIFY(*store->lastMark("f", "0 2 * * *") == WallTime(200s));
        QVERIFY(*store->lastMark("f", "rate(5 minutes)") == WallTime(150s));
        QVERIFY(!*store->lastMark("g", "rate(5 minutes)"));
    }

    void answersInOrderAndSharesCommits()
    {
        auto store = opened();
        std::vector<int> order;
        for (int i = 0; i < 2000; ++i)
            store->accept(eventOf("f", std::to_string(i)), [&order, i](const Result<> &) { order.push_back(i); });
        QVERIFY(store->flush());
        QCOMPARE(order.size(), std::size_t(2000));
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QCOMPARE(store->pending()->size(), std::size_t(2000));
    }

    void survivesBeingKilled()
    {
        std::set<std::string> told;
        for (int round = 0; round < 10; ++round) {
            QProcess child;
            child.start(QCoreApplication::applicationFilePath(),
                        {QStringLiteral("--accept-until-killed"), QString::fromStdString(m_path.string())});
            QByteArray printed;
            // Killed after a different number of promises each time, in whatever it is doing just then.
            while (printed.count('\n') < 20 + round * 37) {
                QVERIFY(child.waitForReadyRead(20'000));
                printed += child.readAllStandardOutput();
            }
            child.kill();
            QVERIFY(child.waitForFinished());
            printed += child.readAllStandardOutput();
            printed.truncate(printed.lastIndexOf('\n') + 1);
            for (const QByteArray &id : printed.split('\n')) {
                if (!id.isEmpty())
                    told.insert(id.toStdString());
            }
            auto store = opened();
            QCOMPARE(store->warning(), std::string());
            std::set<std::string> found;
            const auto pending = store->pending();
            for (const PendingEvent &event : *pending)
                found.insert(event.queued.event.id);
            QVERIFY(std::includes(found.begin(), found.end(), told.begin(), told.end()));
        }
        QVERIFY(told.size() > 1000);
    }

    void salvagesATornFile_data()
    {
        QTest::addColumn<int>("page");
        QTest::addColumn<int>("least"); // events that must be found again, of 300 on some hundred pages
        QTest::newRow("header") << 0 << 300;
        QTest::newRow("a page in the middle") << 100 << 250;
        QTest::newRow("a later page") << 150 << 250;
        QTest::newRow("cut off in the middle") << -1 << 100;
    }

    void salvagesATornFile()
    {
        QFETCH(int, page);
        QFETCH(int, least);
        {
            auto store = opened();
            for (int i = 0; i < 300; ++i)
                store->accept(eventOf("f", std::to_string(i), std::string(2000, 'd')), {});
            store->accept(eventOf("f", "dead"), {});
            store->bury({"f", "dead"}, "gone", Outcome::Crashed);
        }
        const auto size = std::filesystem::file_size(m_path);
        QVERIFY(size > 160 * 4096);
        if (page < 0) {
            std::filesystem::resize_file(m_path, size / 2);
        } else {
            std::fstream file(m_path, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(page * 4096);
            file << std::string(4096, '\x5a');
        }
        const std::string torn = bytesOf(m_path);

        auto store = opened();
        QVERIFY2(store->warning().find("taken over") != std::string::npos, store->warning().c_str());
        const auto pending = store->pending();
        QVERIFY(pending);
        QVERIFY2(int(pending->size()) >= least, qPrintable(QString::number(pending->size())));
        for (const PendingEvent &event : *pending)
            QCOMPARE(event.queued.event.data->size(), std::size_t(2000));
        if (page == 0)
            QCOMPARE(store->deadLetters()->size(), std::size_t(1));
        // Kept beside as it was, and nothing else left.
        QCOMPARE(bytesOf(m_path.string() + ".damaged-20260301T000000"), torn);
        store->accept(eventOf("f", "new"), {});
        QVERIFY(store->flush());
        store.reset();
        QVERIFY(opened()->warning().empty());
        int others = 0;
        for (const auto &entry : std::filesystem::directory_iterator(m_path.parent_path()))
            others += entry.path().filename().string().find(".damaged-") == std::string::npos ? 1 : 0;
        QCOMPARE(others, 1);
    }

    void writesAgainWhatADeletedFileHeld()
    {
        auto store = opened();
        store->accept(eventOf("f", "a"), {});
        store->attemptBegun({"f", "a"}, 2, {});
        store->accept(eventOf("f", "dead"), {});
        store->bury({"f", "dead"}, "gone", {});
        QVERIFY(store->flush());
        std::filesystem::remove(m_path);
        QVERIFY(settled([&](auto done) { store->accept(eventOf("f", "b"), done); }));
        QVERIFY(store->problem().find("deleted") != std::string::npos);
        store.reset();
        store = opened();
        const auto pending = store->pending();
        QCOMPARE(pending->size(), std::size_t(2));
        QCOMPARE(pending->front().queued.event.id, std::string("a"));
        QCOMPARE(pending->front().attempts, 2);
        QCOMPARE(store->deadLetters()->size(), std::size_t(1));
    }

    void numbersThatADamagedFileGivesBackAreOnesToReckonWith()
    {
        opened()->accept(eventOf("f", "a"), {});
        {
            SQLite::Database file(m_path.string(), SQLite::OPEN_READWRITE);
            file.exec("UPDATE event SET attempts = 2147483647, accepted = -9223372036854775807 - 1,"
                      " next_at = 9223372036854775807");
        }
        const auto pending = opened()->pending();
        QCOMPARE(pending->size(), std::size_t(1));
        QVERIFY(pending->front().attempts > 0 && pending->front().attempts < INT_MAX - 1);
        QVERIFY(pending->front().queued.accepted == WallTime());
        QVERIFY(*pending->front().nextAttempt < sys_days(10'000y / 1 / 1));
    }

    void isTheUsersAlone()
    {
        auto store = opened();
        store->accept(eventOf("f", "a"), {});
        QVERIFY(store->flush());
        for (const char *suffix : {"", "-wal"}) {
            struct ::stat status = {};
            QCOMPARE(::stat((m_path.string() + suffix).c_str(), &status), 0);
            QCOMPARE(int(status.st_mode & 0777), 0600);
        }
    }

    void leavesAFileOfANewerKilnAlone()
    {
        opened().reset();
        {
            SQLite::Database file(m_path.string(), SQLite::OPEN_READWRITE);
            file.exec("PRAGMA user_version = 99");
        }
        const auto store = EventStore::open(m_path, {}, m_clock);
        QVERIFY(!store);
        QVERIFY(store.error().text().find("newer Kiln") != std::string::npos);
    }

private:
    std::unique_ptr<EventStore> opened()
    {
        auto store = EventStore::open(m_path, {}, m_clock);
        if (!store)
            qFatal("%s", store.error().text().c_str());
        return std::move(*store);
    }

    static std::string bytesOf(const std::filesystem::path &path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_path;
    test::ManualClock m_clock;
};

int main(int argc, char **argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--accept-until-killed")
        return acceptUntilKilled(argv[2]);
    QCoreApplication application(argc, argv);
    tst_EventStore test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_event_store.moc"
