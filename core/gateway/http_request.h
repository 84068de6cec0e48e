// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln {

/// A whole HTTP request. All views are into the reader that made it, and last until it reads on.
struct HttpRequest
{
    std::string_view method;
    std::string_view path;                                              ///< Raw, beginning with "/".
    std::string_view query;                                             ///< Raw, without "?".
    std::string_view protocol;                                          ///< "HTTP/1.1"
    std::vector<std::pair<std::string_view, std::string_view>> headers; ///< As received: order, case, repetitions.
    std::string_view body;
    bool keepAlive = true; ///< The connection may serve another request.

    /// The first value of a header, by its lower-case name.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// Compares header names: ASCII letters without case.
[[nodiscard]] bool sameHeader(std::string_view a, std::string_view b);

} // namespace kiln
