// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/control/control_handler.h"

#include "core/api/inspection_json.h"
#include "core/api/invocation_json.h"
#include "core/api/load_json.h"
#include "core/base/base64.h"
#include "core/base/wall_time.h"

#include <boost/json.hpp>

#include <algorithm>

namespace kiln {

namespace json = boost::json;

namespace {

std::string textOf(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flagOf(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_bool() && value->get_bool();
}

int numberOf(const json::object &object, std::string_view key, int otherwise, int most)
{
    const json::value *value = object.if_contains(key);
    if (!value || !value->is_int64())
        return otherwise;
    return int(std::clamp<std::int64_t>(value->get_int64(), 0, most));
}

/// Of a load; 0, which none has, when it is missing.
std::uint64_t runOf(const json::object &object)
{
    const json::value *run = object.if_contains("run");
    boost::system::error_code none;
    return run && run->is_number() ? run->to_number<std::uint64_t>(none) : 0;
}

std::optional<WallTime> timeOf(const json::object &object, std::string_view key)
{
    return parseIso8601(textOf(object, key));
}

json::object errorReply(const Error &error)
{
    return {{"error",
             {{"code", int(error.code)},
              {"message", error.message},
              {"place", error.place},
              {"remedy", error.remedy},
              {"errno", error.sysErrno}}}};
}

/// An answer that is an Error replies it; else `ok` makes the reply.
template<typename T, typename MakeOk> auto replying(ControlHandler::Reply reply, MakeOk makeOk)
{
    return [reply = std::move(reply), makeOk = std::move(makeOk)](Result<T> result) {
        reply(result ? json::object{{"ok", makeOk(*result)}} : errorReply(result.error()));
    };
}

Result<Engine::Fire> fireOf(const json::object &request)
{
    const auto event = fromBase64(textOf(request, "event"));
    if (!event)
        return fail(Error::Code::InvalidArgument, "The event is not base 64");
    return Engine::Fire{.function = textOf(request, "function"),
                        .data = *event,
                        .cold = flagOf(request, "cold"),
                        .source = "kiln:command"};
}

json::object runJson(const InvocationPtr &invocation)
{
    return {{"invocation", toJson(*invocation, IncludeLogs::Yes)}, {"response", toBase64(*invocation->response)}};
}

constexpr int maxRows = 100'000;
/// A handler's result stands in a reply as JSON where it is at most 512 deep (see toJson), in a few objects of ours.
constexpr std::size_t deepestReply = 512 + 16;

} // namespace

void ControlHandler::handle(const json::object &request, Reply reply)
{
    const std::string what = textOf(request, "do");
    if (what == "invoke")
        invoke(request, std::move(reply));
    else if (what == "invoke_twice")
        invokeTwice(request, std::move(reply));
    else if (what == "workers")
        workers(request, std::move(reply));
    else if (what == "inspect")
        inspect(request, std::move(reply));
    else if (what == "history")
        history(request, std::move(reply));
    else if (what == "logs")
        logs(request, std::move(reply));
    else if (what == "metrics")
        metrics(request, std::move(reply));
    else if (what == "load")
        startLoad(request, std::move(reply));
    else if (what == "load.report")
        loadReport(request, std::move(reply));
    else if (what == "load.stop")
        stopLoad(request, reply);
    else if (what == "permit")
        permit(request, std::move(reply));
    else if (what == "permissions")
        permissions(request, std::move(reply));
    else if (what == "secret")
        secret(request, std::move(reply));
    else
        reply(errorReply({Error::Code::NotBuilt, "The running engine does not know this command", what,
                          "is another version of Kiln running?", 0}));
}

void ControlHandler::invoke(const json::object &request, Reply reply)
{
    const Result<Engine::Fire> fire = fireOf(request);
    if (fire)
        m_engine.fire(*fire, replying<InvocationPtr>(std::move(reply), runJson));
    else
        reply(errorReply(fire.error()));
}

void ControlHandler::invokeTwice(const json::object &request, Reply reply)
{
    const Result<Engine::Fire> fire = fireOf(request);
    if (!fire) {
        reply(errorReply(fire.error()));
        return;
    }
    m_engine.fireTwice(*fire, replying<Engine::FiredTwice>(std::move(reply), [](const Engine::FiredTwice &both) {
        return json::object{{"first", runJson(both.first)},
                            {"second", runJson(both.second)},
                            {"same_worker", both.sameWorker()},
                            {"between", both.between ? json::value(toJson(*both.between)) : json::value(nullptr)}};
    }));
}

void ControlHandler::workers(const json::object &request, Reply reply)
{
    const std::string function = textOf(request, "function");
    json::array rows;
    if (const SnapshotPtr snapshot = m_engine.snapshot()) {
        for (const WorkerView &worker : snapshot->workers)
            if (function.empty() || worker.function == function)
                rows.push_back(toJson(worker));
    }
    reply({{"ok", json::object{{"rows", std::move(rows)}}}});
}

void ControlHandler::inspect(const json::object &request, Reply reply)
{
    const json::value *worker = request.if_contains("worker");
    std::error_code wrong;
    m_engine.inspectWorker(
        worker ? worker->to_number<std::uint64_t>(wrong) : 0,
        replying<WorkerInspection>(std::move(reply), [](const WorkerInspection &seen) { return toJson(seen); }));
}

void ControlHandler::history(const json::object &request, Reply reply)
{
    InvocationQuery query{.function = textOf(request, "function"),
                          .outcome = outcomeFromWord(textOf(request, "outcome")),
                          .errorsOnly = flagOf(request, "errors"),
                          .since = timeOf(request, "since"),
                          .until = timeOf(request, "until"),
                          .limit = numberOf(request, "limit", 100, maxRows),
                          .payloads = InvocationQuery::Payloads::Load};
    m_engine.queryInvocations(std::move(query),
                              replying<std::vector<InvocationPtr>>(std::move(reply), [](const auto &found) {
                                  json::array rows;
                                  for (const InvocationPtr &invocation : found)
                                      rows.push_back(toJson(*invocation, IncludeLogs::No));
                                  return json::object{{"rows", std::move(rows)}};
                              }));
}

void ControlHandler::logs(const json::object &request, Reply reply)
{
    LogQuery query{.function = textOf(request, "function"),
                   .invocation = Uuid::parse(textOf(request, "invocation")),
                   .grep = textOf(request, "grep"),
                   .since = timeOf(request, "since"),
                   .limit = numberOf(request, "limit", 1000, maxRows)};
    m_engine.queryLogs(std::move(query), replying<std::vector<LogEntry>>(std::move(reply), [](const auto &found) {
                           json::array rows;
                           for (const LogEntry &entry : found)
                               rows.push_back(toJson(entry));
                           return json::object{{"rows", std::move(rows)}};
                       }));
}

void ControlHandler::metrics(const json::object &request, Reply reply)
{
    m_engine.queryMetrics(
        {.function = textOf(request, "function"), .since = timeOf(request, "since")},
        replying<MetricsSummary>(std::move(reply), [](const MetricsSummary &summary) { return toJson(summary); }));
}

void ControlHandler::startLoad(const json::object &request, Reply reply)
{
    const json::value *asked = request.if_contains("plan");
    Result<LoadPlan> plan = loadPlanOf(asked && asked->is_object() ? asked->get_object() : json::object());
    if (!plan) {
        reply(errorReply(plan.error()));
        return;
    }
    m_engine.startLoad(std::move(*plan), replying<std::uint64_t>(std::move(reply), [](std::uint64_t run) {
                           return json::object{{"run", run}};
                       }));
}

void ControlHandler::loadReport(const json::object &request, Reply reply)
{
    const LoadCurves curves = flagOf(request, "curves") ? LoadCurves::With : LoadCurves::Without;
    m_engine.loadReport(runOf(request), replying<LoadReportPtr>(std::move(reply), [curves](const LoadReportPtr &told) {
                            return json::object{{"report", toJson(*told, curves)}};
                        }));
}

void ControlHandler::stopLoad(const json::object &request, const Reply &reply)
{
    m_engine.stopLoad(runOf(request));
    reply({{"ok", json::object()}});
}

/// {"function", "grants": […], "remove": […]}
void ControlHandler::permit(const json::object &request, Reply reply)
{
    Narrow edit{.function = textOf(request, "function"), .remove = {}, .add = {}};
    for (const auto &[key, list] : {std::pair("remove", &edit.remove), std::pair("grants", &edit.add)}) {
        const json::value *grants = request.if_contains(key);
        for (const json::value &text : grants && grants->is_array() ? grants->get_array() : json::array()) {
            Result<Grant> grant = parseGrant(text.is_string() ? std::string(text.get_string()) : std::string());
            if (!grant) {
                reply(errorReply(grant.error()));
                return;
            }
            list->push_back(*std::move(grant));
        }
    }
    m_engine.edit(std::move(edit), [reply = std::move(reply)](const Result<> &result) {
        reply(result ? json::object{{"ok", json::object()}} : errorReply(result.error()));
    });
}

void ControlHandler::permissions(const json::object &request, Reply reply)
{
    m_engine.queryGrants(textOf(request, "function"),
                         replying<std::vector<GrantUse>>(std::move(reply), [](const auto &uses) {
                             json::array rows;
                             for (const GrantUse &use : uses)
                                 rows.push_back(toJson(use));
                             return json::object{{"rows", std::move(rows)}};
                         }));
}

/// {"action": "set" | "remove" | "list", "name", "value" in base 64}
void ControlHandler::secret(const json::object &request, Reply reply)
{
    const std::string action = textOf(request, "action");
    if (action == "list") {
        m_engine.listSecrets(replying<std::vector<std::string>>(std::move(reply), [](const auto &names) {
            return json::object{{"names", json::array(names.begin(), names.end())}};
        }));
        return;
    }
    std::optional<std::string> value;
    if (action == "set")
        value = fromBase64(textOf(request, "value"));
    if ((action == "set") != value.has_value() || (action != "set" && action != "remove")) {
        reply(errorReply({Error::Code::InvalidArgument, "The request about a secret is malformed", {}, {}, 0}));
        return;
    }
    m_engine.setSecret(textOf(request, "name"), std::move(value), [reply = std::move(reply)](const Result<> &result) {
        reply(result ? json::object{{"ok", json::object()}} : errorReply(result.error()));
    });
}

Result<json::object> readReply(std::string_view line)
{
    json::parse_options options;
    options.max_depth = deepestReply;
    boost::system::error_code failed;
    const json::value parsed = json::parse({line.data(), line.size()}, failed, {}, options);
    if (failed || !parsed.is_object())
        return fail(Error::Code::Io, "The running engine answered with something that is no reply", {},
                    "is another version of Kiln running?");
    return replyOf(parsed.get_object());
}

Result<json::object> replyOf(const json::object &reply)
{
    if (const json::value *ok = reply.if_contains("ok"); ok && ok->is_object())
        return ok->get_object();
    const json::value *error = reply.if_contains("error");
    if (!error || !error->is_object())
        return fail(Error::Code::Io, "The running engine's reply has neither a result nor an error");
    const json::object &told = error->get_object();
    return tl::make_unexpected(Error{Error::Code(numberOf(told, "code", int(Error::Code::Io), int(Error::Code::Busy))),
                                     textOf(told, "message"), textOf(told, "place"), textOf(told, "remedy"),
                                     numberOf(told, "errno", 0, 4095)});
}

namespace {

void putTime(json::object &object, std::string_view key, const std::optional<WallTime> &time)
{
    if (time)
        object[key] = toIso8601(*time);
}

} // namespace

json::object requestOf(const InvocationQuery &query)
{
    json::object request{
        {"do", "history"}, {"function", query.function}, {"errors", query.errorsOnly}, {"limit", query.limit}};
    if (query.outcome)
        request["outcome"] = toWord(*query.outcome);
    putTime(request, "since", query.since);
    putTime(request, "until", query.until);
    return request;
}

json::object requestOf(const LogQuery &query)
{
    json::object request{{"do", "logs"}, {"function", query.function}, {"grep", query.grep}, {"limit", query.limit}};
    if (query.invocation)
        request["invocation"] = query.invocation->text();
    putTime(request, "since", query.since);
    return request;
}

json::object requestOf(const MetricsQuery &query)
{
    json::object request{{"do", "metrics"}, {"function", query.function}};
    putTime(request, "since", query.since);
    return request;
}

} // namespace kiln
