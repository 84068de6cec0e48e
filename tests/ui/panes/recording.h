// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <cmath>
#include <map>
#include <random>

namespace kiln::test {

/// Makes up what a busy engine would have told, the same each time: snapshots for tests of models and panes.
class Recording
{
public:
    static constexpr std::int64_t begin = 1'767'225'600; // 2026-01-01T00:00:00Z

    Recording()
    {
        auto workspace = std::make_shared<WorkspaceView>();
        workspace->name = "shop";
        for (const auto &[name, memory] :
             {std::pair("checkout", 256_MB), std::pair("nightly-report", 512_MB), std::pair("thumbnail", 128_MB)}) {
            auto revision = std::make_shared<Revision>();
            revision->hash = std::string("9f2c41d07be35a68") + name;
            revision->settings.name = name;
            revision->settings.limits.memory = memory;
            FunctionView view;
            view.name = name;
            view.state = FunctionView::State::Ready;
            view.revision = revision;
            workspace->functions.push_back(view);
            m_revisions.push_back(revision);
        }
        m_workspace = workspace;
        m_metrics = std::make_shared<MetricsView>();
    }

    WallTime now() const { return m_now; }
    void pass(std::chrono::microseconds time) { m_now += time; }

    /// An invocation as it might come, not yet in the feed.
    std::shared_ptr<Invocation> invocation()
    {
        using namespace std::chrono_literals;
        auto made = std::make_shared<Invocation>();
        const auto dice = m_random() % 1000;
        made->id = Uuid::next(m_now);
        made->revision = m_revisions[dice % 10 < 7 ? 0 : dice % 10 < 9 ? 2 : 1];
        made->triggerKind = dice % 10 < 7 ? "http" : dice % 10 < 9 ? "manual" : "schedule";
        made->accepted = m_now;
        made->worker = 1 + dice % 6;
        made->phases.queue = std::chrono::microseconds(20 + m_random() % 60);
        made->phases.handler = std::chrono::microseconds(900 + m_random() % 2400);
        made->phases.respond = std::chrono::microseconds(60 + m_random() % 90);
        made->usage.maxMemory =
            ByteSize{std::int64_t(18 + m_random() % 14) * 1'048'576 + std::int64_t(m_random() % 999'999)};
        made->usage.cpu = made->phases.handler * 8 / 10;
        made->event.id = made->id.text();
        made->event.type = "kiln.http.request";
        made->event.source = "kiln:http";
        made->event.data = payload(R"({"version": "2.0", "routeKey": "POST /orders", "body": "{\"items\": []}"})");
        made->response = payload(R"({"statusCode": 201, "body": "{\"id\": \"5f0c\"}"})");
        if (dice % 50 == 0) {
            made->start = dice % 100 == 0 ? Start::Cold : Start::Zygote;
            made->phases.sandbox = 1300us;
            made->phases.runtime = 610us;
            made->phases.init = 7'400us;
        }
        if (dice % 40 == 1) {
            made->outcome = Outcome::HandlerError;
            made->error = {"KeyError", "'sku'", {}};
        } else if (dice % 90 == 2) {
            made->outcome = Outcome::TimedOut;
            made->error = {"Sandbox.Timedout", "Task timed out after 3.00 seconds", {}};
            made->phases.handler = 3s;
        } else if (dice % 90 == 3) {
            made->outcome = Outcome::Throttled;
            made->worker = 0;
            made->phases = {};
        }
        return made;
    }

    void addInvocation(InvocationPtr invocation) { add(m_invocations, std::move(invocation), 10'000); }
    void addInvocations(int count)
    {
        std::vector<InvocationPtr> batch;
        for (int i = 0; i < count; ++i) {
            pass(std::chrono::microseconds(1700));
            batch.push_back(invocation());
        }
        addBatch(m_invocations, std::move(batch), 10'000);
    }

    void addLog(LogLevel level, std::string text, std::string function = "checkout", Uuid id = {})
    {
        add(m_logs, LogEntry{{m_now, level, std::move(text)}, std::move(function), id}, 20'000);
    }
    void addLogs(int count)
    {
        std::vector<LogEntry> batch;
        for (int i = 0; i < count; ++i) {
            pass(std::chrono::microseconds(430));
            const auto id = Uuid::next(m_now);
            const int n = ++m_line;
            const std::string function = n % 5 == 0 ? "thumbnail" : "checkout";
            LogLine line{m_now, LogLevel::Info, "order " + std::to_string(n) + " accepted, 3 items, EUR 41.90"};
            if (n % 7 == 0)
                line = {m_now, LogLevel::System, "START RequestId: " + id.text() + " Version: $LATEST"};
            else if (n % 23 == 0)
                line = {m_now, LogLevel::Warn, "stock of sku 4711 is low: " + std::to_string(n % 9) + " left"};
            else if (n % 31 == 0)
                line = {m_now, LogLevel::Error,
                        "KeyError: 'sku' in handler.py line 11 while reading the order from the request body; the "
                        "whole body was {\"items\": [{\"name\": \"mug\", \"price\": 12.5}, {\"name\": \"plate\", "
                        "\"price\": 29.4}], \"currency\": \"EUR\"}"};
            else if (n % 11 == 0)
                line = {m_now, LogLevel::Debug, "cache hit for customer 88"};
            batch.push_back({line, function, id});
        }
        addBatch(m_logs, std::move(batch), 20'000);
    }

    /// An hour of seconds that end now, for all and for checkout.
    void addMetrics(int seconds = 3600)
    {
        auto view = std::make_shared<MetricsView>();
        view->upTo = std::chrono::floor<std::chrono::seconds>(m_now).time_since_epoch().count();
        std::map<std::int64_t, std::shared_ptr<MetricMinute>> minutes;
        for (std::int64_t s = view->upTo - seconds + 1; s <= view->upTo; ++s) {
            auto &minute = minutes[s / 60];
            if (!minute)
                minute = std::make_shared<MetricMinute>();
            (*minute)[std::size_t(s % 60)] = second(s);
        }
        MetricSeries series;
        for (const auto &[number, minute] : minutes)
            series.chunks.push_back({number, minute});
        view->functions["checkout"] = series;
        view->functions[""] = series;
        m_metrics = view;
    }

    std::vector<WorkerView> workers;

    void addWorkers(int count)
    {
        using namespace std::chrono_literals;
        for (int i = 0; i < count; ++i) {
            WorkerView worker;
            worker.id = workers.size() + 1;
            worker.function = i % 4 == 3 ? "thumbnail" : "checkout";
            worker.revision = "9f2c41d07be35a68checkout";
            worker.pid = 40'210 + i * 3;
            worker.state = i % 7 == 6 ? WorkerState::Starting : i % 3 == 0 ? WorkerState::Busy : WorkerState::Idle;
            worker.start = i == 0 ? Start::Cold : i % 2 ? Start::Zygote : Start::Parked;
            worker.started = m_now - std::chrono::seconds(15 + 37 * i);
            worker.served = std::uint64_t(1700 - 90 * i);
            worker.memory = ByteSize{(22 + i) * 1'048'576ll};
            worker.cpu = worker.state == WorkerState::Busy ? 0.11 + 0.07 * i : 0;
            worker.why = std::to_string(1 + i % 3) + " waiting, 0 idle, " + std::to_string(i) + " of 20 running";
            workers.push_back(worker);
        }
    }

    /// A start or a stop, at the time that it is now.
    void addScaling(const std::string &function, ScaleEvent::What what, ScaleCause cause, std::string why)
    {
        ScaleEvent event{.time = m_now, .worker = ++m_scaled, .what = what, .cause = cause, .why = std::move(why)};
        event.running = 4;
        event.limit = 20;
        add(m_scaling[function], std::move(event), 500);
    }

    SnapshotPtr snapshot()
    {
        auto made = std::make_shared<Snapshot>();
        made->number = ++m_number;
        made->time = m_now;
        made->workspace = m_workspace;
        made->workers = workers;
        for (const FunctionView &view : m_workspace->functions) {
            FunctionLive live;
            live.name = view.name;
            live.scaling = m_scaling[view.name];
            made->functions.push_back(live);
        }
        made->invocations = m_invocations;
        made->logs = m_logs;
        made->metrics = m_metrics;
        return made;
    }

private:
    static MetricSecond second(std::int64_t s)
    {
        const double wave = std::sin(double(s) / 47) + 0.4 * std::sin(double(s) / 7.3);
        MetricSecond m;
        m.warm = std::uint32_t(34 + 12 * wave);
        m.cold = s % 240 < 14 ? 6 : s % 31 == 0 ? 1 : 0;
        m.zygote = s % 240 < 20 ? 4 : 0;
        m.parked = s % 120 > 100 ? 3 : 0;
        m.errors = s % 97 < 4 ? 5 : 0;
        m.throttled = s % 240 > 6 && s % 240 < 12 ? 9 : 0;
        m.busy = std::uint16_t(3 + 2 * wave + (s % 240 < 14 ? 6 : 0));
        m.idle = std::uint16_t(s % 240 < 60 ? 6 : 2);
        m.starting = std::uint16_t(s % 240 < 8 ? 5 : 0);
        m.workerLimit = 20;
        m.p50 = float(1.7 + 0.3 * wave);
        m.p95 = float(5.2 + wave + (s % 240 < 14 ? 7 : 0));
        m.p99 = float(9 + 2 * wave + (s % 240 < 14 ? 24 : 0));
        if (m.cold + m.zygote + m.parked > 0)
            m.coldPhases = {0.05F, 1.3F, 0.6F, 7.4F, 1.9F, 0.1F};
        return m;
    }

    template<typename T> static void add(Feed<T> &feed, T item, std::size_t most)
    {
        addBatch(feed, std::vector<T>{std::move(item)}, most);
    }

    template<typename T> static void addBatch(Feed<T> &feed, std::vector<T> items, std::size_t most)
    {
        auto chunk = std::make_shared<typename Feed<T>::Chunk>();
        chunk->first = feed.end();
        chunk->items = std::move(items);
        feed.chunks.push_back(chunk);
        while (feed.end() - feed.chunks.front()->first > most + feed.chunks.front()->items.size())
            feed.chunks.erase(feed.chunks.begin());
    }

    std::mt19937 m_random{7};
    WallTime m_now{std::chrono::seconds(begin)};
    std::shared_ptr<const WorkspaceView> m_workspace;
    std::vector<RevisionPtr> m_revisions;
    std::shared_ptr<const MetricsView> m_metrics;
    Feed<InvocationPtr> m_invocations;
    Feed<LogEntry> m_logs;
    std::map<std::string, Feed<ScaleEvent>> m_scaling;
    std::uint64_t m_scaled = 0;
    std::uint64_t m_number = 0;
    int m_line = 0;
};

} // namespace kiln::test
