// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace kiln {

/// Bytes of an event or a result: immutable and shared, so that dispatch, store and window hold one copy.
/// Never null once made by `payload()`; an empty payload is an empty string.
using Payload = std::shared_ptr<const std::string>;

[[nodiscard]] inline Payload payload(std::string bytes)
{
    return std::make_shared<const std::string>(std::move(bytes));
}

} // namespace kiln
