// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/yaml_splicer.h"

#include "core/project/keys.h"

#include <algorithm>
#include <charconv>

namespace kiln {

namespace {

using Kind = YamlNode::Kind;
using Style = YamlNode::Style;

/// Where a key belongs among its siblings: its row in the table of keys; nullopt for free names.
std::optional<std::size_t> rankOf(const YamlPath &path)
{
    std::string general;
    for (const std::string &step : path)
        general += yamlIndex(step) ? "[]" : general.empty() ? step : "." + step;
    const auto keys = functionKeys();
    const KnownKey *key = findKey(keys, general);
    return key ? std::optional<std::size_t>(std::size_t(key - keys.data())) : std::nullopt;
}

/// Text surgery on one parsed text.
class Splicer
{
public:
    Splicer(std::string_view text, YamlNode &root)
        : m_text(text)
        , m_root(root)
    {}

    std::optional<std::string> set(const YamlPath &path, const std::string &yaml)
    {
        YamlNode *node = &m_root;
        YamlEntry *entry = nullptr;
        std::size_t depth = 0;
        for (; depth < path.size(); ++depth) {
            YamlNode *next = yamlChild(*node, path[depth]);
            if (!next)
                break;
            entry = nullptr;
            for (YamlEntry &each : node->entries) {
                if (&each.value == next)
                    entry = &each;
            }
            node = next;
        }
        const std::string value = nested(path, depth + 1, yaml);
        if (depth == path.size())
            return replaceValue(*node, entry, yaml);
        if (node->kind == Kind::Map || node == &m_root)
            return addEntry(*node, path, depth, value);
        if (node->kind == Kind::List)
            return addItem(*node, {value, {value}});
        if (node->kind == Kind::Null)
            return replaceValue(*node, entry, nested(path, depth, yaml));
        return std::nullopt;
    }

    std::optional<std::string> remove(YamlPath path)
    {
        std::vector<YamlNode *> way{&m_root};
        for (const std::string &step : path)
            way.push_back(yamlChild(*way.back(), step));
        // A block whose only child goes would be left as a key without a value.
        while (path.size() > 1) {
            const YamlNode &parent = *way[path.size() - 1];
            if (parent.style == Style::Flow || parent.entries.size() + parent.items.size() > 1)
                break;
            path.pop_back();
        }
        YamlNode &parent = *way[path.size() - 1];
        if (parent.kind == Kind::List)
            return removeItem(parent, *yamlIndex(path.back()));
        for (std::size_t i = 0; i < parent.entries.size(); ++i) {
            if (parent.entries[i].key.scalar == path.back())
                return removeEntry(parent, i);
        }
        return std::nullopt;
    }

    std::optional<std::string> addItem(const YamlNode &list, const YamlItem &item)
    {
        if (list.style == Style::Flow) {
            if (list.items.empty()) // a comment in the brackets stays
                return splice(list.begin + 1, list.begin + 1, item.flow);
            return splice(list.items.back().end, list.items.back().end, ", " + item.flow);
        }
        const std::string indent(columnOf(list.items.back().dash), ' ');
        return insertAfterLine(list.items.back().end, itemLines(indent, item));
    }

    std::optional<std::string> addList(const std::string &key, const YamlItem &item)
    {
        YamlNode *node = yamlChild(m_root, key);
        if (node && node->kind == Kind::List)
            return addItem(*node, item);
        if (node && node->kind != Kind::Null)
            return std::nullopt;
        if (m_root.style == Style::Flow)
            return set({key}, "[" + item.flow + "]");
        if (!node)
            return addEntryText(m_root, {key}, 0, key + ":" + m_eol + itemLines("  ", item));
        if (node->end > node->begin)
            return splice(node->begin, node->end, "[" + item.flow + "]");
        return insertAfterLine(node->begin, itemLines("  ", item));
    }

