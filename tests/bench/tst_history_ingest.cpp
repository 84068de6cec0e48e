// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/recorder.h"
#include "core/store/event_store.h"
#include "core/store/history_reader.h"
#include "core/store/history_store.h"
#include "core/store/schema.h"
#include "tests/support/sample_invocation.h"

#include <QTemporaryDir>
#include <QTest>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cstdio>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

using Seconds = duration<double>;

/// Prints how fast history takes rows in, beside SQLite's bare batched insert of the same rows into the same tables,
/// interleaved on the same disk. Figures to read, not to assert: wall time depends on the machine.
class tst_HistoryIngest : public QObject
{
    Q_OBJECT

    static constexpr int repetitions = 5;
    static constexpr int batch = 10'000;

    struct Shape
    {
        int invocations;
        int lines; ///< For each.
    };

private Q_SLOTS:
    void history_data()
    {
        QTest::addColumn<int>("invocations");
        QTest::addColumn<int>("lines");
        QTest::newRow("invocations alone") << 100'000 << 0;
        QTest::newRow("with 3 lines each") << 60'000 << 3;
        QTest::newRow("with 100 lines each") << 6'000 << 100;
    }

    void history()
    {
        QFETCH(int, invocations);
        QFETCH(int, lines);
        const auto rows = made({invocations, lines});
        std::vector<double> ours, bare, record;
        for (int i = 0; i < repetitions; ++i) {
            bare.push_back(bareSeconds(rows));
            double perRecord = 0;
            ours.push_back(storeSeconds(rows, perRecord));
            record.push_back(perRecord);
        }
        const double a = median(ours), b = median(bare);
        std::printf(
            "history, %s: %.0f k invocations/s, %.0f k lines/s; bare SQLite %.0f k, %.0f k; ratio %.2f (aim 0.8);"
            " record() %.0f ns\n",
            QTest::currentDataTag(), invocations / a / 1e3, double(invocations) * lines / a / 1e3,
            invocations / b / 1e3, double(invocations) * lines / b / 1e3, b / a, median(record));
        QVERIFY(a > 0 && b > 0);
    }

    /// How long a pane waits for its first rows. KILN_BENCH_ROWS sets how many invocations there are.
    void searches()
    {
        const int count =
            qEnvironmentVariableIsSet("KILN_BENCH_ROWS") ? qEnvironmentVariableIntValue("KILN_BENCH_ROWS") : 300'000;
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath(QStringLiteral("history.db")).toStdString();
        const SystemClock clock;
        InvocationPtr middle;
        {
            auto store = HistoryStore::open(path, {}, clock);
            QVERIFY(store);
            for (int done = 0; done < count; done += batch) {
                const auto rows = made({batch, 3});
                middle = rows[batch / 2];
                for (const InvocationPtr &row : rows)
                    (*store)->record(row);
                QVERIFY((*store)->flush(60s));
            }
        }
        auto reader = *HistoryReader::open(path);
        const auto timed = [](const char *what, auto search) {
            std::vector<double> each;
            for (int i = 0; i < 21; ++i) {
                const auto begin = steady_clock::now();
                if (!search())
                    qFatal("%s failed", what);
                each.push_back(Seconds(steady_clock::now() - begin).count());
            }
            std::printf("search over %s: p50 %.2f ms\n", what, median(each) * 1e3);
        };
        std::printf("history of %d invocations and %d lines\n", count, 3 * count);
        timed("all, newest 100", [&] { return reader.invocations({}); });
        timed("one function", [&] { return reader.invocations({.function = "invoice"}); });
        timed("failures of one function",
              [&] { return reader.invocations({.function = "checkout", .errorsOnly = true}); });
        timed("one whole", [&] { return reader.invocation(middle->id); });
        timed("log lines, newest 1000", [&] { return reader.logs({}); });
        timed("log lines of one function", [&] { return reader.logs({.function = "invoice"}); });
        timed("log lines, text in none of them", [&] { return reader.logs({.grep = "nowhere"}); });
        timed("metrics of the last second", [&] { return reader.metrics({.since = clock.wall() - 1s}); });
        timed("metrics of all", [&] { return reader.metrics({}); });
    }

    void metrics()
    {
        const SystemClock clock;
        Recorder recorder(clock);
        const auto rows = made({1000, 0});
        std::vector<double> each;
        for (int i = 0; i < repetitions; ++i) {
            const auto begin = steady_clock::now();
            for (int round = 0; round < 200; ++round)
                for (const InvocationPtr &row : rows)
                    recorder.record(*row);
            each.push_back(Seconds(steady_clock::now() - begin).count() / (200.0 * double(rows.size())));
        }
        const auto begin = steady_clock::now();
        for (int i = 0; i < 1000; ++i)
            (void)recorder.live("checkout");
        const double live = Seconds(steady_clock::now() - begin).count() / 1000;
        std::printf("metrics: record() %.0f ns, %.1f M points/s; live() %.1f us\n", median(each) * 1e9,
                    1e-6 / median(each), live * 1e6);
        QVERIFY(recorder.live("").rate > 0);
    }

