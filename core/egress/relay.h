// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/unique_fd.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace kiln {

/// Carries bytes both ways between two sockets until both have ended. One buffer for each way: who does not read makes
/// the other wait.
class Relay
{
public:
    /// Both non-blocking. `toServer` and `toClient` are sent first. `ended` comes once, from the loop; it may destroy
    /// this.
    Relay(Loop &loop, UniqueFd client, UniqueFd server, std::string toServer, std::string toClient,
          std::function<void()> ended);

    [[nodiscard]] std::uint64_t sent() const { return m_up.carried; }       ///< Bytes that reached the server.
    [[nodiscard]] std::uint64_t received() const { return m_down.carried; } ///< Bytes that reached the client.
    [[nodiscard]] Instant lastMove() const { return m_lastMove; }

private:
    struct Way
    {
        int from = -1;
        int to = -1;
        std::string buffer;
        std::size_t done = 0; ///< Of the buffer, what is sent.
        std::uint64_t carried = 0;
        bool closing = false; ///< No more comes.
        bool closed = false;  ///< And all of it is told.
        std::unique_ptr<Loop::Watch> readable;
        std::unique_ptr<Loop::Watch> writable;
    };

    void read(Way &way);
    void write(Way &way);
    void wait(Way &way);
    void end();

    Loop &m_loop;
    UniqueFd m_client;
    UniqueFd m_server;
    Way m_up;
    Way m_down;
    std::function<void()> m_ended;
    Instant m_lastMove;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
};

} // namespace kiln
