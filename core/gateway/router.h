// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/trigger.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kiln {

/// An HTTP trigger of a function.
struct Route
{
    std::string function;
    std::size_t trigger = 0; ///< Index in the function's triggers.
    std::variant<HttpTrigger, UrlTrigger> rule;
};

/// A route that cannot be reached, and why.
struct RouteConflict
{
    Route route;
    std::string message;
};

/// Which route answers a request. Immutable once built; a new table replaces it whole.
///
/// As on API Gateway: a literal segment goes before a parameter, that before a `{name+}`; among equal paths the method
/// before ANY. A trailing slash makes no difference. Parameters never match an empty segment, `{name+}` takes at least
/// one. HEAD is answered by a GET route when there is no better one.
class Router
{
public:
    struct Match
    {
        enum class Kind {
            Found,
            NotFound,
            WrongMethod, ///< The path is known; `allow` lists what may be done with it.
            BadPath,     ///< Bad percent-encoding, not UTF-8, a NUL, or a `.` or `..` segment.
        };
        Kind kind = Kind::NotFound;
        const Route *route = nullptr; ///< Lives as long as the router.
        std::string_view routeKey;    ///< "POST /orders/{id}" or "$default".
        std::string_view rawPath;     ///< What the function sees: for its URL what follows /fn/NAME.
        std::vector<std::pair<std::string, std::string>> parameters; ///< Decoded.
        std::string allow;                                           ///< "GET, POST"
    };

    Router() = default;
    /// Of routes that collide the first one in `routes` stays; the others are added to `conflicts`.
    Router(std::vector<Route> routes, std::vector<RouteConflict> &conflicts);

    /// `path` is the request's, raw and without query; the match's rawPath points into it.
    [[nodiscard]] Match match(std::string_view method, std::string_view path) const;

private:
    struct Node;
    struct Found;

    void add(const Route &route, std::vector<RouteConflict> &conflicts);
    [[nodiscard]] const Node *walk(const Node &node, const std::vector<std::string> &segments, std::size_t at,
                                   std::string_view method, std::vector<std::string> &values, Found &found) const;

    std::shared_ptr<const std::vector<Route>> m_routes;
    std::shared_ptr<Node> m_root;
    std::map<std::string, const Route *, std::less<>> m_urls; ///< By function.
};

} // namespace kiln
