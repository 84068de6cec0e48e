// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/shell/recorded.h"

#include "core/base/uuid.h"

#include <cmath>
#include <fstream>

namespace kiln::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr WallTime noon = WallTime(std::chrono::seconds(1'772'366'400));

constexpr const char *checkoutCode = R"(import json
import os
import uuid

CURRENCY = os.environ["CURRENCY"]
PRICES = {"tea": 4.20, "cup": 12.00}


def handler(event, context):
    order = json.loads(event["body"])
    if not order.get("items"):
        return {"statusCode": 400, "body": "empty cart"}
    order["id"] = str(uuid.uuid4())
    order["total"] = sum(PRICES[item["sku"]] for item in order["items"])
    print("order", order["id"], order["total"], CURRENCY)
    return {"statusCode": 201, "body": json.dumps(order)}
)";

FunctionView function(const fs::path &folder, const std::string &name, Language language,
                      std::vector<std::string> files)
{
    FunctionView view;
    view.name = name;
    view.folder = folder / "functions" / name;
    view.state = FunctionView::State::Ready;
    view.settings.name = name;
    view.settings.runtime.language = language;
    view.settings.handler = language == Language::Python ? "handler.handler" : "index.handler";
    view.files = std::move(files);
    view.interpreter = language == Language::Python
                           ? Interpreter{Language::Python, "3.11.2", "/usr/bin/python3.11", {}, {}}
                           : Interpreter{Language::Node, "20.11.1", "/usr/bin/node", {}, {}};
    return view;
}

void giveRevision(FunctionView &view, const std::string &hash)
{
    auto revision = std::make_shared<Revision>();
    revision->hash = hash;
    revision->settings = view.settings;
    revision->code = view.folder;
    revision->created = noon - 10min;
    view.revision = revision;
}

std::shared_ptr<Invocation> invocation(const RevisionPtr &revision, int number)
{
    auto made = std::make_shared<Invocation>();
    const WallTime at = noon - std::chrono::milliseconds(24 * number);
    made->id = Uuid::next(at);
    made->event.id = Uuid::next(at).text();
    made->event.source = "kiln:manual";
    made->event.type = "kiln.manual";
    made->event.time = at;
    made->event.data = payload(R"({"body": "{\"items\": [{\"sku\": \"tea\"}]}"})");
    made->revision = revision;
    made->triggerKind = "http";
    made->accepted = at;
    made->phases = {60us, 0ns, 0ns, 0ns, std::chrono::microseconds(1500 + number * 37 % 900), 140us};
    made->response = payload(R"({"statusCode": 201, "body": "{\"id\": \"5f0c6b1e\", \"total\": 4.2}"})");
    made->usage.maxMemory = 42_MB;
    made->worker = 3;
    made->logs = {{at, LogLevel::System, "START RequestId: " + made->id.text() + " Version: $LATEST"},
                  {at, LogLevel::Info, "order 5f0c6b1e 4.2 EUR"},
                  {at + 2ms, LogLevel::System, "END RequestId: " + made->id.text()}};
    return made;
}

std::shared_ptr<Invocation> coldInvocation(const RevisionPtr &revision, int number)
{
    auto made = invocation(revision, number);
    made->start = Start::Cold;
    made->phases.sandbox = 3100us;
    made->phases.runtime = 9200us;
    made->phases.init = 6100us;
    return made;
}

std::shared_ptr<Invocation> failedInvocation(const RevisionPtr &revision, int number)
{
    auto made = invocation(revision, number);
    made->outcome = Outcome::HandlerError;
    made->error = {"KeyError",
                   "'sku'",
                   {"Traceback (most recent call last):", "  File \"/var/task/handler.py\", line 14, in handler",
                    "    order[\"total\"] = sum(PRICES[item[\"sku\"]] for item in order[\"items\"])"}};
    made->response = payload({});
    made->denied = {{"connect", "10.0.0.7:443", "", "handler.py:14"}};
    return made;
}

void addFunctions(WorkspaceView &workspace)
{
    FunctionView checkout = function(workspace.folder, "checkout", Language::Python, {"function.yaml", "handler.py"});
    checkout.settings.limits.memory = 256_MB;
    checkout.settings.environment = {{"CURRENCY", "EUR"}, {"SHOP_NAME", "Tea and Cups"}};
    checkout.settings.permissions.files = {{"../../data", Permissions::Mode::ReadOnly}};
    checkout.settings.triggers = {HttpTrigger{"POST", "/orders"}, HttpTrigger{"GET", "/orders/{id}"}, UrlTrigger{}};
    checkout.testEvents = {"order-created.json", "order-empty-cart.json"};
    giveRevision(checkout, "ab12cd34e5f60718293a4b5c6d7e8f90ab12cd34e5f60718293a4b5c6d7e8f90");
    workspace.functions.push_back(std::move(checkout));

    FunctionView report =
        function(workspace.folder, "nightly-report", Language::Python, {"function.yaml", "handler.py"});
    report.settings.triggers = {ScheduleTrigger{"0 2 * * *", "Europe/Berlin"}};
    report.testEvents = {"tick.json"};
    giveRevision(report, "77aa000000000000000000000000000000000000000000000000000000000000");
    workspace.functions.push_back(std::move(report));

    FunctionView resize = function(workspace.folder, "resize", Language::Node, {"function.yaml", "index.mjs"});
    resize.state = FunctionView::State::Invalid;
    resize.problems = {{Problem::Severity::Error, "functions/resize/function.yaml", 3, 10, "timeout",
                        "expected a duration such as 3s, found \"fast\""}};
    workspace.functions.push_back(std::move(resize));

    FunctionView thumbnail =
        function(workspace.folder, "thumbnail", Language::Node, {"function.yaml", "index.mjs", "sizes.json"});
    thumbnail.settings.triggers = {UrlTrigger{}};
    giveRevision(thumbnail, "0912ffee00000000000000000000000000000000000000000000000000000000");
    workspace.functions.push_back(std::move(thumbnail));
}

void addLive(Snapshot &snapshot)
{
    const auto &views = snapshot.workspace->functions;
    for (const FunctionView &view : views) {
        FunctionLive live;
        live.name = view.name;
        live.triggers.resize(view.settings.triggers.size());
        snapshot.functions.push_back(std::move(live));
    }
    FunctionLive &checkout = snapshot.functions[0];
    checkout.warm = 4;
    checkout.busy = 2;
    checkout.rate = 42.3;
    checkout.p50 = 1.8;
    checkout.p95 = 6.2;
    checkout.p99 = 31;
    checkout.coldShare = 0.004;
    checkout.errors = 12;
    for (std::size_t i = 0; i < checkout.spark.size(); ++i)
        checkout.spark[i] = 30 + 12 * std::sin(float(i) / 4);
    checkout.triggers[0].rate = 36;
    checkout.triggers[1].rate = 6.3;
    checkout.last = invocation(views[0].revision, 0);
    checkout.lastError = failedInvocation(views[0].revision, 40);
    snapshot.functions[1].triggers[0].nextRun = noon + 5h + 20min;
    snapshot.functions[1].lastError = nullptr;
    FunctionLive &thumbnail = snapshot.functions[3];
    thumbnail.warm = 1;
    thumbnail.rate = 3.1;
    thumbnail.triggers[0].rate = 3.1;
    thumbnail.p50 = 22;
    thumbnail.p99 = 88;
}

void addFeeds(Snapshot &snapshot)
{
    auto chunk = std::make_shared<Feed<InvocationPtr>::Chunk>();
    auto logs = std::make_shared<Feed<LogEntry>::Chunk>();
    const RevisionPtr revision = snapshot.workspace->functions[0].revision;
    for (int i = 60; i > 0; --i) {
        const InvocationPtr each = i % 15 == 0   ? failedInvocation(revision, i)
                                   : i % 20 == 1 ? coldInvocation(revision, i)
                                                 : invocation(revision, i);
        chunk->items.push_back(each);
        for (const LogLine &line : each->logs)
            logs->items.push_back({line, "checkout", each->id});
    }
    snapshot.invocations.chunks.push_back(chunk);
    snapshot.logs.chunks.push_back(logs);
    for (std::uint64_t i = 1; i <= 6; ++i) {
        snapshot.workers.push_back({i, "checkout", revision->hash, int(4000 + i),
                                    i <= 2 ? WorkerState::Busy : WorkerState::Idle, i > 4, Start::Cold, Tier::Full,
                                    noon - std::chrono::minutes(i), 900 * i, i <= 2 ? 1 : 0, 1, ByteSize{36'000'000},
                                    i <= 2 ? 0.31 : 0.0, std::to_string(i) + " waiting, 0 idle, 2 of 20 running"});
    }
}

void addMetrics(Snapshot &snapshot)
{
    auto metrics = std::make_shared<MetricsView>();
    metrics->upTo = noon.time_since_epoch() / 1s;
    MetricSeries series;
    for (std::int64_t minute = metrics->upTo / 60 - 5; minute <= metrics->upTo / 60; ++minute) {
        auto seconds = std::make_shared<MetricMinute>();
        for (std::size_t i = 0; i < 60; ++i) {
            const double at = double(minute * 60 + std::int64_t(i) - metrics->upTo);
            if (at > 0)
                break;
            MetricSecond &second = (*seconds)[i];
            const double wave = 30 + 14 * std::sin(at / 40);
            second.warm = std::uint32_t(wave);
            second.cold = at > -250 && at < -230 ? 12 : 0;
            second.errors = std::int64_t(at) % 50 == 0 ? 2 : 0;
            second.p50 = 1.8F;
            second.p95 = float(6 + 2 * std::sin(at / 20));
            second.p99 = second.cold > 0 ? 31.0F : 14.0F;
            if (second.cold > 0)
                second.coldPhases = {0.1F, 3.1F, 9.2F, 6.1F, 1.7F, 0.2F};
        }
        series.chunks.push_back({minute, seconds});
    }
    metrics->functions["checkout"] = series;
    metrics->functions[""] = series;
    snapshot.metrics = metrics;
}

} // namespace

