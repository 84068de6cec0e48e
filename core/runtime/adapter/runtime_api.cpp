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

RuntimeApi::RuntimeApi(Engine engine, std::string arn, std::size_t responseLimit)
    : m_engine(std::move(engine))
    , m_arn(std::move(arn))
    , m_responseLimit(responseLimit)
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
    case State::Running: return eventReply();
    case State::Ready: break;
    case State::Started:
        m_state = State::Ready;
        m_engine.ready();
        break;
    case State::ResponseSent: m_state = State::Ready; break;
    }
    return eventForWaiting();
}

void RuntimeApi::offer(ApiEvent invocation) { m_offered = std::move(invocation); }

std::optional<ApiReply> RuntimeApi::eventForWaiting()
{
    // More than one client may wait; one of them is enough for an event.
    if (!m_offered || m_state != State::Ready)
        return std::nullopt;
    m_current = *std::exchange(m_offered, std::nullopt);
    m_state = State::Running;
    return eventReply();
}

ApiReply RuntimeApi::eventReply() const
{
    ApiReply reply;
    const auto field = [&](std::string_view name, std::string_view value) {
        reply.fields.append(name).append(": ").append(value).append("\r\n");
    };
    field("Lambda-Runtime-Aws-Request-Id", m_current.id);
    field("Lambda-Runtime-Deadline-Ms", std::to_string(m_current.deadlineMs));
    field("Lambda-Runtime-Invoked-Function-Arn", m_arn);
    field("Lambda-Runtime-Trace-Id", m_current.traceId);
    if (!m_current.clientContext.empty())
        field("Lambda-Runtime-Client-Context", m_current.clientContext);
    reply.body = m_current.event;
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
    if (id.empty() || id != m_current.id)
        return invalidId();
    return m_state == State::Running ? std::nullopt : std::optional(wrongState(to));
}

void RuntimeApi::answered()
{
    m_state = State::ResponseSent;
    m_current.event = {};
}

ApiReply RuntimeApi::handleAnswer(Call call, ApiRequest &request)
{
    const bool isError = call == Call::Error;
    if (auto refused = refusal(routeOf(request.path).id, isError ? "InvocationErrorResponse" : "InvocationResponse"))
        return *refused;
    answered();
    if (!isError)
        return takeResponse(request);
    m_engine.failure(m_current.serial, errorBodyOf(request.body, request.header(typeHeader).value_or("")));
    return acceptedReply();
}

ApiReply RuntimeApi::takeResponse(ApiRequest &request)
{
    if (const auto mode = request.header("lambda-runtime-function-response-mode"); mode && *mode != "streaming") {
        m_engine.failure(m_current.serial, errorBody("Runtime.InvalidResponseModeHeader",
                                                     "The only response mode that is told is streaming"));
        return errorReply(400, "InvalidFunctionResponseMode", "Invalid function response mode");
    }
    // What went wrong after the first byte was sent comes behind the last.
    if (const auto type = fieldOf(request.trailers, typeHeader); type && !type->empty()) {
        const auto told = fieldOf(request.trailers, "lambda-runtime-function-error-body").value_or("");
        m_engine.failure(m_current.serial, errorBodyOf(fromLooseBase64(told).value_or(std::string(told)), *type));
        return acceptedReply();
    }
    const std::string_view content = request.header("content-type").value_or("");
    std::string response =
        content.starts_with(preludeType) ? withoutPrelude(std::move(request.body)) : std::move(request.body);
    m_engine.result(m_current.serial, std::move(response));
    return acceptedReply();
}

ApiReply RuntimeApi::handleTooLarge(const ApiRequest &request)
{
    const Route route = routeOf(request.path);
    const ApiReply tooLarge =
        errorReply(413, "RequestEntityTooLarge",
                   "Exceeded maximum allowed payload size (" + std::to_string(m_responseLimit) + " bytes).");
    if (request.method != "POST" || (route.kind != Route::Kind::Response && route.kind != Route::Kind::Error))
        return tooLarge;
    if (auto refused = refusal(route.id, "InvocationResponse"))
        return *refused;
    answered();
    m_engine.resultTooLarge(m_current.serial);
    return tooLarge;
}

void RuntimeApi::handleTruncated(const ApiRequest &request)
{
    const Route route = routeOf(request.path);
    if (request.method != "POST" || route.kind != Route::Kind::Response || refusal(route.id, ""))
        return;
    answered();
    m_engine.failure(m_current.serial,
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
