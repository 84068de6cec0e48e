// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/gateway/http_response.h"
#include "core/model/invocation.h"

#include <string>
#include <string_view>

namespace kiln {

/// Who asks: routes and function URLs differ in the content type of a response that names none.
enum class FrontDoor { Route, FunctionUrl };

/// What a client is answered for what the sink answered, as API Gateway and function URLs do it:
///
/// - Ok: the handler's result read as payload format 2.0. With a statusCode it is a response; any other JSON is a
///   200 with the value as application/json, a string without its quotes. A result that is neither is a 502.
/// - Throttled: 429. Every other outcome (errors, timeouts, crashes): 502, `{"message":"Internal Server Error"}`; what
///   went wrong stays in the log, `x-kiln-outcome` names the kind.
/// - Error: 404 when there is no such function, else 503, with its message.
///
/// `x-amzn-requestid` and `x-kiln-invocation-id` hold the invocation's id.
[[nodiscard]] HttpResponse toResponse(const Result<InvocationPtr> &answer, FrontDoor door);

/// The handler's result alone; a 502 when it has a wrong shape.
[[nodiscard]] HttpResponse resultToResponse(std::string_view result, FrontDoor door);

} // namespace kiln
