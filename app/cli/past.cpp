// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/cli/local_engine.h"
#include "app/cli/options.h"
#include "app/cli/places.h"
#include "core/api/invocation_json.h"
#include "core/api/json_text.h"
#include "core/base/duration.h"
#include "core/base/wall_time.h"
#include "core/store/history_reader.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

namespace kiln {

namespace json = boost::json;

namespace {

Result<std::optional<WallTime>> readSince(const std::string &text)
{
    if (text.empty())
        return std::optional<WallTime>();
    if (const auto time = parseIso8601(text))
        return time;
    if (const auto back = parseDuration(text))
        return std::optional<WallTime>(SystemClock().wall() - *back);
    return fail(Error::Code::InvalidArgument,
                "--since takes a time such as 2026-03-01T12:00:00Z or a duration such as 15m", text);
}

/// Asks the engine that has the workspace open, else reads the workspace's history file: no engine is started to look
/// at the past.
class Past
{
public:
    [[nodiscard]] static Result<Past> open(const CommonOptions &common)
    {
        const Result<std::filesystem::path> workspace = findWorkspace(common.workspace);
        if (!workspace)
            return tl::make_unexpected(workspace.error());
        Past past;
        past.m_client = ControlClient::connect(*workspace);
        if (past.m_client)
            return past;
        const std::filesystem::path file = *workspace / ".kiln" / "history.db";
        Result<HistoryReader> reader = HistoryReader::open(file);
        if (reader)
            past.m_reader = std::move(*reader);
        else if (reader.error().code != Error::Code::NotFound)
            return tl::make_unexpected(reader.error());
        return past;
    }

    [[nodiscard]] Result<json::array> invocations(const InvocationQuery &query)
    {
        if (m_client)
            return rowsOf(m_client->ask(requestOf(query)));
        if (!m_reader)
            return json::array();
        return m_reader->invocations(query).map([](const std::vector<InvocationPtr> &found) {
            json::array rows;
            for (const InvocationPtr &invocation : found)
                rows.push_back(toJson(*invocation, IncludeLogs::No));
            return rows;
        });
    }

    [[nodiscard]] Result<json::array> logs(const LogQuery &query)
    {
        if (m_client)
            return rowsOf(m_client->ask(requestOf(query)));
        if (!m_reader)
            return json::array();
        return m_reader->logs(query).map([](const std::vector<LogEntry> &found) {
            json::array rows;
            for (const LogEntry &entry : found)
                rows.push_back(toJson(entry));
            return rows;
        });
    }

    [[nodiscard]] Result<json::object> metrics(const MetricsQuery &query)
    {
        if (m_client)
            return m_client->ask(requestOf(query));
        if (!m_reader)
            return toJson(MetricsSummary{});
        return m_reader->metrics(query).map([](const MetricsSummary &summary) { return toJson(summary); });
    }

private:
    static Result<json::array> rowsOf(Result<json::object> answer)
    {
        return std::move(answer).map([](const json::object &object) { return object.at("rows").get_array(); });
    }

    std::optional<ControlClient> m_client;
    std::optional<HistoryReader> m_reader; ///< Absent when nothing has ever run here.
};

std::string textOf(const json::object &row, std::string_view key) { return std::string(row.at(key).get_string()); }

void printInvocation(const json::object &row)
{
    std::string line = fmt::format("{}  {:<20}  {:<12}  {:<6}  {:>10.2f} ms  {}", textOf(row, "time"),
                                   textOf(row, "function"), textOf(row, "outcome"), textOf(row, "start"),
                                   row.at("duration_ms").to_number<double>(), textOf(row, "id"));
    if (const json::value &error = row.at("error"); error.is_object())
        line += fmt::format("  {}: {}", textOf(error.get_object(), "type"), textOf(error.get_object(), "message"));
    std::cout << line << "\n";
}

void printLog(const json::object &row, bool asJson)
{
    if (asJson)
        std::cout << jsonText(row) << "\n";
    else
        std::cout << fmt::format("{}  {:<20}  {:<6}  {}\n", textOf(row, "time"), textOf(row, "function"),
                                 textOf(row, "level"), textOf(row, "text"));
}

/// Prints what is newer than `newest`, until interrupted. Rows of one millisecond are told apart by content.
[[nodiscard]] Result<int> follow(Past &past, LogQuery query, bool asJson, const json::array &newest)
{
    using namespace std::chrono_literals;
    query.limit = 10'000;
    if (!newest.empty())
        query.since = parseIso8601(textOf(newest.front().get_object(), "time"));
    // All rows of the last millisecond count as seen, also those that the first listing's limit left out.
    Result<json::array> first = past.logs(query);
    if (!first)
        return tl::make_unexpected(first.error());
    json::array seen = std::move(*first);
    while (true) {
        std::this_thread::sleep_for(150ms);
        if (!seen.empty())
            query.since = parseIso8601(textOf(seen.front().get_object(), "time"));
        const Result<json::array> rows = past.logs(query);
        if (!rows)
            return tl::make_unexpected(rows.error());
        for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
            if (std::find(seen.begin(), seen.end(), *row) == seen.end())
                printLog(row->get_object(), asJson);
        }
        std::cout.flush();
        if (!rows->empty())
            seen = *rows;
    }
}

} // namespace

