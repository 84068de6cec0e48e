// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <string>
#include <string_view>

namespace kiln::test {

/// A kept connection to a port of this machine, one request at a time: as little as a client can do. Blocking.
class HttpConnection
{
public:
    /// A POST of the event that all benchmarks send.
    [[nodiscard]] static std::string requestTo(std::string_view path);

    explicit HttpConnection(int port);

    [[nodiscard]] int socket() const { return m_socket.get(); }
    [[nodiscard]] Result<> send(const std::string &request);
    /// Reads once; true when the answer is whole. An Error when it is not the one that is wanted.
    [[nodiscard]] Result<bool> receive();
    /// Sends, and receives until the answer is whole.
    [[nodiscard]] Result<> exchange(const std::string &request);

private:
    [[nodiscard]] bool whole() const;
    [[nodiscard]] tl::unexpected<Error> failed(std::string what) const;

    int m_port;
    UniqueFd m_socket;
    std::string m_answer;
};

} // namespace kiln::test
