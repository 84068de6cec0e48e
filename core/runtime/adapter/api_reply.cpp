// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/api_reply.h"

#include "core/base/utf8.h"

#include <boost/json.hpp>

namespace kiln::adapter {

namespace {

std::string_view reasonOf(int status)
{
    switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Request Entity Too Large";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    default: return "Error";
    }
}

} // namespace

ApiReply errorReply(int status, std::string_view type, std::string_view message)
{
    const boost::json::object body{{"errorMessage", toUtf8(message)}, {"errorType", type}};
    return {.status = status, .body = boost::json::serialize(body) + "\n"};
}

ApiReply acceptedReply() { return {.status = 202, .body = "{\"status\":\"OK\"}\n"}; }

ApiReply brokenRequestReply(int status)
{
    switch (status) {
    case 431: return errorReply(431, "RequestHeaderFieldsTooLarge", "The headers are larger than 1 MB");
    case 501: return errorReply(501, "NotImplemented", "The only transfer coding is chunked");
    case 505: return errorReply(505, "HTTPVersionNotSupported", "The Runtime API speaks HTTP/1.1");
    default: return errorReply(400, "BadRequest", "This is no HTTP/1.1 request");
    }
}

std::string toBytes(const ApiReply &reply, Connection connection)
{
    std::string bytes;
    bytes.reserve(512 + reply.fields.size() + reply.body.size());
    bytes.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ").append(reasonOf(reply.status));
    bytes.append("\r\nContent-Type: ").append(reply.contentType);
    bytes.append("\r\nContent-Length: ").append(std::to_string(reply.body.size())).append("\r\n");
    if (connection == Connection::Close)
        bytes.append("Connection: close\r\n");
    bytes.append(reply.fields).append("\r\n").append(reply.body);
    return bytes;
}

} // namespace kiln::adapter
