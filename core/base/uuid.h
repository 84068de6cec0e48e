// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// 128 bits that name an invocation or an event. Version 7 (RFC 9562): ordered by the time of making, so that
/// tables keyed by it grow at their end.
struct Uuid
{
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Uuid &) const = default;
    [[nodiscard]] std::string text() const; ///< "018f…-7…-…", lower case.

    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);

    /// A new one, later than all made before in this process. Any thread. Not a secret: guessable in part.
    [[nodiscard]] static Uuid next(WallTime now);
};

} // namespace kiln

template<> struct std::hash<kiln::Uuid>
{
    std::size_t operator()(const kiln::Uuid &id) const noexcept
    {
        std::size_t low = 0; // the last eight bytes are the random ones
        for (std::size_t i = 8; i < 16; ++i)
            low = (low << 8) | id.bytes[i];
        return low;
    }
};