std::shared_ptr<Snapshot> recordedSnapshot(const fs::path &folder)
{
    auto workspace = std::make_shared<WorkspaceView>();
    workspace->folder = folder;
    workspace->name = "shop";
    workspace->interpreters = {
        {Language::Python, "3.11.2", "/usr/bin/python3.11", {}, {}},
        {Language::Python, "3.12.1", "/root/.pyenv/bin/python", {}, "not readable for a sandboxed user"},
        {Language::Node, "20.11.1", "/usr/bin/node", {}, {}}};
    addFunctions(*workspace);
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->number = 1;
    snapshot->time = noon;
    snapshot->workspace = workspace;
    EngineLive &engine = snapshot->engine;
    engine.state = EngineLive::State::Running;
    engine.tier = Tier::Full;
    engine.tierEvidence = {"namespaces: on (user, mount, pid, net, ipc, uts)", "seccomp: on (filter installed)",
                           "cgroup: on (memory, pids, cpu)"};
    engine.address = "http://127.0.0.1:7070";
    engine.workers = 7;
    engine.workerMemory = ByteSize{222'298'112};
    engine.rate = 45.4;
    engine.historyInvocations = 1'203'114;
    engine.historySize = ByteSize{325'058'560};
    addLive(*snapshot);
    addFeeds(*snapshot);
    addMetrics(*snapshot);
    return snapshot;
}

