// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/project/fuzz_workspace_yaml.h"

#include "core/project/function_reader.h"
#include "core/project/trigger_text.h"
#include "core/project/yaml_edit.h"

#include <cstdio>
#include <cstdlib>

namespace kiln::test {

namespace {

void promise(bool kept, const char *what, std::string_view bytes)
{
    if (kept)
        return;
    std::fprintf(stderr, "broken: %s, by:\n%.*s\n", what, int(bytes.size()), bytes.data());
    std::abort();
}

void checkTree(const YamlNode &node, std::string_view bytes)
{
    promise(node.begin <= node.end && node.end <= bytes.size(), "values lie within the text", bytes);
    for (const YamlEntry &entry : node.entries) {
        checkTree(entry.key, bytes);
        checkTree(entry.value, bytes);
    }
    for (const YamlNode &item : node.items)
        checkTree(item, bytes);
}

} // namespace

void fuzzWorkspaceYaml(std::string_view bytes)
{
    const FunctionPlace place{"/nonexistent", "fuzzed"};
    const FunctionText read = readFunctionText(bytes, place, {});
    promise(read.settings || !read.problems.empty(), "no settings only with a problem", bytes);
    (void)readKilnText(bytes, "/nonexistent");
    const YamlDocument document = parseYaml(bytes);
    promise(document.readable || !document.mistakes.empty(), "unreadable only with a mistake", bytes);
    checkTree(document.root, bytes);

    if (const auto edited = setYaml(bytes, {"concurrency", "max"}, "7")) {
        const YamlDocument after = parseYaml(*edited);
        const YamlNode *map = after.root.find("concurrency");
        promise(after.mistakes.empty() && map && map->find("max") && map->find("max")->scalar == "7",
                "reading gives what was set", bytes);
        const auto removed = removeYaml(*edited, {"concurrency", "max"});
        promise(!removed || parseYaml(*removed).mistakes.empty(), "what was edited can be read", bytes);
    }
    for (const Trigger &trigger :
         {Trigger(HttpTrigger{"GET", "/a/{b}"}), Trigger(ScheduleTrigger{"* * * * *", "A/B"})}) {
        if (const auto edited = appendYaml(bytes, "triggers", triggerItem(trigger)))
            promise(parseYaml(*edited).mistakes.empty(), "what was edited can be read", bytes);
        if (read.settings && !read.settings->triggers.empty()) {
            const auto edited = rewriteTrigger(bytes, 0, read.settings->triggers[0], trigger);
            const auto after = edited ? readFunctionText(*edited, place, {}) : FunctionText{};
            promise(!after.settings || after.settings->triggers[0] == trigger, "reading gives what was set", bytes);
        }
    }
    (void)removeYaml(bytes, {"triggers", "0"});
}

} // namespace kiln::test
