// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace kiln::adapter {

/// The content type of a streamed response that begins with its HTTP status and headers.
inline constexpr std::string_view preludeType = "application/vnd.awslambda.http-integration-response";

/// Such a response (JSON, eight NUL bytes, the body) as a buffered function would have answered it: a JSON object with
/// "statusCode", "headers", "cookies", "body", "isBase64Encoded". What has no such beginning stays as it is.
[[nodiscard]] std::string withoutPrelude(std::string response);

} // namespace kiln::adapter
