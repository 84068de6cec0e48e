// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_store.h"
#include "tests/kill/child_process.h"
#include "tests/support/sample_invocation.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <future>
#include <thread>

using namespace kiln;
using namespace std::chrono;
using namespace std::chrono_literals;

using Seconds = duration<double>;

/// A large past: a million invocations with five lines each, taken in by the real store; then what the window asks of
/// it, checked and timed, retention, and opening after a kill. Times are to be read, never asserted. KILN_BIG_ROWS sets
/// how many invocations there are.
class tst_HistorySize : public QObject
{
    Q_OBJECT

    static constexpr int lines = 5;
    static constexpr int functions = 20;
    static constexpr int chunk = 10'000;
    static constexpr auto distance = 2s; ///< Between invocations: 23 days in all, younger than what ages off.

private Q_SLOTS:
    void initTestCase()
    {
        if (qEnvironmentVariableIsSet("KILN_BIG_ROWS"))
            m_count = std::max(qEnvironmentVariableIntValue("KILN_BIG_ROWS"), 20'000);
        for (int i = 0; i < functions; ++i)
            m_revisions.push_back(test::revisionOf("function-" + std::to_string(i)));
        m_begin = m_clock.wall() - m_count * distance;
        m_ids.resize(std::size_t(m_count));
        reopen({});
        const auto begin = steady_clock::now();
        for (int from = 0; from < m_count; from += chunk)
            take(from, std::min(from + chunk, m_count));
        QVERIFY(m_store->flush(120s));
        const double taken = Seconds(steady_clock::now() - begin).count();
        QCOMPARE(m_store->stats().invocations, std::uint64_t(m_count));
        std::printf(
            "history of %d invocations and %d lines: taken in at %.0f k invocations/s, %.0f k lines/s, made ones "
            "included; %.0f MB\n",
            m_count, m_count * lines, m_count / taken / 1e3, double(m_count) * lines / taken / 1e3,
            m_store->stats().size.megabytes());
    }

    void pagesAreFoundAndRight()
    {
        const int last = m_count - 1;
        page("newest 100", {}, 100, [&](int i) { return last - i; });
        page("an older page", {.until = timeOf(m_count / 2)}, 100, [&](int i) { return m_count / 2 - 1 - i; });
        page("the oldest page", {.until = timeOf(100)}, 100, [](int i) { return 99 - i; });
        const int newestOf7 = last - (last - 7) % functions;
        page("one function", {.function = "function-7"}, 100, [&](int i) { return newestOf7 - i * functions; });
        const int middle = m_count / 2 / functions * functions + 7;
        page("one function, older", {.function = "function-7", .until = timeOf(middle)}, 100,
             [&](int i) { return middle - functions - i * functions; });
        const int newestFailed = last - last % 50;
        page("failures", {.errorsOnly = true}, 100, [&](int i) { return newestFailed - i * 50; });
        const int newestTimedOut = last - (last % 1000 + 1000 - 500) % 1000;
        page("one outcome", {.outcome = Outcome::TimedOut}, 10, [&](int i) { return newestTimedOut - i * 1000; });
        page("nothing of a function that never ran", {.function = "none"}, 0, [](int) { return 0; });
    }

    void anInvocationIsFoundWhole()
    {
        const int number = m_count / 3;
        InvocationPtr found;
        timed("one whole, by its id", [&] {
            found = ask<InvocationPtr>([&](auto answer) { m_store->invocation(m_ids[std::size_t(number)], answer); });
        });
        QVERIFY(found);
        QCOMPARE(found->revision->settings.name, "function-" + std::to_string(number % functions));
        QCOMPARE(*found->event.data, "{\"order\":" + std::to_string(number) + "}");
        QCOMPARE(found->logs.size(), std::size_t(lines));
        for (int i = 0; i < lines; ++i)
            QCOMPARE(found->logs[std::size_t(i)].text, textOf(number, i));
    }

    void linesAreFound()
    {
        const int last = m_count - 1;
        std::vector<LogEntry> found = logs("newest 1000 lines", {});
        QCOMPARE(found.size(), std::size_t(1000));
        QCOMPARE(found.front().line.text, textOf(last, lines - 1));
        found = logs("lines of one function", {.function = "function-7"});
        QCOMPARE(found.size(), std::size_t(1000));
        for (const LogEntry &entry : found)
            QCOMPARE(entry.function, std::string("function-7"));
        found = logs("lines of one invocation", {.invocation = m_ids[std::size_t(m_count / 3)]});
        QCOMPARE(found.size(), std::size_t(lines));
        found = logs("lines of the last hour", {.since = timeOf(m_count - 1800), .limit = 100'000});
        QCOMPARE(found.size(), std::size_t(1800 * lines));
        found = logs("a rare word, all lines looked at", {.grep = "needle"});
        QCOMPARE(found.size(), std::size_t(std::min(1000, (m_count + 9'999) / 10'000)));
        found = logs("a word in no line, all looked at", {.grep = "nowhere"});
        QVERIFY(found.empty());
    }

    void aLongSearchCanBeCancelled()
    {
        std::promise<Error::Code> told;
        const auto begin = steady_clock::now();
        CancelToken token = m_store->logs({.grep = "nowhere"}, [&](const Result<std::vector<LogEntry>> &result) {
            told.set_value(result ? Error::Code::Io : result.error().code);
        });
        std::this_thread::sleep_for(5ms); // it has begun
        token.cancel();
        QCOMPARE(told.get_future().get(), Error::Code::Busy);
        std::printf("a search cancelled after 5 ms answered after %.1f ms\n", sinceMs(begin));
    }

    void sumsAreRight()
    {
        MetricsSummary sum;
        timed("metrics of the last hour", [&] {
            sum =
                ask<MetricsSummary>([&](auto answer) { m_store->metrics({.since = timeOf(m_count - 1800)}, answer); });
        });
        QCOMPARE(sum.invocations, 1800u);
        timed("metrics of all", [&] { sum = ask<MetricsSummary>([&](auto answer) { m_store->metrics({}, answer); }); });
        QCOMPARE(sum.invocations, std::uint64_t(m_count));
        QCOMPARE(sum.errors, std::uint64_t((m_count + 49) / 50));
        QCOMPARE(sum.coldStarts, std::uint64_t((m_count + 99) / 100));
        QCOMPARE(sum.p50, 5.0); // handlers take 0 to 9 ms and one
        std::vector<InvocationFigures> figures;
        timed("figures for charts, 200,000", [&] {
            figures =
                ask<std::vector<InvocationFigures>>([&](auto answer) { m_store->figures(m_begin, 200'000, answer); });
        });
        QCOMPARE(figures.size(), std::size_t(std::min(200'000, m_count)));
    }

    void itOpensAfterAKill()
    {
        m_store.reset();
        {
            test::ChildProcess child({KILN_STORES_CHILD, m_folder.path().toStdString(), "big"});
            QVERIFY2(child.waitLine("recorded", 60s), child.output().c_str());
            std::this_thread::sleep_for(300ms);
            QCOMPARE(child.end(SIGKILL), -SIGKILL);
        }
        const auto begin = steady_clock::now();
        reopen({});
        std::printf("opened after kill -9 in %.1f ms\n", sinceMs(begin));
        QCOMPARE(m_store->warning(), std::string());
        QVERIFY(m_store->stats().invocations > std::uint64_t(m_count));
        page("an older page, then", {.until = timeOf(m_count / 2)}, 100, [&](int i) { return m_count / 2 - 1 - i; });
    }

    void retentionTakesTheOldest()
    {
        m_store.reset();
        const std::uint64_t kept = std::uint64_t(m_count) / 2;
        reopen({.maxInvocations = kept});
        const auto begin = steady_clock::now();
        while (!m_store->enforceRetention()) {
            QVERIFY2(Seconds(steady_clock::now() - begin) < 200s, m_store->problem().c_str());
        }
        std::printf("half of it aged off in %.1f s; %.0f MB\n", Seconds(steady_clock::now() - begin).count(),
                    m_store->stats().size.megabytes());
        QVERIFY(m_store->stats().invocations <= kept);
        QVERIFY(m_store->stats().invocations > kept - kept / 10);
        page("nothing of what is gone", {.until = timeOf(m_count / 4)}, 0, [](int) { return 0; });
        QVERIFY(logs("lines of what is gone", {.invocation = m_ids[10]}).empty());
        page("an older page of what stayed", {.until = timeOf(m_count / 4 * 3)}, 100,
             [&](int i) { return m_count / 4 * 3 - 1 - i; });
        QCOMPARE(logs("lines of one that stayed", {.invocation = m_ids[std::size_t(m_count - 10)]}).size(),
                 std::size_t(lines));
    }

    void cleanupTestCase() { m_store.reset(); }

private:
    WallTime timeOf(int number) const { return m_begin + number * distance; }
    static double sinceMs(Instant begin) { return Seconds(steady_clock::now() - begin).count() * 1e3; }

    static std::string textOf(int number, int line)
    {
        return "order " + std::to_string(number) + " step " + std::to_string(line) +
               (number % 10'000 == 0 && line == 2 ? " found the Needle" : " was handled without a hitch");
    }

    void reopen(Retention retention)
    {
        auto store = HistoryStore::open(m_folder.filePath(QStringLiteral("history.db")).toStdString(),
                                        {.retention = retention}, m_clock);
        QVERIFY2(store, store ? "" : store.error().text().c_str());
        m_store = std::move(*store);
    }

    void take(int from, int to)
    {
        while (m_store->congested())
            std::this_thread::sleep_for(1ms); // whoever starts invocations waits
        for (int i = from; i < to; ++i) {
            Invocation one = test::invocationOf(m_revisions[std::size_t(i % functions)], timeOf(i));
            one.start = i % 100 == 0 ? Start::Cold : Start::Warm;
            if (i % 50 == 0)
                one.outcome = i % 1000 == 500 ? Outcome::TimedOut : Outcome::HandlerError;
            one.phases.handler = milliseconds(1 + i % 10);
            one.event.data = payload("{\"order\":" + std::to_string(i) + "}");
            one.logs.clear();
            for (int line = 0; line < lines; ++line)
                one.logs.push_back({timeOf(i) + milliseconds(line), LogLevel::Info, textOf(i, line)});
            m_ids[std::size_t(i)] = one.id;
            m_store->record(std::make_shared<const Invocation>(std::move(one)));
        }
    }

    /// Runs a search several times and prints the median and the longest.
    template<typename Search> void timed(const char *what, Search search)
    {
        std::vector<double> each;
        const auto enough = steady_clock::now() + 3s;
        for (int i = 0; i < 9 && (i == 0 || steady_clock::now() < enough); ++i) {
            const auto begin = steady_clock::now();
            search();
            each.push_back(sinceMs(begin));
        }
        const double first = each.front();
        std::sort(each.begin(), each.end());
        std::printf("%-45s p50 %8.2f ms, first %8.2f ms\n", what, each[each.size() / 2], first);
    }

    template<typename T, typename Ask> T ask(Ask asking)
    {
        std::promise<Result<T>> told;
        asking([&](Result<T> result) { told.set_value(std::move(result)); });
        Result<T> result = told.get_future().get();
        if (!result)
            qFatal("%s", result.error().text().c_str());
        return std::move(*result);
    }

    template<typename Number> void page(const char *what, InvocationQuery query, int expected, Number number)
    {
        std::vector<InvocationPtr> rows;
        query.limit = std::max(expected, 1);
        timed(what, [&] {
            rows = ask<std::vector<InvocationPtr>>([&](auto answer) { m_store->invocations(query, answer); });
        });
        QCOMPARE(rows.size(), std::size_t(expected));
        for (int i = 0; i < expected; ++i)
            QVERIFY2(rows[std::size_t(i)]->id == m_ids[std::size_t(number(i))], what);
    }

    std::vector<LogEntry> logs(const char *what, const LogQuery &query)
    {
        std::vector<LogEntry> found;
        timed(what, [&] { found = ask<std::vector<LogEntry>>([&](auto answer) { m_store->logs(query, answer); }); });
        return found;
    }

    int m_count = 1'000'000;
    QTemporaryDir m_folder;
    const SystemClock m_clock;
    WallTime m_begin;
    std::vector<RevisionPtr> m_revisions;
    std::vector<Uuid> m_ids;
    std::unique_ptr<HistoryStore> m_store;
};

QTEST_GUILESS_MAIN(tst_HistorySize)
#include "tst_history_size.moc"
