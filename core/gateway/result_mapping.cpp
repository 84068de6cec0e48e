// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/result_mapping.h"

#include "core/base/base64.h"
#include "core/gateway/http_request.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace kiln {

namespace json = boost::json;

namespace {

constexpr std::size_t deepest = 512;

HttpResponse internalError() { return messageResponse(502, "Internal Server Error"); }

/// Framing is the connection's matter, and the ids are the gateway's.
bool isReserved(std::string_view name)
{
    static constexpr std::array<std::string_view, 13> reserved{"connection",
                                                               "keep-alive",
                                                               "proxy-connection",
                                                               "proxy-authenticate",
                                                               "proxy-authorization",
                                                               "te",
                                                               "trailer",
                                                               "transfer-encoding",
                                                               "upgrade",
                                                               "content-length",
                                                               "x-amzn-requestid",
                                                               "x-kiln-invocation-id",
                                                               "x-kiln-outcome"};
    return std::any_of(reserved.begin(), reserved.end(), [&](std::string_view one) { return sameHeader(one, name); });
}

bool isToken(std::string_view name)
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

/// No line break may end a header early: what follows would be read as another header or another response.
bool isHeaderValue(std::string_view value)
{
    return std::none_of(value.begin(), value.end(),
                        [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

std::optional<int> statusOf(const json::value &value)
{
    std::int64_t status = 0;
    if (value.is_int64()) {
        status = value.get_int64();
    } else if (value.is_string()) {
        const json::string &text = value.get_string();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
        if (error != std::errc{} || end != text.data() + text.size())
            return std::nullopt;
    }
    if (status < 200 || status > 599)
        return std::nullopt;
    return int(status);
}

/// Header values may be strings, numbers and booleans.
std::optional<std::string> textOf(const json::value &value)
{
    if (value.is_string())
        return std::string(value.get_string());
    if (value.is_number() || value.is_bool())
        return json::serialize(value);
    return std::nullopt;
}

bool takeHeaders(HttpResponse &response, const json::value *headers)
{
    if (headers == nullptr || headers->is_null())
        return true;
    if (!headers->is_object())
        return false;
    for (const auto &[name, value] : headers->get_object()) {
        if (value.is_null() || isReserved(name))
            continue;
        std::optional<std::string> text = textOf(value);
        if (!text || !isToken(name) || !isHeaderValue(*text))
            return false;
        response.headers.emplace_back(std::string(name), std::move(*text));
    }
    return true;
}

bool takeCookies(HttpResponse &response, const json::value *cookies)
{
    if (cookies == nullptr || cookies->is_null())
        return true;
    if (!cookies->is_array())
        return false;
    for (const json::value &cookie : cookies->get_array()) {
        if (!cookie.is_string() || !isHeaderValue(cookie.get_string()))
            return false;
        response.headers.emplace_back("set-cookie", std::string(cookie.get_string()));
    }
    return true;
}

bool takeBody(HttpResponse &response, const json::value *body, const json::value *encoded)
{
    if (encoded != nullptr && !encoded->is_bool() && !encoded->is_null())
        return false;
    if (body == nullptr || body->is_null())
        return true;
    if (!body->is_string())
        return false;
    if (encoded == nullptr || !encoded->is_bool() || !encoded->get_bool()) {
        response.body = std::string(body->get_string());
        return true;
    }
    std::optional<std::string> bytes = fromLooseBase64(body->get_string());
    if (!bytes)
        return false;
    response.body = std::move(*bytes);
    return true;
}

HttpResponse fromObject(const json::object &object, FrontDoor door)
{
    HttpResponse response;
    const std::optional<int> status = statusOf(object.at("statusCode"));
    if (!status || !takeHeaders(response, object.if_contains("headers")) ||
        !takeCookies(response, object.if_contains("cookies")) ||
        !takeBody(response, object.if_contains("body"), object.if_contains("isBase64Encoded")))
        return internalError();
    response.status = *status;
    const bool hasType = std::any_of(response.headers.begin(), response.headers.end(),
                                     [](const auto &header) { return sameHeader(header.first, "content-type"); });
    if (!hasType && !response.body.empty()) {
        response.headers.emplace_back("content-type",
                                      door == FrontDoor::FunctionUrl ? "application/json" : "text/plain;charset=UTF-8");
    }
    return response;
}

} // namespace

HttpResponse resultToResponse(std::string_view result, FrontDoor door)
{
    std::array<unsigned char, 8192> first; // most results need no more, and so no allocation
    json::monotonic_resource memory(first.data(), first.size());
    json::parse_options options;
    options.max_depth = deepest;
    json::error_code error;
    const json::value value = json::parse({result.data(), result.size()}, error, &memory, options);
    if (error)
        return internalError();
    if (value.is_object() && value.get_object().contains("statusCode"))
        return fromObject(value.get_object(), door);
    HttpResponse response{200, {{"content-type", "application/json"}}, {}};
    response.body = value.is_string() ? std::string(value.get_string()) : std::string(result);
    return response;
}

HttpResponse toResponse(const Result<InvocationPtr> &answer, FrontDoor door)
{
    if (!answer) {
        const Error::Code code = answer.error().code;
        const int status = code == Error::Code::NotFound ? 404 : code == Error::Code::LimitExceeded ? 413 : 503;
        return messageResponse(status, answer.error().message);
    }
    const Invocation &invocation = **answer;
    HttpResponse response = invocation.outcome == Outcome::Ok          ? resultToResponse(*invocation.response, door)
                            : invocation.outcome == Outcome::Throttled ? messageResponse(429, "Too Many Requests")
                                                                       : internalError();
    const std::string id = invocation.id.text();
    response.headers.emplace_back("x-amzn-requestid", id);
    response.headers.emplace_back("x-kiln-invocation-id", id);
    if (invocation.outcome != Outcome::Ok)
        response.headers.emplace_back("x-kiln-outcome", toWord(invocation.outcome));
    return response;
}

} // namespace kiln
