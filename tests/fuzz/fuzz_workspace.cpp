// SPDX-License-Identifier: GPL-3.0-or-later
// Files of a workspace that somebody else wrote: read without harm, and edited without touching the rest.
#include "core/project/yaml_edit.h"
#include "core/project/yaml_tree.h"
#include "tests/core/project/fuzz_workspace_yaml.h"
#include "tests/fuzz/promise.h"

#include <algorithm>
#include <vector>

using namespace kiln;
using namespace kiln::test;

namespace {

struct Place
{
    YamlPath path;
    const YamlNode *node;
};

void collect(const YamlNode &node, const YamlPath &path, std::vector<Place> &all)
{
    if (all.size() >= 200)
        return;
    if (!path.empty())
        all.push_back({path, &node});
    for (const YamlEntry &entry : node.entries) {
        YamlPath next = path;
        next.push_back(entry.key.scalar);
        collect(entry.value, next, all);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        YamlPath next = path;
        next.push_back(std::to_string(i));
        collect(node.items[i], next, all);
    }
}

/// How many bytes the two have in common at their ends together, at most the shorter one's.
std::size_t shared(std::string_view a, std::string_view b)
{
    const auto front = std::size_t(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    const auto back = std::size_t(std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
    return std::min(front + back, std::min(a.size(), b.size()));
}

void checkSet(std::string_view text, const Place &place, const char *value)
{
    const auto edited = setYaml(text, place.path, value);
    const YamlNode &node = *place.node;
    const bool block =
        node.style == YamlNode::Style::Block && (node.kind == YamlNode::Kind::Map || node.kind == YamlNode::Kind::List);
    if (!edited || block) // a block gives way to a value on its key's line
        return;
    promise(edited->starts_with(text.substr(0, node.begin)), "what stands before a value stays");
    promise(edited->ends_with(text.substr(node.end)), "what follows a value stays");
    std::vector<Place> now;
    const YamlDocument after = parseYaml(*edited);
    promise(after.readable && after.mistakes.empty(), "what was edited can be read");
    collect(after.root, {}, now);
    const auto found = std::find_if(now.begin(), now.end(), [&](const Place &each) { return each.path == place.path; });
    const YamlNode meant = parseYaml(value).root;
    promise(found == now.end() ? now.size() >= 200
                               : found->node->kind == meant.kind && found->node->scalar == meant.scalar,
            "reading gives what was set");
}

void checkRemoved(std::string_view text, const Place &place)
{
    const auto edited = removeYaml(text, place.path);
    if (!edited)
        return;
    promise(edited->size() <= text.size() && shared(text, *edited) == edited->size(), "one piece goes, the rest stays");
    promise(parseYaml(*edited).mistakes.empty(), "what was edited can be read");
}

void checkAdded(std::string_view text)
{
    constexpr std::size_t longestNull = 4;
    const std::size_t kept = text.size() - std::min(text.size(), longestNull);
    for (const char *list : {"triggers", "other"}) {
        const auto edited = appendYaml(text, list, {"{url: {auth: none}}", {"url: {auth: none}"}});
        promise(!edited || shared(text, *edited) >= kept, "an item is added, the rest stays");
    }
    const auto edited = setYaml(text, {"environment", "ADDED"}, "1");
    const YamlDocument before = parseYaml(text);
    const YamlNode *map = before.root.find("environment");
    if (edited && (!map || map->find("ADDED") == nullptr))
        promise(shared(text, *edited) >= kept, "a key is added, the rest stays");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Input input(data, size);
    const std::size_t choice = input.byte();
    const std::string_view text = input.rest();
    fuzzWorkspaceYaml(text);

    static constexpr const char *values[] = {"7",  "some words", "\"quoted: #\"", "{a: 1, b: [2]}",
                                             "[]", "a, b",       "'it''s'"};
    const YamlDocument document = parseYaml(text);
    if (!document.readable || !document.mistakes.empty())
        return 0;
    checkAdded(text);
    std::vector<Place> all;
    collect(document.root, {}, all);
    if (all.empty())
        return 0;
    const Place &place = all[choice % all.size()];
    checkSet(text, place, values[choice % std::size(values)]);
    checkRemoved(text, place);
    const std::string quoted = quoteYaml(text.substr(0, 200));
    const YamlDocument again = parseYaml("[" + quoted + "]");
    promise(!again.readable || (again.root.items.size() == 1 && again.root.items[0].scalar == text.substr(0, 200)),
            "a quoted text comes back");
    return 0;
}