    std::optional<std::string> replaceItem(const YamlNode &list, std::size_t index, const YamlItem &by)
    {
        const YamlNode &item = list.items[index];
        if (list.style == Style::Flow || item.style == Style::Flow)
            return splice(item.begin, item.end, by.flow);
        const bool empty = item.begin == item.end;
        const std::string indent(empty ? columnOf(item.dash) + 2 : columnOf(item.begin), ' ');
        std::string text;
        for (const std::string &line : by.lines)
            text += (text.empty() ? "" : m_eol + indent) + line;
        return splice(item.begin, item.end, empty ? " " + text : text);
    }

private:
    static std::string nested(const YamlPath &path, std::size_t from, std::string value)
    {
        for (std::size_t i = path.size(); i > from; --i) {
            const std::string &step = path[i - 1];
            value = yamlIndex(step) ? "[" + value + "]" : "{" + quoteYaml(step) + ": " + value + "}";
        }
        return value;
    }

    std::string splice(std::size_t begin, std::size_t end, std::string_view by) const
    {
        return std::string(m_text.substr(0, begin)).append(by).append(m_text.substr(end));
    }

    std::size_t lineStart(std::size_t at) const
    {
        const std::size_t before = at == 0 ? std::string_view::npos : m_text.rfind('\n', at - 1);
        if (before != std::string_view::npos)
            return before + 1;
        return m_text.starts_with(utf8Bom) ? std::min(utf8Bom.size(), at) : 0;
    }
    std::size_t lineEnd(std::size_t at) const
    {
        const std::size_t end = std::min(m_text.find('\n', at), m_text.size());
        return end > at && end > 0 && m_text[end - 1] == '\r' ? end - 1 : end;
    }
    std::size_t nextLine(std::size_t at) const { return std::min(m_text.find('\n', at), m_text.size() - 1) + 1; }
    std::size_t columnOf(std::size_t at) const { return at - lineStart(at); }
    bool firstOnLine(std::size_t at) const
    {
        const std::size_t start = lineStart(at);
        return m_text.substr(start, at - start).find_first_not_of(' ') == std::string_view::npos;
    }

    std::string itemLines(const std::string &indent, const YamlItem &item) const
    {
        std::string text;
        for (const std::string &line : item.lines)
            text += (text.empty() ? indent + "- " : m_eol + indent + "  ") + line;
        return text;
    }

    std::optional<std::string> insertAfterLine(std::size_t at, const std::string &lines) const
    {
        const std::size_t end = lineEnd(at);
        return splice(end, end, m_eol + lines);
    }

    std::optional<std::string> replaceValue(const YamlNode &node, const YamlEntry *entry, const std::string &yaml) const
    {
        if (node.begin == node.end)
            return splice(node.begin, node.end, (entry && entry->afterColon == 0 ? ": " : " ") + yaml);
        const bool block = node.style == Style::Block && (node.kind == Kind::Map || node.kind == Kind::List);
        if (!entry || !block || lineStart(node.begin) == lineStart(entry->afterColon))
            return splice(node.begin, node.end, yaml);
        // From the lines below up to the key's own line; a comment there stays.
        const std::size_t keyEnd = lineEnd(entry->afterColon);
        return splice(entry->afterColon, node.end,
                      " " + yaml + std::string(m_text.substr(entry->afterColon, keyEnd - entry->afterColon)));
    }

    std::optional<std::string> addEntry(const YamlNode &map, const YamlPath &path, std::size_t depth,
                                        const std::string &value) const
    {
        return addEntryText(map, path, depth, quoteYaml(path[depth]) + ": " + value);
    }