void writeRecordedWorkspace(const fs::path &folder)
{
    const auto write = [&](const fs::path &path, const std::string &text) {
        fs::create_directories((folder / path).parent_path());
        std::ofstream(folder / path) << text;
    };
    write("kiln.yaml", "name: shop\n");
    write("functions/checkout/handler.py", checkoutCode);
    write("functions/checkout/function.yaml", "runtime: python\nhandler: handler.handler\nmemory: 256MB\n");
    write("functions/checkout/events/order-created.json",
          "{\"body\": \"{\\\"items\\\": [{\\\"sku\\\": \\\"tea\\\"}]}\"}\n");
    write("functions/checkout/events/order-empty-cart.json", "{\"body\": \"{}\"}\n");
    write("functions/nightly-report/handler.py", "def handler(event, context):\n    return {}\n");
    write("functions/nightly-report/function.yaml", "runtime: python\nhandler: handler.handler\n");
    write("functions/nightly-report/events/tick.json", "{}\n");
    write("functions/resize/function.yaml", "runtime: node\nhandler: index.handler\ntimeout: fast\n");
    write("functions/resize/index.mjs", "export const handler = async (event) => event;\n");
    write("functions/thumbnail/index.mjs", "export const handler = async (event) => event;\n");
    write("functions/thumbnail/function.yaml", "runtime: node\nhandler: index.handler\n");
    write("functions/thumbnail/sizes.json", "[64, 256]\n");
}

void RecordedEngine::publish(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    if (m_take)
        m_take(m_snapshot);
}

void RecordedEngine::fire(Fire fire, Answer<InvocationPtr> done)
{
    fired.push_back(std::move(fire));
    done(fireAnswer);
}

void RecordedEngine::fireTwice(Fire fire, Answer<FiredTwice> done)
{
    twice.push_back(std::move(fire));
    done(twiceAnswer);
}

void RecordedEngine::inspectWorker(std::uint64_t worker, Answer<WorkerInspection> done)
{
    inspected.push_back(worker);
    done(inspection);
}

void RecordedEngine::runTrigger(std::string function, std::size_t trigger, Answer<InvocationPtr> done)
{
    ran.push_back(function + "#" + std::to_string(trigger));
    done(fireAnswer);
}

void RecordedEngine::startLoad(LoadPlan plan, Answer<std::uint64_t> begun)
{
    loads.push_back(std::move(plan));
    begun(loadAnswer);
}

void RecordedEngine::loadReport(std::uint64_t, Answer<LoadReportPtr> done)
{
    if (m_snapshot->load)
        done(m_snapshot->load);
    else
        done(fail(Error::Code::NotFound, "there was no load run"));
}

void RecordedEngine::trust(Answer<> done)
{
    ++trusted;
    done({});
}

void RecordedEngine::edit(WorkspaceEdit edit, Answer<> done)
{
    edits.push_back(std::move(edit));
    done(editAnswer);
}

void RecordedEngine::queryInvocations(InvocationQuery, Answer<std::vector<InvocationPtr>> done) { done({}); }
void RecordedEngine::queryLogs(LogQuery, Answer<std::vector<LogEntry>> done) { done({}); }

void RecordedEngine::loadInvocation(Uuid id, Answer<InvocationPtr> done)
{
    InvocationPtr found;
    m_snapshot->invocations.since(0, [&](const InvocationPtr &each) {
        if (each->id == id)
            found = each;
    });
    for (const InvocationPtr &each : whole) {
        if (each->id == id)
            found = each;
    }
    if (found)
        done(found);
    else
        done(fail(Error::Code::NotFound, "there is no such invocation"));
}

void RecordedEngine::queryMetrics(MetricsQuery, Answer<MetricsSummary> done) { done({}); }

} // namespace kiln::test
