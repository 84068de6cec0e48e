// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace kiln {

/// How much of the past is kept; the oldest goes first.
struct Retention
{
    std::chrono::seconds maxAge = std::chrono::days(30);
    ByteSize maxBytes = 2_GB; ///< Of the file, free pages not counted.
    std::optional<std::uint64_t> maxInvocations = {};
};

} // namespace kiln
