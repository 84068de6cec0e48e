// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/unique_fd.h"
#include "core/runtime/adapter/runtime_api.h"

#include <string>

namespace kiln::adapter {

/// One client's connection to the Runtime API: its bytes, and what it waits for.
class ApiConnection
{
public:
    ApiConnection(UniqueFd socket, RuntimeApi &api, ApiRequestReader::Limits limits);

    [[nodiscard]] int fd() const { return m_socket.get(); }
    /// What poll is to watch for: a client that waits for an event has nothing to say but that it goes.
    [[nodiscard]] short events() const;
    void onReady(short revents);

    /// It asked for the next event.
    [[nodiscard]] bool isWaiting() const { return m_waiting; }
    void giveEvent(const ApiReply &reply);
    [[nodiscard]] bool isOver() const { return m_over; }

private:
    void readSome();
    void handleRequests();
    void reply(const ApiReply &reply, Connection connection);
    void flush();
    void onEnd();

    UniqueFd m_socket;
    RuntimeApi &m_api;
    ApiRequestReader m_reader;
    std::string m_out;
    std::size_t m_sent = 0;
    bool m_waiting = false;
    bool m_draining = false; ///< It was refused: what it still sends is thrown away, until it has read why.
    bool m_over = false;
};

} // namespace kiln::adapter
