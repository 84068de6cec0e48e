// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// What a function written in C++ gets from Kiln.
///
///     #include <kiln/function.h>
///     #include <kiln/json.h>
///
///     std::string handle(std::string_view event, const kiln::Context &context)
///     {
///         const kiln::Json name = kiln::Json::parse(event)["name"];
///         return kiln::Json::object({{"greeting", "Hello, " + name.text("world")}}).dump();
///     }
///
/// `handler: handler.handle` names the file and the function; `handler.shop::handle` one in a namespace. The event and
/// the response are JSON text. The context may be left out. What is thrown is the invocation's error.
namespace kiln {

struct Context
{
    std::string awsRequestId;
    std::string functionName;
    std::string functionVersion;
    std::string invokedFunctionArn;
    std::string memoryLimitInMB;
    std::string logGroupName;
    std::string logStreamName;
    std::string traceId;       ///< Empty: none was sent.
    std::string clientContext; ///< JSON; empty: none was sent.
    std::chrono::system_clock::time_point deadline;

    /// Zero once the time is over.
    [[nodiscard]] std::chrono::milliseconds remainingTime() const
    {
        const auto left = std::chrono::floor<std::chrono::milliseconds>(deadline - std::chrono::system_clock::now());
        return left.count() > 0 ? left : std::chrono::milliseconds(0);
    }
};

} // namespace kiln
