// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history_reader.h"

#include "core/store/database.h"
#include "core/store/history_query.h"
#include "core/store/history_rows.h"
#include "core/store/log_search.h"
#include "core/store/schema.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kiln {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

constexpr int stepsBetweenLooks = 2000; ///< Of SQLite's machine, between looks at the cancel token: some 20 µs.
constexpr int mostAnswered = 100'000;

std::string limited(int limit) { return " LIMIT " + std::to_string(std::clamp(limit, 0, mostAnswered)); }

/// The smallest value that at least `share` of all are not above (nearest rank).
double percentileMs(std::vector<std::int64_t> &values, double share)
{
    if (values.empty())
        return 0;
    const auto rank = std::size_t(std::max(1.0, std::ceil(share * double(values.size()))));
    const auto nth = values.begin() + std::ptrdiff_t(rank - 1);
    std::nth_element(values.begin(), nth, values.end());
    return double(*nth) / 1e6;
}

} // namespace

struct HistoryReader::Parts
{
    std::filesystem::path path;
    DatabasePtr database;
    InvocationRows rows{*database};
};

HistoryReader::HistoryReader(std::unique_ptr<Parts> parts)
    : m_parts(std::move(parts))
{}
HistoryReader::HistoryReader(HistoryReader &&) noexcept = default;
HistoryReader &HistoryReader::operator=(HistoryReader &&) noexcept = default;
HistoryReader::~HistoryReader() = default;

Result<HistoryReader> HistoryReader::open(const std::filesystem::path &path, const std::string &vfs)
{
    auto database = openForReading(path, {.schema = historySchema(), .vfs = vfs});
    if (!database)
        return tl::make_unexpected(database.error());
    return HistoryReader(std::unique_ptr<Parts>(new Parts{path, std::move(*database)}));
}

/// Runs a search that the token can end and that SQLite may throw out of.
template<typename T, typename Action> Result<T> HistoryReader::guarded(const CancelToken &cancel, Action action)
{
    sqlite3 *handle = m_parts->database->getHandle();
    const auto look = [](void *token) { return static_cast<const CancelToken *>(token)->cancelled() ? 1 : 0; };
    sqlite3_progress_handler(handle, stepsBetweenLooks, look, const_cast<CancelToken *>(&cancel));
    Result<T> result = [&]() -> Result<T> {
        try {
            if (!cancel.cancelled())
                return action();
        } catch (const SQLite::Exception &exception) {
            if (!cancel.cancelled())
                return tl::make_unexpected(storeError(exception, m_parts->path));
        }
        return fail(Error::Code::Busy, "The search was cancelled");
    }();
    sqlite3_progress_handler(handle, 0, nullptr, nullptr);
    return result;
}

Result<> HistoryReader::eachInvocation(const InvocationQuery &query, const CancelToken &cancel,
                                       const std::function<bool(InvocationPtr)> &take)
{
    return guarded<void>(cancel, [&]() -> Result<> {
        const auto function = query.function.empty() ? std::nullopt : m_parts->rows.functionKey(query.function);
        if (!query.function.empty() && !function)
            return {};
        const InvocationFilter filter(query, function);
        SQLite::Statement rows(*m_parts->database, "SELECT " + InvocationRows::columns + " FROM invocation" +
                                                       filter.where + " ORDER BY key DESC" + limited(query.limit));
        filter.bind(rows);
        bool any = false;
        try {
            while (rows.executeStep()) {
                any = true;
                if (!take(std::make_shared<const Invocation>(m_parts->rows.read(rows, query.payloads))))
                    break;
            }
        } catch (const SQLite::Exception &exception) {
            // What a torn page hides is lost; what came before it is not.
            if (!any || failureOf(exception) != Failure::Damaged)
                throw;
        }
        return {};
    });
}

Result<std::vector<InvocationPtr>> HistoryReader::invocations(const InvocationQuery &query, const CancelToken &cancel)
{
    std::vector<InvocationPtr> found;
    const auto keep = [&](InvocationPtr invocation) {
        found.push_back(std::move(invocation));
        return true;
    };
    return eachInvocation(query, cancel, keep).map([&] { return std::move(found); });
}

