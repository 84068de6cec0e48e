// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/gateway/http_request.h"
#include "core/gateway/router.h"

#include <string>
#include <string_view>

namespace kiln {

/// What the event of a request says beside the request itself.
struct RequestContext
{
    std::string_view requestId;
    std::string_view sourceIp;
    int port = 0; ///< The listener's.
    WallTime time;
};

/// The event of a request in API Gateway's payload format 2.0, as JSON.
///
/// A body is a string when its content type is a text type, a form, or absent and it is UTF-8, else base64. Fields
/// that have nothing to say (cookies, body, pathParameters …) are absent, as there.
[[nodiscard]] std::string payloadV2(const HttpRequest &request, const Router::Match &match,
                                    const RequestContext &context);

} // namespace kiln
