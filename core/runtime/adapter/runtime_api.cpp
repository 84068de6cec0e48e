// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/runtime_api.h"

#include "core/base/base64.h"
#include "core/runtime/adapter/http_prelude.h"
#include "core/runtime/adapter/told_error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kiln::adapter {

namespace {

constexpr std::string_view versionPrefix = "/2018-06-01";
constexpr std::string_view invocationPrefix = "/runtime/invocation/";
constexpr std::string_view typeHeader = "lambda-runtime-function-error-type";

/// The call a path names.
struct Route
{
    enum class Kind { Unknown, Ping, Next, InitError, Response, Error };
    Kind kind = Kind::Unknown;
    std::string_view id; ///< The request's, for an answer.
};

Route routeOf(std::string_view path)
{
    if (!path.starts_with(versionPrefix))
        return {};
    path.remove_prefix(versionPrefix.size());
    if (path == "/ping")
        return {Route::Kind::Ping, {}};
    if (path == "/runtime/init/error")
        return {Route::Kind::InitError, {}};
    if (!path.starts_with(invocationPrefix))
        return {};
    path.remove_prefix(invocationPrefix.size());
    if (path == "next")
        return {Route::Kind::Next, {}};
    const std::size_t slash = path.find('/');
    const std::string_view id = path.substr(0, slash);
    const std::string_view call = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (call == "response")
        return {Route::Kind::Response, id};
    return call == "error" ? Route{Route::Kind::Error, id} : Route{};
}

std::string_view methodOf(Route::Kind kind)
{
    return kind == Route::Kind::Ping || kind == Route::Kind::Next ? "GET" : "POST";
}

ApiReply invalidId() { return errorReply(400, "InvalidRequestID", "Invalid request ID"); }

} // namespace

RuntimeApi::RuntimeApi(Engine engine, Facts facts)
    : m_engine(std::move(engine))
    , m_facts(std::move(facts))
{}

std::optional<ApiReply> RuntimeApi::handle(ApiRequest &request)
{
    const Route route = routeOf(request.path);
    if (route.kind == Route::Kind::Unknown)
        return errorReply(404, "NotFound", "The Runtime API 2018-06-01 has no " + request.path.substr(0, 200));
    if (request.method != methodOf(route.kind)) {
        ApiReply reply = errorReply(405, "MethodNotAllowed", std::string(methodOf(route.kind)) + " is expected here");
        reply.fields = "Allow: " + std::string(methodOf(route.kind)) + "\r\n";
        return reply;
    }
    switch (route.kind) {
    case Route::Kind::Next: return handleNext();
    case Route::Kind::InitError: return handleInitError(request);
    case Route::Kind::Response: return handleAnswer(Call::Response, request);
    case Route::Kind::Error: return handleAnswer(Call::Error, request);
    case Route::Kind::Ping:
    case Route::Kind::Unknown: break;
    }
    return ApiReply{.contentType = "text/plain; charset=utf-8", .body = "pong"};
}

std::optional<ApiReply> RuntimeApi::handleNext()
{
    switch (m_state) {
    case State::InitError: return wrongState("Ready");
    case State::Running: return eventReply(m_running.front());
    case State::Ready: break;
    case State::Started:
        m_state = State::Ready;
        m_engine.ready();
        break;
    case State::ResponseSent: m_state = State::Ready; break;
    }
    return eventForWaiting();
}

void RuntimeApi::offer(ApiEvent invocation) { m_offered.push_back(std::move(invocation)); }

std::optional<ApiReply> RuntimeApi::eventForWaiting()
{
    // Without many at once: more than one client may wait; one of them is enough for an event.
    if (m_offered.empty() || m_state != State::Ready)
        return std::nullopt;
    m_running.push_back(std::move(m_offered.front()));
    m_offered.pop_front();
    if (m_running.size() + m_answered.size() > m_facts.atOnce && !m_answered.empty())
        m_answered.pop_front();
    if (!takesMany())
        m_state = State::Running;
    return eventReply(m_running.back());
}

ApiReply RuntimeApi::eventReply(const ApiEvent &event) const
{
    ApiReply reply;
    const auto field = [&](std::string_view name, std::string_view value) {
        reply.fields.append(name).append(": ").append(value).append("\r\n");
    };
    field("Lambda-Runtime-Aws-Request-Id", event.id);
    field("Lambda-Runtime-Deadline-Ms", std::to_string(event.deadlineMs));
    field("Lambda-Runtime-Invoked-Function-Arn", m_facts.arn);
    field("Lambda-Runtime-Trace-Id", event.traceId);
    if (!event.clientContext.empty())
        field("Lambda-Runtime-Client-Context", event.clientContext);
    reply.body = event.event;
    return reply;
}