    void events()
    {
        const QTemporaryDir folder;
        const SystemClock clock;
        auto store = EventStore::open(folder.filePath(QStringLiteral("events.db")).toStdString(), {}, clock);
        QVERIFY(store);
        std::vector<double> alone;
        for (int i = 0; i < 200; ++i) {
            const auto begin = steady_clock::now();
            (*store)->accept(eventOf(i), {});
            QVERIFY((*store)->flush());
            alone.push_back(Seconds(steady_clock::now() - begin).count());
        }
        const auto begin = steady_clock::now();
        for (int i = 200; i < 20'200; ++i)
            (*store)->accept(eventOf(i), {});
        QVERIFY((*store)->flush());
        const double together = Seconds(steady_clock::now() - begin).count();
        std::printf("events: accepted alone in %.2f ms (p50), many at once %.0f k/s\n", median(alone) * 1e3,
                    20'000 / together / 1e3);
    }

private:
    static std::vector<InvocationPtr> made(Shape shape)
    {
        const SystemClock clock;
        const RevisionPtr revisions[] = {test::revisionOf("checkout"), test::revisionOf("thumbnail"),
                                         test::revisionOf("invoice")};
        std::vector<InvocationPtr> rows;
        WallTime time = clock.wall();
        for (int i = 0; i < shape.invocations; ++i, time += 37us) {
            Invocation one = test::invocationOf(revisions[i % 3], time);
            one.start = i % 50 == 0 ? Start::Cold : Start::Warm;
            one.outcome = i % 100 == 0 ? Outcome::HandlerError : Outcome::Ok;
            one.phases.handler = microseconds(300 + i % 5000);
            one.logs.clear();
            for (int line = 0; line < shape.lines; ++line)
                one.logs.push_back({time + milliseconds(line), LogLevel::Info,
                                    "order " + std::to_string(i) + " line " + std::to_string(line) + " was handled"});
            rows.push_back(std::make_shared<const Invocation>(std::move(one)));
        }
        return rows;
    }

    static double storeSeconds(const std::vector<InvocationPtr> &rows, double &perRecord)
    {
        const QTemporaryDir folder;
        const SystemClock clock;
        auto store = HistoryStore::open(folder.filePath(QStringLiteral("history.db")).toStdString(),
                                        {.maxWaiting = 1'000'000, .maxWaitingBytes = 4_GB}, clock);
        if (!store)
            qFatal("%s", store.error().text().c_str());
        const auto begin = steady_clock::now();
        for (const InvocationPtr &row : rows)
            (*store)->record(row);
        perRecord = Seconds(steady_clock::now() - begin).count() / double(rows.size()) * 1e9;
        if (!(*store)->flush(60s))
            qFatal("history was not written");
        const double taken = Seconds(steady_clock::now() - begin).count();
        if ((*store)->stats().invocations != rows.size())
            qFatal("history is not whole");
        return taken;
    }

    /// The same values into the same tables, bound and stepped in a loop.
    static double bareSeconds(const std::vector<InvocationPtr> &rows)
    {
        const QTemporaryDir folder;
        SQLite::Database file(folder.filePath(QStringLiteral("bare.db")).toStdString(),
                              SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
        file.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000");
        file.exec(std::string(historySchema()[0]));
        SQLite::Statement row(file,
                              "INSERT INTO invocation VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
                              "?,?,?,?,?)");
        SQLite::Statement log(file, "INSERT INTO log_line VALUES (?,?,?,?,?)");
        std::int64_t nextLog = 1;
        const auto begin = steady_clock::now();
        for (std::size_t from = 0; from < rows.size(); from += batch) {
            SQLite::Transaction transaction(file);
            for (std::size_t i = from; i < std::min(rows.size(), from + batch); ++i) {
                const Invocation &one = *rows[i];
                const std::int64_t key = one.accepted.time_since_epoch().count() << 11;
                row.bind(1, key);
                row.bindNoCopy(2, one.id.bytes.data(), 16);
                row.bind(3, std::int64_t(i % 3));
                for (int column = 4; column <= 22; ++column)
                    row.bind(column, std::int64_t(column < 7 ? int(one.outcome) : column < 13 ? 123'456 : 4));
                row.bind(21, nextLog);
                row.bind(22, std::int64_t(one.logs.size()));
                row.bindNoCopy(23, one.event.id.data(), 16);
                row.bind(24, std::int64_t(-3000));
                for (int column = 25; column <= 27; ++column)
                    row.bind(column, 1);
                row.bindNoCopy(28, one.event.subject);
                row.bindNoCopy(31, one.event.data->data(), int(one.event.data->size()));
                row.bindNoCopy(32, one.response->data(), int(one.response->size()));
                row.exec();
                row.reset();
                for (const LogLine &line : one.logs) {
                    log.bind(1, nextLog++);
                    log.bind(2, key);
                    log.bind(3, std::int64_t((line.time - one.accepted).count()));
                    log.bind(4, int(line.level));
                    log.bindNoCopy(5, line.text);
                    log.exec();
                    log.reset();
                }
            }
            transaction.commit();
        }
        return Seconds(steady_clock::now() - begin).count();
    }

    static QueuedEvent eventOf(int number)
    {
        QueuedEvent queued{.function = "f", .triggerKind = "http", .event = {}, .accepted = {}};
        queued.event.id = std::to_string(number);
        queued.event.data = payload(std::string(200, 'd'));
        return queued;
    }

    static double median(std::vector<double> values)
    {
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    }
};

QTEST_GUILESS_MAIN(tst_HistoryIngest)
#include "tst_history_ingest.moc"
