// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/payload_v2.h"

#include "core/base/base64.h"
#include "core/base/utf8.h"
#include "core/gateway/percent.h"
#include "core/trigger/json_string.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <unordered_map>

namespace kiln {

using namespace std::chrono;

namespace {

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Pairs in the order of their first coming, values of equal names joined with commas.
class Joined
{
public:
    void add(std::string name, std::string_view value)
    {
        const std::size_t at = find(name);
        if (at < m_pairs.size()) {
            m_pairs[at].second.append(",").append(value);
            return;
        }
        if (m_pairs.size() >= few)
            m_index.emplace(name, m_pairs.size());
        m_pairs.emplace_back(std::move(name), value);
    }

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>> &pairs() const { return m_pairs; }

private:
    /// As many are looked through one by one; of hostile thousands only these.
    static constexpr std::size_t few = 32;

    [[nodiscard]] std::size_t find(const std::string &name) const
    {
        for (std::size_t i = 0; i < std::min(few, m_pairs.size()); ++i) {
            if (m_pairs[i].first == name)
                return i;
        }
        const auto found = m_index.find(name);
        return found == m_index.end() ? m_pairs.size() : found->second;
    }

    std::vector<std::pair<std::string, std::string>> m_pairs;
    std::unordered_map<std::string, std::size_t> m_index; ///< Of those after the first few.
};

void appendObject(std::string &out, const std::vector<std::pair<std::string, std::string>> &pairs)
{
    out += '{';
    for (const auto &[name, value] : pairs) {
        if (out.back() != '{')
            out += ',';
        appendJsonString(out, name);
        out += ':';
        appendJsonString(out, value);
    }
    out += '}';
}

void appendField(std::string &out, std::string_view key, std::string_view value)
{
    out += out.back() == '{' ? "\"" : ",\"";
    out += key;
    out += "\":";
    appendJsonString(out, value);
}

/// Calls `take` for each part between separators that is not empty.
template<typename Take> void eachPart(std::string_view text, char separator, Take take)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0)
            take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void appendCookies(std::string &out, const HttpRequest &request)
{
    bool any = false;
    for (const auto &[name, value] : request.headers) {
        if (!sameHeader(name, "cookie"))
            continue;
        eachPart(value, ';', [&](std::string_view cookie) {
            cookie = trimmed(cookie);
            if (cookie.empty())
                return;
            out += any ? "," : ",\"cookies\":[";
            appendJsonString(out, cookie);
            any = true;
        });
    }
    if (any)
        out += ']';
}

void appendHeaders(std::string &out, const HttpRequest &request, const RequestContext &context)
{
    Joined headers;
    for (const auto &[name, value] : request.headers) {
        if (!sameHeader(name, "cookie") && !sameHeader(name, "x-forwarded-port") &&
            !sameHeader(name, "x-forwarded-proto"))
            headers.add(lower(name), value);
    }
    headers.add("x-forwarded-for", context.sourceIp);
    headers.add("x-forwarded-port", std::to_string(context.port));
    headers.add("x-forwarded-proto", "http");
    out += ",\"headers\":";
    appendObject(out, headers.pairs());
}

void appendQuery(std::string &out, std::string_view query)
{
    if (query.empty())
        return;
    Joined parameters;
    eachPart(query, '&', [&](std::string_view part) {
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string_view value = equals == part.size() ? std::string_view() : part.substr(equals + 1);
        parameters.add(decodeQuery(part.substr(0, equals)), decodeQuery(value));
    });
    out += ",\"queryStringParameters\":";
    appendObject(out, parameters.pairs());
}

/// "12/Mar/2020:19:03:58 +0000"
std::string commonLogTime(WallTime time)
{
    static constexpr std::array<const char *, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<seconds>(time - day));
    char text[48];
    std::snprintf(text, sizeof text, "%02u/%s/%04d:%02d:%02d:%02d +0000", unsigned(date.day()),
                  names[unsigned(date.month()) - 1], int(date.year()), int(clock.hours().count()),
                  int(clock.minutes().count()), int(clock.seconds().count()));
    return text;
}

/// The host a client named, without the port: "127.0.0.1", "[::1]", "shop.localhost".
std::string_view hostName(const HttpRequest &request)
{
    const std::string_view host = request.header("host").value_or("");
    const std::size_t bracket = host.find(']');
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    return host.substr(0, colon);
}

void appendContext(std::string &out, const HttpRequest &request, const Router::Match &match,
                   const RequestContext &context)
{
    const std::string_view host = hostName(request);
    const bool isUrl = std::holds_alternative<UrlTrigger>(match.route->rule);
    out += R"(,"requestContext":{"accountId":)";
    out += isUrl ? "\"anonymous\"" : "\"000000000000\"";
    appendField(out, "apiId", isUrl ? std::string_view(match.route->function) : std::string_view("kiln"));
    appendField(out, "domainName", host);
    appendField(out, "domainPrefix", host.substr(0, host.find('.')));
    out += R"(,"http":{)";
    appendField(out, "method", request.method);
    appendField(out, "path", match.rawPath);
    appendField(out, "protocol", request.protocol);
    appendField(out, "sourceIp", context.sourceIp);
    appendField(out, "userAgent", request.header("user-agent").value_or(""));
    out += '}';
    appendField(out, "requestId", context.requestId);
    appendField(out, "routeKey", match.routeKey);
    appendField(out, "stage", "$default");
    appendField(out, "time", commonLogTime(context.time));
    out += ",\"timeEpoch\":";
    out += std::to_string(floor<milliseconds>(context.time.time_since_epoch()).count());
    out += '}';
}

/// Whether a body of this content type is handed over as text, if it is UTF-8.
bool isTextType(std::string_view contentType)
{
    const std::string type = lower(trimmed(contentType.substr(0, contentType.find(';'))));
    static constexpr std::array<std::string_view, 6> texts{"application/json",     "application/javascript",
                                                           "application/xml",      "application/x-www-form-urlencoded",
                                                           "application/x-ndjson", ""};
    return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
           std::find(texts.begin(), texts.end(), type) != texts.end();
}

void appendBody(std::string &out, const HttpRequest &request)
{
    const bool asText =
        request.body.empty() || (isTextType(request.header("content-type").value_or("")) && isUtf8(request.body));
    if (!request.body.empty()) {
        out += ",\"body\":";
        if (asText) {
            appendJsonString(out, request.body);
        } else {
            out += '"';
            out += toBase64(request.body);
            out += '"';
        }
    }
    out += asText ? ",\"isBase64Encoded\":false" : ",\"isBase64Encoded\":true";
}

} // namespace

std::string payloadV2(const HttpRequest &request, const Router::Match &match, const RequestContext &context)
{
    std::string out;
    out.reserve(1024 + request.body.size() + request.body.size() / 2);
    out += R"({"version":"2.0")";
    appendField(out, "routeKey", match.routeKey);
    appendField(out, "rawPath", match.rawPath);
    appendField(out, "rawQueryString", request.query);
    appendCookies(out, request);
    appendHeaders(out, request, context);
    appendQuery(out, request.query);
    appendContext(out, request, match, context);
    if (!match.parameters.empty()) {
        out += ",\"pathParameters\":";
        appendObject(out, match.parameters);
    }
    appendBody(out, request);
    out += '}';
    return out;
}

} // namespace kiln
