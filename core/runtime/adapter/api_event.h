// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/frames.h"

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::adapter {

/// An Invoke frame taken apart.
struct ApiEvent
{
    std::uint64_t serial = 0;
    std::uint64_t deadlineMs = 0; ///< Of Unix time.
    std::string id;               ///< The request's, as the API names it.
    std::string traceId;          ///< "Root=…;Parent=…;Sampled=…"; made from the id when the event brings none.
    std::string clientContext;    ///< JSON in ASCII; empty for none.
    std::string event;
};

/// Nullopt when the body is none: the engine would be another version's.
[[nodiscard]] std::optional<ApiEvent> readInvoke(FrameReader::Frame frame);

} // namespace kiln::adapter