Result<InvocationPtr> HistoryReader::invocation(const Uuid &id, const CancelToken &cancel)
{
    return guarded<InvocationPtr>(cancel, [&]() -> Result<InvocationPtr> {
        SQLite::Statement row(*m_parts->database,
                              "SELECT " + InvocationRows::columns + " FROM invocation WHERE id = ?");
        row.bind(1, id.bytes.data(), int(id.bytes.size()));
        if (!row.executeStep())
            return fail(Error::Code::NotFound, "History has no invocation " + id.text(), m_parts->path.string(),
                        "it may have aged off; see `kiln history`");
        Invocation invocation = m_parts->rows.read(row, InvocationQuery::Payloads::Load);
        m_parts->rows.readLogs(row, invocation);
        return std::make_shared<const Invocation>(std::move(invocation));
    });
}

Result<std::vector<LogEntry>> HistoryReader::logs(const LogQuery &query, const CancelToken &cancel)
{
    return guarded<std::vector<LogEntry>>(cancel, [&]() -> Result<std::vector<LogEntry>> {
        return searchLogs(*m_parts->database, m_parts->rows, query);
    });
}

Result<MetricsSummary> HistoryReader::metrics(const MetricsQuery &query, const CancelToken &cancel)
{
    return guarded<MetricsSummary>(cancel, [&]() -> Result<MetricsSummary> {
        const auto function = query.function.empty() ? std::nullopt : m_parts->rows.functionKey(query.function);
        if (!query.function.empty() && !function)
            return MetricsSummary{};
        InvocationQuery filtered;
        filtered.since = query.since;
        const InvocationFilter filter(filtered, function);
        SQLite::Statement rows(*m_parts->database,
                               "SELECT outcome, start, worker, handler FROM invocation" + filter.where);
        filter.bind(rows);
        MetricsSummary sum;
        std::vector<std::int64_t> durations;
        while (rows.executeStep()) {
            const auto outcome = Outcome(rows.getColumn(0).getInt());
            sum.throttles += outcome == Outcome::Throttled ? 1 : 0;
            if (!wasStarted(outcome, rows.getColumn(2).getInt64() != 0))
                continue;
            ++sum.invocations;
            sum.errors += isError(outcome) ? 1 : 0;
            sum.coldStarts += Start(rows.getColumn(1).getInt()) != Start::Warm ? 1 : 0;
            durations.push_back(rows.getColumn(3).getInt64());
        }
        sum.p50 = percentileMs(durations, 0.50);
        sum.p95 = percentileMs(durations, 0.95);
        sum.p99 = percentileMs(durations, 0.99);
        return sum;
    });
}

Result<std::vector<InvocationFigures>> HistoryReader::figures(WallTime since, int limit, const CancelToken &cancel)
{
    return guarded<std::vector<InvocationFigures>>(cancel, [&]() -> Result<std::vector<InvocationFigures>> {
        SQLite::Statement rows(*m_parts->database,
                               "SELECT key, function, outcome, start, worker, queue, sandbox, runtime, init, handler,"
                               " respond FROM invocation WHERE key >= ? ORDER BY key DESC LIMIT ?");
        rows.bind(1, historyKey(since));
        rows.bind(2, std::max(limit, 0));
        const auto span = [&](int column) { return nanoseconds(rows.getColumn(column).getInt64()); };
        std::vector<InvocationFigures> figures;
        while (rows.executeStep()) {
            figures.push_back({.function = m_parts->rows.functionName(rows.getColumn(1).getInt64()),
                               .accepted = acceptedAt(rows.getColumn(0).getInt64()),
                               .outcome = Outcome(std::clamp(rows.getColumn(2).getInt(), 0, outcomeCount - 1)),
                               .start = Start(std::clamp(rows.getColumn(3).getInt(), 0, int(Start::Warm))),
                               .phases = {span(5), span(6), span(7), span(8), span(9), span(10)},
                               .hadWorker = rows.getColumn(4).getInt64() != 0});
        }
        std::reverse(figures.begin(), figures.end());
        return figures;
    });
}

Result<GrantTallies> HistoryReader::grantUses()
{
    return guarded<GrantTallies>({}, [&]() -> Result<GrantTallies> {
        SQLite::Statement rows(*m_parts->database, "SELECT name, permission, least, seen, used, last FROM grant_use"
                                                   " JOIN function ON function.key = grant_use.function");
        GrantTallies tallies;
        while (rows.executeStep())
            tallies[{rows.getColumn(0).getString(), rows.getColumn(1).getString(), rows.getColumn(2).getString()}] = {
                std::uint64_t(rows.getColumn(3).getInt64()), std::uint64_t(rows.getColumn(4).getInt64()),
                WallTime(std::chrono::microseconds(rows.getColumn(5).getInt64()))};
        return tallies;
    });
}

} // namespace kiln
