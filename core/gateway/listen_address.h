// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln {

/// Where the listener waits: "127.0.0.1:7070", "[::1]:0", "localhost:7070". Port 0 takes any free one.
struct ListenAddress
{
    std::string host = "127.0.0.1"; ///< A numeric address or "localhost"; no other name is ever looked up.
    std::uint16_t port = 7070;
    bool operator==(const ListenAddress &) const = default;

    [[nodiscard]] static Result<ListenAddress> parse(std::string_view text);
    [[nodiscard]] std::string text() const; ///< As parse takes it.
};

} // namespace kiln