ApiReply RuntimeApi::handleInitError(const ApiRequest &request)
{
    if (m_state != State::Started)
        return wrongState("InitError");
    m_state = State::InitError;
    m_engine.initError(errorBodyOf(request.body, request.header(typeHeader).value_or("")));
    return acceptedReply();
}

/// What speaks against an answer for `id`, in the emulator's order.
std::optional<ApiReply> RuntimeApi::refusal(std::string_view id, std::string_view to) const
{
    const auto isIt = [id](const ApiEvent &event) { return event.id == id; };
    if (std::any_of(m_running.begin(), m_running.end(), isIt))
        return std::nullopt;
    const bool wasIt = std::find(m_answered.begin(), m_answered.end(), id) != m_answered.end();
    return wasIt ? wrongState(to) : invalidId();
}

/// Of one that nothing speaks against: its serial. From now on it is over.
std::uint64_t RuntimeApi::answered(std::string_view id)
{
    const auto event =
        std::find_if(m_running.begin(), m_running.end(), [id](const ApiEvent &each) { return each.id == id; });
    const std::uint64_t serial = event->serial;
    m_answered.push_back(std::move(event->id));
    m_running.erase(event);
    if (!takesMany())
        m_state = State::ResponseSent;
    return serial;
}

ApiReply RuntimeApi::handleAnswer(Call call, ApiRequest &request)
{
    const bool isError = call == Call::Error;
    const std::string_view id = routeOf(request.path).id;
    if (auto refused = refusal(id, isError ? "InvocationErrorResponse" : "InvocationResponse"))
        return *refused;
    const std::uint64_t serial = answered(id);
    if (!isError)
        return takeResponse(serial, request);
    m_engine.failure(serial, errorBodyOf(request.body, request.header(typeHeader).value_or("")));
    return acceptedReply();
}

ApiReply RuntimeApi::takeResponse(std::uint64_t serial, ApiRequest &request)
{
    if (const auto mode = request.header("lambda-runtime-function-response-mode"); mode && *mode != "streaming") {
        m_engine.failure(
            serial, errorBody("Runtime.InvalidResponseModeHeader", "The only response mode that is told is streaming"));
        return errorReply(400, "InvalidFunctionResponseMode", "Invalid function response mode");
    }
    // What went wrong after the first byte was sent comes behind the last.
    if (const auto type = fieldOf(request.trailers, typeHeader); type && !type->empty()) {
        const auto told = fieldOf(request.trailers, "lambda-runtime-function-error-body").value_or("");
        m_engine.failure(serial, errorBodyOf(fromLooseBase64(told).value_or(std::string(told)), *type));
        return acceptedReply();
    }
    const std::string_view content = request.header("content-type").value_or("");
    std::string response =
        content.starts_with(preludeType) ? withoutPrelude(std::move(request.body)) : std::move(request.body);
    m_engine.result(serial, std::move(response));
    return acceptedReply();
}

ApiReply RuntimeApi::handleTooLarge(const ApiRequest &request)
{
    const Route route = routeOf(request.path);
    const ApiReply tooLarge =
        errorReply(413, "RequestEntityTooLarge",
                   "Exceeded maximum allowed payload size (" + std::to_string(m_facts.responseLimit) + " bytes).");
    if (request.method != "POST" || (route.kind != Route::Kind::Response && route.kind != Route::Kind::Error))
        return tooLarge;
    if (auto refused = refusal(route.id, "InvocationResponse"))
        return *refused;
    m_engine.resultTooLarge(answered(route.id));
    return tooLarge;
}

void RuntimeApi::handleTruncated(const ApiRequest &request)
{
    const Route route = routeOf(request.path);
    if (request.method != "POST" || route.kind != Route::Kind::Response || refusal(route.id, ""))
        return;
    m_engine.failure(answered(route.id),
                     errorBody("Runtime.TruncatedResponse", "The connection was closed before the response was whole"));
}

ApiReply RuntimeApi::wrongState(std::string_view to) const
{
    static constexpr std::array<std::string_view, 5> names{"Started", "InitError", "Ready", "Running",
                                                           "RuntimeResponseSentState"};
    return errorReply(403, "InvalidStateTransition",
                      "State transition from " + std::string(names[std::size_t(m_state)]) + " to " + std::string(to) +
                          " failed for runtime. Error: State transition is not allowed");
}

} // namespace kiln::adapter
