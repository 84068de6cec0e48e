// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/adapter/api_event.h"
#include "core/runtime/adapter/api_reply.h"
#include "core/runtime/adapter/api_request.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::adapter {

/// AWS Lambda's Runtime API, version 2018-06-01, without its sockets: requests in, replies and news for the engine out.
///
///     Started ──next──► Ready ──event──► Running ──response, error──► ResponseSent ──next──► Ready
///        └──init/error──► InitError
///
/// States, their names and what each refuses are those of AWS's runtime interface emulator. `next` while Running gives
/// the same event again: its first answer may have been lost.
///
/// With more than one event at once, as Lambda's Managed Instances have it, it stays Ready: each `next` gets an event
/// of its own, and each is answered by its id, in any order.
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

    struct Facts
    {
        std::string arn;               ///< The function's.
        std::size_t responseLimit = 0; ///< Bytes, for the message.
        std::size_t atOnce = 1;        ///< Events.
    };
    RuntimeApi(Engine engine, Facts facts);

    /// Nullopt: the client waits for an event; `eventForWaiting` then has it one.
    [[nodiscard]] std::optional<ApiReply> handle(ApiRequest &request);
    /// A request whose body is over the limit.
    [[nodiscard]] ApiReply handleTooLarge(const ApiRequest &request);
    /// A request whose connection ended before its body did.
    void handleTruncated(const ApiRequest &request);

    /// One more event of the engine's.
    void offer(ApiEvent invocation);
    /// For a client that waits: the event's reply, and from now on it is Running; nullopt when there is none yet.
    [[nodiscard]] std::optional<ApiReply> eventForWaiting();

private:
    enum class State { Started, InitError, Ready, Running, ResponseSent };
    enum class Call { Response, Error };

    [[nodiscard]] std::optional<ApiReply> handleNext();
    [[nodiscard]] ApiReply handleInitError(const ApiRequest &request);
    [[nodiscard]] ApiReply handleAnswer(Call call, ApiRequest &request);
    [[nodiscard]] bool takesMany() const { return m_facts.atOnce > 1; }
    [[nodiscard]] std::optional<ApiReply> refusal(std::string_view id, std::string_view to) const;
    [[nodiscard]] std::uint64_t answered(std::string_view id);
    [[nodiscard]] ApiReply takeResponse(std::uint64_t serial, ApiRequest &request);
    [[nodiscard]] ApiReply wrongState(std::string_view to) const;
    [[nodiscard]] ApiReply eventReply(const ApiEvent &event) const;

    const Engine m_engine;
    const Facts m_facts;
    State m_state = State::Started;
    std::deque<ApiEvent> m_offered;     ///< Not taken by a client yet.
    std::vector<ApiEvent> m_running;    ///< Taken.
    std::deque<std::string> m_answered; ///< Ids that stay known until as many others as run at once are taken.
};

} // namespace kiln::adapter
