// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/http_response.h"

#include "core/gateway/http_request.h"
#include "core/trigger/json_string.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kiln {

using namespace std::chrono;

namespace {

std::string_view reason(int status)
{
    struct Reason
    {
        int status;
        std::string_view text;
    };
    static constexpr std::array<Reason, 38> known{{
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Payload Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {418, "I'm a teapot"},
        {422, "Unprocessable Entity"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    }};
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const Reason &one) { return one.status == status; });
    return found == known.end() ? "Status" : found->text;
}

/// "Sun, 01 Mar 2026 12:00:00 GMT"; made once a second.
std::string_view httpDate(WallTime time)
{
    static constexpr std::array<const char *, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char *, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    thread_local sys_seconds last{seconds(-1)};
    thread_local char text[64];
    const auto second = floor<seconds>(time);
    if (second != last) {
        const auto day = floor<days>(second);
        const year_month_day date(day);
        const hh_mm_ss clock(second - day);
        std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", weekdays[weekday(day).c_encoding()],
                      unsigned(date.day()), months[unsigned(date.month()) - 1], int(date.year()),
                      int(clock.hours().count()), int(clock.minutes().count()), int(clock.seconds().count()));
        last = second;
    }
    return text;
}

void appendHeader(std::string &out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

HttpResponse messageResponse(int status, std::string_view message)
{
    HttpResponse response{status, {{"content-type", "application/json"}}, "{\"message\":"};
    appendJsonString(response.body, message);
    response.body += '}';
    return response;
}

std::string toBytes(const HttpResponse &response, const ResponseFrame &frame)
{
    const bool mayHaveBody = response.status >= 200 && response.status != 204 && response.status != 304;
    std::string out;
    out.reserve(512 + response.body.size());
    out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason(response.status));
    out += "\r\n";
    bool hasDate = false;
    for (const auto &[name, value] : response.headers) {
        hasDate = hasDate || sameHeader(name, "date");
        appendHeader(out, name, value);
    }
    if (!hasDate)
        appendHeader(out, "date", httpDate(frame.date));
    if (frame.connection == ResponseFrame::Connection::Close)
        appendHeader(out, "connection", "close");
    else if (frame.minorVersion == 0)
        appendHeader(out, "connection", "keep-alive");
    if (mayHaveBody)
        appendHeader(out, "content-length", std::to_string(response.body.size()));
    out += "\r\n";
    if (mayHaveBody && frame.body == ResponseFrame::Body::Sent)
        out += response.body;
    return out;
}

} // namespace kiln
