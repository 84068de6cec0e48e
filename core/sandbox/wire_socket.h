// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::wire {

/// One datagram with the descriptors that came with it, all close-on-exec.
struct Datagram
{
    enum class State {
        Some,
        None,   ///< Nothing is there now.
        Closed, ///< The other side is gone.
    };
    State state = State::None;
    std::string bytes;
    std::vector<UniqueFd> descriptors;
};

/// Never waits. A datagram that was cut, or came with more descriptors than allowed, is an Error.
[[nodiscard]] Result<Datagram> receive(int socket);

enum class Sent {
    Whole,
    Later, ///< The other side's queue is full; nothing was sent.
    Gone,
};
/// The descriptors stay the caller's.
[[nodiscard]] Sent send(int socket, std::string_view bytes, const std::vector<int> &descriptors = {});

} // namespace kiln::wire
