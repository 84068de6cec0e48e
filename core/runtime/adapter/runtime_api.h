// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/adapter/api_event.h"
#include "core/runtime/adapter/api_reply.h"
#include "core/runtime/adapter/api_request.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::adapter {

/// AWS Lambda's Runtime API, version 2018-06-01, without its sockets: requests in, replies and news for the engine out.
///
///     Started ──next──► Ready ──event──► Running ──response, error──► ResponseSent ──next──► Ready
///        └──init/error──► InitError
///
/// States, their names and what each refuses are those of AWS's runtime interface emulator. `next` while Running gives
/// the same event again: its first answer may have been lost.
class RuntimeApi
{
public:
    /// What the engine is told. All are called from within `handle`.
    struct Engine
    {
        std::function<void()> ready;
        std::function<void(std::string body)> initError;
        std::function<void(std::uint64_t serial, std::string response)> result;
        std::function<void(std::uint64_t serial)> resultTooLarge;
        std::function<void(std::uint64_t serial, std::string body)> failure;
    };

    /// `arn` is the function's; `responseLimit` in bytes, for the message.
    RuntimeApi(Engine engine, std::string arn, std::size_t responseLimit);

    /// Nullopt: the client waits for an event; `eventFor` then has it one.
    [[nodiscard]] std::optional<ApiReply> handle(ApiRequest &request);
    /// A request whose body is over the limit.
    [[nodiscard]] ApiReply handleTooLarge(const ApiRequest &request);
    /// A request whose connection ended before its body did.
    void handleTruncated(const ApiRequest &request);

    /// The engine's next event.
    void offer(ApiEvent invocation);
    /// For a client that waits: the event's reply, and from now on it is Running; nullopt when there is none yet.
    [[nodiscard]] std::optional<ApiReply> eventForWaiting();

private:
    enum class State { Started, InitError, Ready, Running, ResponseSent };
    enum class Call { Response, Error };

    [[nodiscard]] std::optional<ApiReply> handleNext();
    [[nodiscard]] ApiReply handleInitError(const ApiRequest &request);
    [[nodiscard]] ApiReply handleAnswer(Call call, ApiRequest &request);
    [[nodiscard]] std::optional<ApiReply> refusal(std::string_view id, std::string_view to) const;
    [[nodiscard]] ApiReply takeResponse(ApiRequest &request);
    void answered();
    [[nodiscard]] ApiReply wrongState(std::string_view to) const;
    [[nodiscard]] ApiReply eventReply() const;

    const Engine m_engine;
    const std::string m_arn;
    const std::size_t m_responseLimit;
    State m_state = State::Started;
    std::optional<ApiEvent> m_offered; ///< Not taken by a client yet.
    ApiEvent m_current;                ///< Taken; its id stays known until the next is.
};

} // namespace kiln::adapter
