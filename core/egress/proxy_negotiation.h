// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace kiln {

/// What a client of the proxy says until it is known where it wants to go: HTTP/1.1 CONNECT, HTTP/1.1 with an absolute
/// `http:` target, or SOCKS5 (RFC 1928, no authentication, names resolved here).
///
/// A pure reader of foreign bytes: bounded, strict, the same however the bytes are cut.
class ProxyNegotiation
{
public:
    static constexpr std::size_t maxHead = 16 * 1024;

    enum class State {
        More,    ///< Needs more bytes; `takeReply` may have some for the client.
        Ready,   ///< `target` is known.
        Refused, ///< No request of these kinds; `takeReply` says so, then the connection ends.
    };
    State feed(std::string_view bytes);
    [[nodiscard]] State state() const { return m_state; }

    [[nodiscard]] const Permissions::HostGrant &target() const { return m_target; }
    /// What is to be sent to the client now.
    [[nodiscard]] std::string takeReply() { return std::exchange(m_reply, {}); }
    /// What goes to the target first: a plain request in origin form, and all that came early.
    [[nodiscard]] std::string takeForward() { return std::exchange(m_forward, {}); }

    /// What the client is told once the target is reached; nothing for a plain request, which the target answers.
    [[nodiscard]] std::string acceptance() const;
    enum class Why { NotAllowed, Unreachable, TimedOut };
    [[nodiscard]] std::string refusal(Why why, std::string_view text) const;

private:
    enum class Kind { Unknown, Connect, Forward, Socks };

    State refuse(int status, std::string_view text);
    State readHttp();
    State readHead(std::string_view head);
    State readSocks();
    State readSocksRequest();

    Kind m_kind = Kind::Unknown;
    State m_state = State::More;
    bool m_greeted = false;
    std::string m_buffer;
    std::string m_reply;
    std::string m_forward;
    Permissions::HostGrant m_target;
};

} // namespace kiln
