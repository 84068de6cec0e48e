// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/yaml_edit.h"

#include "core/project/yaml_splicer.h"
#include "core/project/yaml_tree.h"

#include <algorithm>
#include <optional>

namespace kiln {

namespace {

using Kind = YamlNode::Kind;
using Style = YamlNode::Style;

/// Null values and empty blocks mean the same as no key at all; an empty item of a list is one, and counts those
/// behind.
void dropEmpty(YamlNode &node)
{
    for (YamlEntry &entry : node.entries)
        dropEmpty(entry.value);
    for (YamlNode &item : node.items)
        dropEmpty(item);
    std::erase_if(node.entries, [](const YamlEntry &entry) { return entry.value.kind == Kind::Null; });
    if ((node.kind == Kind::Map && node.entries.empty()) || (node.kind == Kind::List && node.items.empty()))
        node.kind = Kind::Null;
}

bool means(std::string_view text, YamlNode expected)
{
    YamlDocument document = parseYaml(text);
    if (!document.readable || !document.mistakes.empty())
        return false;
    dropEmpty(document.root);
    dropEmpty(expected);
    // Order of keys is the writer's choice.
    const auto sorted = [](YamlNode &node, const auto &self) -> void {
        for (YamlEntry &entry : node.entries)
            self(entry.value, self);
        for (YamlNode &item : node.items)
            self(item, self);
        std::sort(node.entries.begin(), node.entries.end(),
                  [](const YamlEntry &a, const YamlEntry &b) { return a.key.scalar < b.key.scalar; });
    };
    sorted(document.root, sorted);
    sorted(expected, sorted);
    return sameMeaning(document.root, expected);
}

/// Puts `value` where the path says, making maps and lists on the way. False when a scalar is in the way.
bool place(YamlNode &node, const YamlPath &path, std::size_t depth, const YamlNode &value)
{
    if (depth == path.size()) {
        node = value;
        return true;
    }
    const std::string &step = path[depth];
    const auto index = yamlIndex(step);
    if (node.kind == Kind::Null)
        node.kind = index ? Kind::List : Kind::Map;
    if (YamlNode *next = yamlChild(node, step))
        return place(*next, path, depth + 1, value);
    if (node.kind == Kind::List && index == node.items.size())
        return place(node.items.emplace_back(), path, depth + 1, value);
    if (node.kind != Kind::Map)
        return false;
    YamlEntry entry;
    entry.key.kind = Kind::Scalar;
    entry.key.scalar = step;
    return place(node.entries.emplace_back(std::move(entry)).value, path, depth + 1, value);
}

void eraseAt(YamlNode &root, const YamlPath &path)
{
    YamlNode *node = &root;
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
        node = yamlChild(*node, path[i]);
    if (node->kind == Kind::Map)
        std::erase_if(node->entries, [&](const YamlEntry &entry) { return entry.key.scalar == path.back(); });
    else
        node->items.erase(node->items.begin() + std::ptrdiff_t(*yamlIndex(path.back())));
}

tl::unexpected<Error> cannot()
{
    return fail(Error::Code::InvalidArgument, "this cannot be changed without disturbing the rest of the file", {},
                "edit the file as text");
}

Result<YamlDocument> parseForEdit(std::string_view text)
{
    YamlDocument document = parseYaml(text);
    if (document.mistakes.empty())
        return document;
    const YamlMistake &first = document.mistakes.front();
    return fail(Error::Code::InvalidArgument,
                "line " + std::to_string(first.line) + ": " + (first.key.empty() ? "" : first.key + ": ") +
                    first.message,
                {}, "mend the file as text first");
}

/// `item` put at a place of `root`; whichever of its writings was used.
Result<std::string> checkedItem(const std::optional<std::string> &result, const YamlNode &root, const YamlPath &path,
                                const YamlItem &item)
{
    std::string block;
    for (const std::string &line : item.lines)
        block += line + "\n";
    for (const std::string &writing : {item.flow, block}) {
        YamlNode expected = root;
        if (result && place(expected, path, 0, parseYaml(writing).root) && means(*result, expected))
            return *result;
    }
    return cannot();
}

Result<std::string> checked(const std::optional<std::string> &result, const YamlNode &expected)
{
    if (!result || !means(*result, expected))
        return cannot();
    return *result;
}

} // namespace

Result<std::string> setYaml(std::string_view text, const YamlPath &path, std::string_view yaml)
{
    auto document = parseForEdit(text);
    if (!document)
        return tl::make_unexpected(document.error());
    const YamlDocument value = parseYaml(yaml);
    const YamlNode &root = value.root;
    const bool block = root.style == Style::Block && (root.kind == Kind::Map || root.kind == Kind::List);
    if (path.empty() || !value.readable || !value.mistakes.empty() || root.kind == Kind::Null || block ||
        yaml.find_first_of("\n\r") != std::string_view::npos ||
        yaml.substr(root.end).find_first_not_of(" \t") != std::string_view::npos)
        return fail(Error::Code::InvalidArgument, "expected a value on one line such as 3s or {max: 5}, found \"" +
                                                      std::string(yaml.substr(0, 60)) + "\"");

    YamlNode expected = document->root;
    if (!place(expected, path, 0, root))
        return fail(Error::Code::NotFound, "there is no such place in the file");
    const auto result =
        spliceValue(text, document->root, path, std::string(yaml.substr(root.begin, root.end - root.begin)));
    if (root.kind != Kind::Scalar || (result && means(*result, expected)))
        return checked(result, expected);
    // Plain text that means something else where it lands ("a, b" within brackets).
    YamlNode quoted = root;
    quoted.quotes = YamlNode::Quotes::Some;
    (void)place(expected, path, 0, quoted);
    const std::string inner = quoteYaml(root.scalar);
    return checked(spliceValue(text, document->root, path, inner.starts_with('"') ? inner : "\"" + inner + "\""),
                   expected);
}

Result<std::string> removeYaml(std::string_view text, const YamlPath &path)
{
    auto document = parseForEdit(text);
    if (!document)
        return tl::make_unexpected(document.error());
    if (path.empty())
        return cannot();
    YamlNode *node = &document->root;
    for (const std::string &step : path) {
        node = yamlChild(*node, step);
        if (!node)
            return std::string(text);
    }
    YamlNode expected = document->root;
    eraseAt(expected, path);
    return checked(spliceOut(text, document->root, path), expected);
}

Result<std::string> appendYaml(std::string_view text, const std::string &key, const YamlItem &item)
{
    auto document = parseForEdit(text);
    if (!document)
        return tl::make_unexpected(document.error());
    const YamlNode *list = yamlChild(document->root, key);
    const YamlPath path{key, std::to_string(list ? list->items.size() : 0)};
    const auto result = spliceItem(text, document->root, key, item);
    return checkedItem(result, document->root, path, item);
}

Result<std::string> replaceYaml(std::string_view text, const std::string &key, std::size_t index, const YamlItem &item)
{
    auto document = parseForEdit(text);
    if (!document)
        return tl::make_unexpected(document.error());
    YamlNode *list = yamlChild(document->root, key);
    if (!list || index >= list->items.size())
        return fail(Error::Code::NotFound, key + " has no item " + std::to_string(index));
    const auto result = spliceOverItem(text, document->root, *list, index, item);
    return checkedItem(result, document->root, {key, std::to_string(index)}, item);
}

std::string quoteYaml(std::string_view text)
{
    const auto isWord = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/';
    };
    const auto isPlain = [&](char c) { return isWord(c) || c == '-' || c == '.' || c == '@' || c == '+'; };
    static constexpr std::string_view nulls[] = {"null", "Null", "NULL"};
    bool plain = !text.empty() && isWord(text.front()) && text.back() != ' ' &&
                 std::find(std::begin(nulls), std::end(nulls), text) == std::end(nulls);
    for (const char c : text)
        plain = plain && (isPlain(c) || c == ' ');
    if (plain)
        return std::string(text);
    std::string quoted = "\"";
    static constexpr char digits[] = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            quoted.append(1, '\\').append(1, c);
        else if (byte < 0x20 || byte == 0x7f)
            quoted.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        else
            quoted += c;
    }
    return quoted + "\"";
}

} // namespace kiln
