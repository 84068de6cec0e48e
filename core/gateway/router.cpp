// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/router.h"

#include "core/base/utf8.h"
#include "core/gateway/percent.h"

#include <algorithm>
#include <optional>
#include <set>

namespace kiln {

namespace {

constexpr std::string_view urlPrefix = "/fn/";

struct Target
{
    const Route *route = nullptr;
    std::string key;                ///< "POST /orders/{id}"
    std::vector<std::string> names; ///< Of the parameters, in the order of the path.
};

std::vector<std::string_view> split(std::string_view path)
{
    if (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1); // the slash
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments; // "/" is one empty segment
}

/// Whether a part between slashes is `.` or `..`; a decoded segment may hold slashes of its own.
bool hasDots(std::string_view segment)
{
    for (std::size_t begin = 0; begin <= segment.size();) {
        const std::size_t end = std::min(segment.find('/', begin), segment.size());
        const std::string_view part = segment.substr(begin, end - begin);
        if (part == "." || part == "..")
            return true;
        begin = end + 1;
    }
    return false;
}

/// nullopt when a segment is nothing that a path may hold.
std::optional<std::vector<std::string>> decoded(const std::vector<std::string_view> &raw)
{
    std::vector<std::string> segments;
    segments.reserve(raw.size());
    for (const std::string_view text : raw) {
        std::optional<std::string> segment = decodePercent(text);
        if (!segment || hasDots(*segment) || segment->find('\0') != std::string::npos || !isUtf8(*segment))
            return std::nullopt;
        segments.push_back(std::move(*segment));
    }
    return segments;
}

bool isParameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }
bool isGreedy(std::string_view segment) { return segment.starts_with('{') && segment.ends_with("+}"); }

std::string nameOf(std::string_view segment)
{
    segment.remove_prefix(1);
    segment.remove_suffix(segment.ends_with("+}") ? 2 : 1);
    return std::string(segment);
}

} // namespace

struct Router::Node
{
    std::map<std::string, Node, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::unique_ptr<Node> rest;                         ///< Takes all segments that follow.
    std::map<std::string, Target, std::less<>> targets; ///< By method, or "ANY".

    [[nodiscard]] const Target *targetOf(std::string_view method) const
    {
        for (const std::string_view key : {method, std::string_view("ANY")}) {
            if (const auto found = targets.find(key); found != targets.end())
                return &found->second;
        }
        return nullptr;
    }
};

/// What a walk through the tree has come upon so far.
struct Router::Found
{
    std::set<std::string> methods; ///< Of paths that fit but for the method.
};

Router::Router(std::vector<Route> routes, std::vector<RouteConflict> &conflicts)
    : m_routes(std::make_shared<const std::vector<Route>>(std::move(routes)))
    , m_root(std::make_shared<Node>())
{
    for (const Route &route : *m_routes) {
        if (std::holds_alternative<HttpTrigger>(route.rule))
            add(route, conflicts);
        else if (!m_urls.emplace(route.function, &route).second)
            conflicts.push_back({route, "the function has its URL already"});
    }
}

void Router::add(const Route &route, std::vector<RouteConflict> &conflicts)
{
    const auto &http = std::get<HttpTrigger>(route.rule);
    if (!http.path.starts_with('/')) {
        conflicts.push_back({route, "the path does not begin with /"});
        return;
    }
    for (const std::string_view own : {"/fn/", "/_kiln/"}) {
        if (http.path.starts_with(own)) {
            conflicts.push_back({route, "paths below " + std::string(own) + " are Kiln's own"});
            return;
        }
    }
    Node *node = m_root.get();
    Target target{&route, http.method + " " + http.path, {}};
    const std::vector<std::string_view> segments = split(http.path);
    if (std::any_of(segments.begin(), segments.end() - 1, isGreedy)) {
        conflicts.push_back({route, "a parameter {name+} takes the rest of the path, so it must be the last"});
        return;
    }
    for (const std::string_view segment : segments) {
        if (!isParameter(segment)) {
            node = &node->literals[std::string(segment)];
            continue;
        }
        target.names.push_back(nameOf(segment));
        std::unique_ptr<Node> &next = isGreedy(segment) ? node->rest : node->parameter;
        if (!next)
            next = std::make_unique<Node>();
        node = next.get();
    }
    const auto [there, isNew] = node->targets.emplace(http.method, std::move(target));
    if (!isNew) {
        const Route &first = *there->second.route;
        conflicts.push_back({route, labelOf(http) + " is taken by " + labelOf(std::get<HttpTrigger>(first.rule)) +
                                        " of " + first.function});
    }
}

const Router::Node *Router::walk(const Node &node, const std::vector<std::string> &segments, std::size_t at,
                                 std::string_view method, std::vector<std::string> &values, Found &found) const
{
    if (at == segments.size()) {
        if (node.targetOf(method) != nullptr)
            return &node;
        for (const auto &[known, target] : node.targets)
            found.methods.insert(known);
        return nullptr;
    }
    const std::string &segment = segments[at];
    if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
        if (const Node *end = walk(literal->second, segments, at + 1, method, values, found))
            return end;
    }
    if (segment.empty())
        return nullptr;
    const std::size_t depth = values.size();
    if (node.parameter) {
        values.push_back(segment);
        if (const Node *end = walk(*node.parameter, segments, at + 1, method, values, found))
            return end;
        values.resize(depth);
    }
    if (node.rest) {
        std::string all = segment;
        for (std::size_t i = at + 1; i < segments.size(); ++i)
            all += "/" + segments[i];
        values.push_back(std::move(all));
        if (const Node *end = walk(*node.rest, segments, segments.size(), method, values, found))
            return end;
        values.resize(depth);
    }
    return nullptr;
}

Router::Match Router::match(std::string_view method, std::string_view path) const
{
    Match match;
    match.rawPath = path;
    std::optional<std::vector<std::string>> segments;
    if (path.starts_with('/'))
        segments = decoded(split(path));
    if (!segments) {
        match.kind = Match::Kind::BadPath;
        return match;
    }
    if (path.starts_with(urlPrefix) && segments->size() >= 2) {
        if (const auto url = m_urls.find((*segments)[1]); url != m_urls.end()) {
            const std::size_t end = path.find('/', urlPrefix.size());
            match.kind = Match::Kind::Found;
            match.route = url->second;
            match.routeKey = "$default";
            match.rawPath = end == std::string_view::npos ? std::string_view("/") : path.substr(end);
            return match;
        }
    }
    if (!m_root)
        return match;

    Found found;
    std::vector<std::string> values;
    const Node *node = walk(*m_root, *segments, 0, method, values, found);
    if (node == nullptr && method == "HEAD") {
        method = "GET";
        node = walk(*m_root, *segments, 0, method, values, found);
    }
    if (node == nullptr) {
        match.kind = found.methods.empty() ? Match::Kind::NotFound : Match::Kind::WrongMethod;
        for (const std::string &known : found.methods)
            match.allow += (match.allow.empty() ? "" : ", ") + known + (known == "GET" ? ", HEAD" : "");
        return match;
    }
    const Target &target = *node->targetOf(method);
    match.kind = Match::Kind::Found;
    match.route = target.route;
    match.routeKey = target.key;
    for (std::size_t i = 0; i < target.names.size(); ++i)
        match.parameters.emplace_back(target.names[i], std::move(values[i]));
    return match;
}

} // namespace kiln
