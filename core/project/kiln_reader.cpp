// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/function_reader.h"

#include <arpa/inet.h>
#include <charconv>

namespace kiln {

namespace {

enum class Reach { Invalid, Loopback, Network };

/// "127.0.0.1:7070", "[::1]:0", "localhost:8080", "0.0.0.0:80"
Reach reachOf(std::string_view listen)
{
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string_view::npos)
        return Reach::Invalid;
    const std::string_view digits = listen.substr(colon + 1);
    unsigned port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port > 65'535)
        return Reach::Invalid;

    std::string host(listen.substr(0, colon));
    if (host == "localhost")
        return Reach::Loopback;
    if (in_addr v4 = {}; ::inet_pton(AF_INET, host.c_str(), &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127 ? Reach::Loopback : Reach::Network;
    if (!host.starts_with('[') || !host.ends_with(']'))
        return Reach::Invalid;
    host = host.substr(1, host.size() - 2);
    if (in6_addr v6 = {}; ::inet_pton(AF_INET6, host.c_str(), &v6) == 1)
        return host == "::1" ? Reach::Loopback : Reach::Network;
    return Reach::Invalid;
}

} // namespace

KilnText readKilnText(std::string_view text, const std::filesystem::path &workspace)
{
    ProblemList problems("kiln.yaml");
    KilnSettings settings;
    settings.name = workspace.filename().string();

    const YamlDocument document = parseYaml(text);
    const YamlNode &root = document.root;
    for (const YamlMistake &mistake : document.mistakes)
        problems.error(mistake);
    if (root.kind == YamlNode::Kind::Map) {
        problems.checkKeys(root, kilnKeys(), "");
        if (const YamlNode *node = root.find("name")) {
            if (const auto name = problems.text(*node, "name", "a name")) {
                if (name->size() > 100 || name->find_first_of("\n\t") != std::string::npos)
                    problems.expected(*node, "name", "at most 100 bytes on one line");
                settings.name = *name;
            }
        }
        if (const YamlNode *node = root.find("listen")) {
            const Reach reach = node->kind == YamlNode::Kind::Scalar ? reachOf(node->scalar) : Reach::Invalid;
            if (reach == Reach::Invalid)
                problems.expected(*node, "listen", "an address such as 127.0.0.1:7070");
            else if (reach == Reach::Network)
                problems.warn(*node, "listen", "this address can be reached by other machines");
            settings.listen = node->scalar;
        }
        if (const YamlNode *node = root.find("scaling"); node && node->kind == YamlNode::Kind::Map) {
            problems.checkKeys(*node, kilnKeys(), "scaling");
            if (const YamlNode *workers = node->find("workers"))
                settings.scaling.workers =
                    problems.integer(*workers, "scaling.workers", bounds::workspaceWorkers).value_or(1000);
        } else if (node && node->kind != YamlNode::Kind::Null) {
            problems.expected(*node, "scaling", "a map such as {workers: 100}");
        }
    } else if (document.readable && root.kind != YamlNode::Kind::Null) {
        problems.expected(root, "", "keys and values such as \"name: shop\"");
    }
    const bool good = !problems.hasErrors();
    return {good ? std::optional(std::move(settings)) : std::nullopt, problems.take()};
}

} // namespace kiln
