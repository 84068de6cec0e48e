// SPDX-License-Identifier: GPL-3.0-or-later
// What comes over the control socket: lines of JSON, and what is asked of the engine because of them.
#include "app/control/control_handler.h"
#include "core/api/load_json.h"
#include "core/base/base64.h"
#include "tests/fuzz/promise.h"

#include <boost/json.hpp>

#include <optional>

using namespace kiln;
using namespace kiln::test;

namespace json = boost::json;

namespace {

/// Remembers what it was asked, and answers at once.
class AskedEngine final : public Engine
{
public:
    void subscribe(std::function<void(SnapshotPtr)>) override {}
    [[nodiscard]] SnapshotPtr snapshot() const override
    {
        looked = true;
        return nullptr;
    }
    void fire(Fire asked, Answer<InvocationPtr> done) override
    {
        fired = asked;
        done(invocationOf(asked.data));
    }
    void fireTwice(Fire asked, Answer<FiredTwice> done) override
    {
        fired = asked;
        done(FiredTwice{invocationOf(asked.data), invocationOf(asked.data), std::nullopt});
    }
    void runTrigger(std::string, std::size_t, Answer<InvocationPtr>) override {}
    void startLoad(LoadPlan asked, Answer<std::uint64_t> begun) override
    {
        static_cast<void>(problemOf(asked)); // the engine looks at it first
        load = std::move(asked);
        begun(7);
    }
    void stopLoad(std::uint64_t) override { stopped = true; }
    void loadReport(std::uint64_t run, Answer<LoadReportPtr> done) override
    {
        reported = run;
        done(std::make_shared<const LoadReport>());
    }
    void trust(Answer<>) override {}
    void edit(WorkspaceEdit, Answer<> done) override
    {
        looked = true;
        done({});
    }
    void setSecret(std::string, std::optional<std::string>, Answer<> done) override
    {
        looked = true;
        done({});
    }
    void listSecrets(Answer<std::vector<std::string>> done) override
    {
        looked = true;
        done(std::vector<std::string>{});
    }
    void queryGrants(std::string, Answer<std::vector<GrantUse>> done) override
    {
        looked = true;
        done(std::vector<GrantUse>{});
    }
    void queryInvocations(InvocationQuery asked, Answer<std::vector<InvocationPtr>> done) override
    {
        promise(asked.limit >= 0 && asked.limit <= 100'000, "a limit is bounded");
        invocations = std::move(asked);
        done(std::vector<InvocationPtr>{invocationOf("{}")});
    }
    void queryLogs(LogQuery asked, Answer<std::vector<LogEntry>> done) override
    {
        promise(asked.limit >= 0 && asked.limit <= 100'000, "a limit is bounded");
        logs = std::move(asked);
        done(std::vector<LogEntry>{LogEntry{}});
    }
    void loadInvocation(Uuid, Answer<InvocationPtr>) override {}
    void queryMetrics(MetricsQuery asked, Answer<MetricsSummary> done) override
    {
        metrics = std::move(asked);
        done(fail(Error::Code::Store, "no metrics", "a place", "a remedy"));
    }
    void inspectWorker(std::uint64_t worker, Answer<WorkerInspection> done) override
    {
        looked = true;
        WorkerInspection inspection;
        inspection.worker.id = worker;
        done(std::move(inspection));
    }
    void stopWorker(std::uint64_t) override {}
    void retireIdle(std::string) override {}
    [[nodiscard]] bool isReadOnly() const override { return false; }
    void keepUntilEnd(std::shared_ptr<void>) override {}
    void whenReady(Answer<>) override {}

    [[nodiscard]] static InvocationPtr invocationOf(std::string response)
    {
        auto invocation = std::make_shared<Invocation>();
        invocation->revision = std::make_shared<const Revision>();
        invocation->response = payload(std::move(response));
        return invocation;
    }

    mutable bool looked = false; ///< It was asked for something else.
    std::optional<Fire> fired;
    std::optional<InvocationQuery> invocations;
    std::optional<LogQuery> logs;
    std::optional<MetricsQuery> metrics;
    std::optional<LoadPlan> load;
    std::optional<std::uint64_t> reported;
    bool stopped = false;
};

/// Sends a request; the reply, which must be one that a command can read.
Result<json::object> ask(AskedEngine &engine, const json::object &request)
{
    std::optional<json::object> replied;
    ControlHandler(engine).handle(request, [&](json::object reply) {
        promise(!replied, "a request is answered once");
        replied = std::move(reply);
    });
    promise(replied.has_value(), "a request is answered");
    const std::string line = json::serialize(*replied);
    promise(line.find('\n') == std::string::npos, "a reply is one line");
    Result<json::object> read = readReply(line);
    promise(read.has_value() == replied->contains("ok"), "a reply survives its way over the socket");
    return read;
}

/// A query survives its way over the socket.
void checkRoundTrip(const AskedEngine &asked)
{
    AskedEngine engine;
    if (asked.invocations) {
        promise(ask(engine, requestOf(*asked.invocations)).has_value(), "a query is answered");
        promise(engine.invocations->function == asked.invocations->function &&
                    engine.invocations->outcome == asked.invocations->outcome &&
                    engine.invocations->errorsOnly == asked.invocations->errorsOnly &&
                    engine.invocations->limit == asked.invocations->limit,
                "a query comes back");
    }
    if (asked.logs) {
        promise(ask(engine, requestOf(*asked.logs)).has_value(), "a query is answered");
        promise(engine.logs->function == asked.logs->function && engine.logs->grep == asked.logs->grep &&
                    engine.logs->invocation == asked.logs->invocation && engine.logs->limit == asked.logs->limit,
                "a query comes back");
    }
    if (asked.load) {
        const json::object plan = toJson(*asked.load, EventBytes::With);
        promise(ask(engine, {{"do", "load"}, {"plan", plan}}).has_value(), "a load run begins");
        promise(toJson(*engine.load, EventBytes::With) == plan, "a plan comes back");
    }
    if (asked.metrics) {
        const Result<json::object> reply = ask(engine, requestOf(*asked.metrics));
        promise(!reply && reply.error().message == "no metrics" && reply.error().code == Error::Code::Store &&
                    reply.error().remedy == "a remedy",
                "an error comes back");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view line(reinterpret_cast<const char *>(data), size);
    static_cast<void>(readReply(line)); // as if an engine had said so
    json::error_code failed;
    const json::value value = json::parse({line.data(), line.size()}, failed);
    if (failed || !value.is_object())
        return 0; // the connection is closed
    AskedEngine engine;
    const Result<json::object> reply = ask(engine, value.get_object());
    promise(reply ? engine.fired || engine.looked || engine.invocations || engine.logs || engine.load ||
                        engine.reported || engine.stopped
                  : !reply.error().message.empty(),
            "an answer is the engine's, or says why there is none");
    if (engine.fired && reply)
        promise(
            fromBase64(std::string_view(
                (reply->contains("second") ? reply->at("second") : json::value(*reply)).at("response").as_string())) ==
                engine.fired->data,
            "an event's bytes are the engine's to see");
    checkRoundTrip(engine);
    return 0;
}
