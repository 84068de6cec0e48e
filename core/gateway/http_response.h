// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

/// A whole HTTP response. Names and values are checked by whoever makes it; framing headers are the writer's.
struct HttpResponse
{
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// `{"message": …}` as API Gateway words its own answers.
[[nodiscard]] HttpResponse messageResponse(int status, std::string_view message);

/// What a connection adds to a response when it writes it.
struct ResponseFrame
{
    enum class Body { Sent, Withheld /**< As for HEAD: the length is told, the body is not sent. */ };
    enum class Connection { KeepAlive, Close };

    Body body = Body::Sent;
    Connection connection = Connection::KeepAlive;
    int minorVersion = 1; ///< Of the request: an HTTP/1.0 client has to be told that the connection stays.
    WallTime date;
};

/// The bytes of a response on HTTP/1.1.
[[nodiscard]] std::string toBytes(const HttpResponse &response, const ResponseFrame &frame);

} // namespace kiln
