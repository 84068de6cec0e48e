// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/grant.h"
#include "core/project/function_reader.h"

#include <algorithm>

namespace kiln {

namespace {

using Network = Permissions::Network;

constexpr std::size_t maxHosts = 50;
constexpr const char *key = "permissions.network";
constexpr const char *form = "none, loopback, all, or a list of at most 50 such as [example.com:443]";

void readItem(const YamlNode &item, const std::string &itemKey, ProblemList &problems, Permissions &permissions)
{
    if (item.kind == YamlNode::Kind::Scalar && item.scalar == "all") {
        if (permissions.network == Network::All)
            problems.error(item, itemKey, "this is granted twice");
        permissions.network = Network::All;
        return;
    }
    auto host = item.kind == YamlNode::Kind::Scalar ? parseHostPort(item.scalar) : std::nullopt;
    if (!host)
        problems.expected(item, itemKey, "all, or HOST:PORT such as example.com:443 or \"[::1]:5432\"");
    else if (std::find(permissions.hosts.begin(), permissions.hosts.end(), *host) != permissions.hosts.end())
        problems.error(item, itemKey, "this is granted twice");
    else
        permissions.hosts.push_back(*std::move(host));
}

} // namespace

void readNetwork(const YamlNode &node, ProblemList &problems, Permissions &permissions)
{
    if (node.kind == YamlNode::Kind::List) {
        if (node.items.empty() || node.items.size() > maxHosts)
            problems.expected(node, key, form);
        permissions.network = Network::Hosts;
        for (std::size_t i = 0; i < std::min(node.items.size(), maxHosts); ++i)
            readItem(node.items[i], std::string(key) + "[" + std::to_string(i) + "]", problems, permissions);
        return;
    }
    const std::string &word = node.scalar;
    if (node.kind != YamlNode::Kind::Scalar || (word != "none" && word != "loopback" && word != "all"))
        problems.expected(node, key, form);
    else
        permissions.network = word == "all" ? Network::All : word == "loopback" ? Network::Loopback : Network::None;
}

} // namespace kiln
