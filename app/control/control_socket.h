// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

namespace kiln {

/// The address of a workspace's control socket, .kiln/control.sock.
///
/// A socket's path holds 107 bytes, a workspace's may be longer: so it is reached through an open descriptor of its
/// folder, which must stay open while the address is used.
struct ControlAddress
{
    UniqueFd folder;
    sockaddr_un address{};

    [[nodiscard]] static Result<ControlAddress> of(const std::filesystem::path &workspace);
    [[nodiscard]] const sockaddr *raw() const { return reinterpret_cast<const sockaddr *>(&address); }
};

/// Messages both ways are one JSON object on a line; a longer line ends the connection.
inline constexpr std::size_t maxControlLine = std::size_t(32) << 20;

} // namespace kiln
