// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace kiln {

/// `http: POST /orders/{id}`
struct HttpTrigger
{
    std::string method; ///< Upper case, or "ANY".
    std::string path;   ///< Begins with "/"; segments may be "{name}", the last one "{name+}" (takes the rest).
    bool operator==(const HttpTrigger &) const = default;
};

/// `url: {auth: none}`: the function's own URL, /fn/NAME and all below it.
struct UrlTrigger
{
    bool operator==(const UrlTrigger &) const = default;
};

/// `schedule: "0 2 * * *"` or `rate(5 minutes)`
struct ScheduleTrigger
{
    std::string expression;
    std::string timezone = "UTC"; ///< IANA name.
    bool operator==(const ScheduleTrigger &) const = default;
};

/// A rule that turns an occurrence into an Event. A new kind is a new alternative, added at the end.
using Trigger = std::variant<HttpTrigger, UrlTrigger, ScheduleTrigger>;

[[nodiscard]] std::string_view kindOf(const Trigger &trigger); ///< "http", "url", "schedule".
[[nodiscard]] std::string labelOf(const Trigger &trigger);     ///< "POST /orders", "0 2 * * * Europe/Berlin".

} // namespace kiln
