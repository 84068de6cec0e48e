// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace kiln::adapter {

/// What the Runtime API answers with.
struct ApiReply
{
    int status = 200;
    std::string fields{}; ///< Further header lines, each with its CRLF.
    std::string_view contentType = "application/json";
    std::string body{};
};

/// `{"errorMessage":…,"errorType":…}`, as AWS Lambda words it.
[[nodiscard]] ApiReply errorReply(int status, std::string_view type, std::string_view message);
/// 202, `{"status":"OK"}`.
[[nodiscard]] ApiReply acceptedReply();
/// For a request that is none.
[[nodiscard]] ApiReply brokenRequestReply(int status);

enum class Connection { KeepAlive, Close };
[[nodiscard]] std::string toBytes(const ApiReply &reply, Connection connection);

} // namespace kiln::adapter