Result<int> runHistory(const CommonOptions &common, const PastOptions &options)
{
    const auto since = readSince(options.since);
    if (!since)
        return tl::make_unexpected(since.error());
    const std::optional<Outcome> outcome = outcomeFromWord(options.outcome);
    if (!options.outcome.empty() && !outcome)
        return fail(Error::Code::InvalidArgument, "There is no such outcome", options.outcome,
                    "Ok, HandlerError, InitError, TimedOut, OutOfMemory, Crashed, Blocked, Throttled or Cancelled");
    Result<Past> past = Past::open(common);
    if (!past)
        return tl::make_unexpected(past.error());
    const Result<json::array> rows = past->invocations({.function = options.function,
                                                        .outcome = outcome,
                                                        .since = *since,
                                                        .limit = options.limit,
                                                        .payloads = InvocationQuery::Payloads::Load});
    if (!rows)
        return tl::make_unexpected(rows.error());
    for (const json::value &row : *rows) {
        if (common.json)
            std::cout << jsonText(row) << "\n";
        else
            printInvocation(row.get_object());
    }
    return CommandLine::Done;
}

Result<int> runLogs(const CommonOptions &common, const PastOptions &options)
{
    const auto since = readSince(options.since);
    if (!since)
        return tl::make_unexpected(since.error());
    Result<Past> past = Past::open(common);
    if (!past)
        return tl::make_unexpected(past.error());
    const LogQuery query{
        .function = options.function, .invocation = {}, .grep = options.grep, .since = *since, .limit = options.limit};
    const Result<json::array> rows = past->logs(query);
    if (!rows)
        return tl::make_unexpected(rows.error());
    for (auto row = rows->rbegin(); row != rows->rend(); ++row)
        printLog(row->get_object(), common.json);
    std::cout.flush();
    return options.follow ? follow(*past, query, common.json, *rows) : Result<int>(CommandLine::Done);
}

Result<int> runMetrics(const CommonOptions &common, const PastOptions &options)
{
    const auto since = readSince(options.since);
    if (!since)
        return tl::make_unexpected(since.error());
    Result<Past> past = Past::open(common);
    if (!past)
        return tl::make_unexpected(past.error());
    const Result<json::object> summary = past->metrics({.function = options.function, .since = *since});
    if (!summary)
        return tl::make_unexpected(summary.error());
    if (common.json) {
        std::cout << jsonText(*summary) << "\n";
        return CommandLine::Done;
    }
    const json::object &duration = summary->at("duration_ms").get_object();
    const auto count = [&](std::string_view key) { return summary->at(key).to_number<std::uint64_t>(); };
    std::cout << fmt::format("Invocations  {}\nErrors       {}\nThrottles    {}\nCold starts  {}\n"
                             "Duration     p50 {:.2f} ms  p95 {:.2f} ms  p99 {:.2f} ms\n",
                             count("invocations"), count("errors"), count("throttles"), count("cold_starts"),
                             duration.at("p50").to_number<double>(), duration.at("p95").to_number<double>(),
                             duration.at("p99").to_number<double>());
    return CommandLine::Done;
}

} // namespace kiln
