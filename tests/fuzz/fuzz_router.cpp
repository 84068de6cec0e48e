// SPDX-License-Identifier: GPL-3.0-or-later
// Routes of a workspace, and the paths that clients ask for.
#include "core/gateway/percent.h"
#include "core/gateway/router.h"
#include "tests/fuzz/promise.h"

#include <algorithm>

using namespace kiln;
using namespace kiln::test;

namespace {

std::string encoded(std::string_view segment)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : segment) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (plain)
            out += c;
        else
            out.append(1, '%').append(1, digits[std::uint8_t(c) >> 4]).append(1, digits[std::uint8_t(c) & 15]);
    }
    return out;
}

/// The path that a route's own pattern and these values make.
std::string pathOf(const HttpTrigger &rule, const std::vector<std::pair<std::string, std::string>> &values)
{
    std::string_view rest = rule.path;
    if (rest.size() > 1 && rest.ends_with('/')) // makes no difference
        rest.remove_suffix(1);
    std::string path;
    std::size_t next = 0;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view segment = rest.substr(0, rest.find('/'));
        rest.remove_prefix(segment.size());
        const bool isParameter = segment.starts_with('{') && segment.ends_with('}');
        promise(!isParameter || next < values.size(), "each parameter has a value");
        path.append("/").append(encoded(isParameter ? std::string_view(values[next++].second) : segment));
    }
    promise(next == values.size(), "there is no value without a parameter");
    return path.size() > 1 && path.ends_with('/') ? path + "/" : path;
}

void checkMatch(const Router &router, std::string_view method, std::string_view path)
{
    const Router::Match match = router.match(method, path);
    if (match.kind == Router::Match::Kind::WrongMethod)
        promise(!match.allow.empty(), "what may be done is told");
    if (match.kind != Router::Match::Kind::Found) {
        promise(match.route == nullptr, "no route without a match");
        return;
    }
    promise(match.route != nullptr && !match.routeKey.empty(), "a match names its route");
    for (const auto &[name, value] : match.parameters) {
        promise(!value.empty() && value.find('\0') == std::string::npos, "a parameter has a value");
        for (std::string_view rest = value; !rest.empty();) {
            const std::string_view part = rest.substr(0, rest.find('/'));
            rest.remove_prefix(std::min(part.size() + 1, rest.size()));
            promise(part != "." && part != "..", "no parameter leads out of its folder");
        }
    }
    const auto *rule = std::get_if<HttpTrigger>(&match.route->rule);
    if (!rule) {
        promise(match.rawPath == "/" || (match.rawPath.starts_with('/') && path.ends_with(match.rawPath)),
                "a function URL sees what follows it");
        return;
    }
    promise(match.rawPath == path, "a route sees the path as it came");
    const Router::Match again = router.match(method, pathOf(*rule, match.parameters));
    promise(again.kind == Router::Match::Kind::Found, "the same values lead somewhere");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static constexpr const char *methods[] = {"GET", "POST", "HEAD", "ANY", "DELETE"};
    Input input(data, size);
    std::vector<Route> routes;
    for (std::size_t left = input.byte() % 8; left > 0; --left) {
        const std::string method = methods[input.byte() % std::size(methods)];
        const std::string path(input.line());
        routes.push_back({"f" + std::to_string(left), left, HttpTrigger{method, path}});
    }
    routes.push_back({"own", 0, UrlTrigger{}});
    const std::size_t count = routes.size();
    std::vector<RouteConflict> conflicts;
    const Router router(std::move(routes), conflicts);
    promise(conflicts.size() < count, "a route is refused once");
    for (const RouteConflict &conflict : conflicts)
        promise(!conflict.message.empty(), "a conflict says why");
    while (!input.empty()) {
        const char *method = methods[input.byte() % std::size(methods)];
        const std::string_view path = input.line();
        checkMatch(router, method, path);
        const std::optional<std::string> decoded = decodePercent(path);
        promise(!decoded || decoded->size() <= path.size(), "decoding does not grow");
        promise(decodePercent(encoded(path)) == std::string(path) && decodeQuery(encoded(path)) == path,
                "what is encoded can be decoded");
        promise(decodeQuery(path).size() <= path.size(), "decoding does not grow");
    }
    return 0;
}