    std::optional<std::string> addEntryText(const YamlNode &map, const YamlPath &path, std::size_t depth,
                                            const std::string &text) const
    {
        if (map.kind == Kind::Null) { // an empty file, or comments alone
            const bool open = !m_text.empty() && m_text.back() != '\n' && m_text != utf8Bom;
            return std::string(m_text).append(open ? m_eol : "").append(text).append(m_eol);
        }
        if (map.kind != Kind::Map)
            return std::nullopt;
        if (map.style == Style::Flow) {
            if (map.begin >= m_text.size() || m_text[map.begin] != '{')
                return std::nullopt;
            if (map.entries.empty())
                return splice(map.begin + 1, map.begin + 1, text);
            const std::size_t end = map.entries.back().value.end;
            return splice(end, end, ", " + text);
        }
        const YamlEntry *before = &map.entries.back();
        if (const auto rank = rankOf(YamlPath(path.begin(), path.begin() + std::ptrdiff_t(depth) + 1))) {
            for (const YamlEntry &entry : map.entries) {
                YamlPath sibling(path.begin(), path.begin() + std::ptrdiff_t(depth));
                sibling.push_back(entry.key.scalar);
                if (rankOf(sibling).value_or(*rank) < *rank)
                    before = &entry;
            }
        }
        const std::string indent(columnOf(map.begin), ' ');
        return insertAfterLine(std::max(before->value.end, before->afterColon), indent + text);
    }

    std::optional<std::string> removeEntry(const YamlNode &map, std::size_t index) const
    {
        const YamlEntry &entry = map.entries[index];
        const auto keyOf = [&](std::size_t i) { return map.entries[i].key.begin; };
        if (map.style == Style::Flow)
            return cut(index, map.entries.size(), keyOf, [&](std::size_t i) { return map.entries[i].value.end; });
        if (firstOnLine(entry.key.begin))
            return splice(lineStart(entry.key.begin), nextLine(std::max(entry.value.end, entry.afterColon)), "");
        if (index + 1 < map.entries.size()) // "- first: 1": the next key moves up behind the dash
            return splice(entry.key.begin, keyOf(index + 1), "");
        return std::nullopt;
    }

    std::optional<std::string> removeItem(const YamlNode &list, std::size_t index) const
    {
        const YamlNode &item = list.items[index];
        if (list.style == Style::Flow)
            return cut(
                index, list.items.size(), [&](std::size_t i) { return list.items[i].begin; },
                [&](std::size_t i) { return list.items[i].end; });
        if (!firstOnLine(item.dash))
            return std::nullopt;
        return splice(lineStart(item.dash), nextLine(std::max(item.end, item.dash)), "");
    }

    /// Takes one of several out of brackets, with one of the commas beside it.
    template<typename Begin, typename End>
    std::string cut(std::size_t index, std::size_t count, Begin begin, End end) const
    {
        if (index + 1 < count)
            return splice(begin(index), begin(index + 1), "");
        return splice(index > 0 ? end(index - 1) : begin(index), end(index), "");
    }

    std::string_view m_text;
    YamlNode &m_root;
    std::string m_eol = m_text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
};

} // namespace

std::optional<std::size_t> yamlIndex(const std::string &text)
{
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

YamlNode *yamlChild(YamlNode &node, const std::string &step)
{
    if (node.kind == Kind::Map) {
        for (YamlEntry &entry : node.entries) {
            if (entry.key.scalar == step)
                return &entry.value;
        }
    }
    const auto index = node.kind == Kind::List ? yamlIndex(step) : std::nullopt;
    return index && *index < node.items.size() ? &node.items[*index] : nullptr;
}

std::optional<std::string> spliceValue(std::string_view text, YamlNode &root, const YamlPath &path,
                                       const std::string &yaml)
{
    return Splicer(text, root).set(path, yaml);
}

std::optional<std::string> spliceOut(std::string_view text, YamlNode &root, const YamlPath &path)
{
    return Splicer(text, root).remove(path);
}

std::optional<std::string> spliceItem(std::string_view text, YamlNode &root, const std::string &key,
                                      const YamlItem &item)
{
    return Splicer(text, root).addList(key, item);
}

std::optional<std::string> spliceOverItem(std::string_view text, YamlNode &root, const YamlNode &list,
                                          std::size_t index, const YamlItem &by)
{
    return Splicer(text, root).replaceItem(list, index, by);
}

} // namespace kiln
