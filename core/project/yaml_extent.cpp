// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/yaml_tree.h"

#include <algorithm>

// yaml-cpp marks where a value begins, not where it ends. The rules here find the end for the YAML that people write;
// where they should err, an edit is refused, because its result is parsed and compared before it is written.

namespace kiln {

namespace {

class Locator
{
public:
    explicit Locator(std::string_view text)
        : m_text(text)
    {}

    /// `indent`: column of the surrounding block, -1 at the root. `inFlow`: inside brackets.
    void locate(YamlNode &node, int indent, bool inFlow)
    {
        switch (node.kind) {
        case YamlNode::Kind::Null: node.end = node.begin + nullLength(node.begin); break;
        case YamlNode::Kind::Scalar: node.end = scalarEnd(node.begin, indent, inFlow); break;
        case YamlNode::Kind::List: locateList(node, indent, inFlow); break;
        case YamlNode::Kind::Map: locateMap(node, indent, inFlow); break;
        }
        node.end = std::min(std::max(node.end, node.begin), m_text.size());
    }

private:
    char at(std::size_t i) const { return i < m_text.size() ? m_text[i] : '\n'; }
    static bool isSpace(char c) { return c == ' ' || c == '\t'; }
    static bool isBreak(char c) { return c == '\n' || c == '\r'; }
    bool blankAt(std::size_t i) const { return isSpace(at(i)) || isBreak(at(i)); }

    std::size_t lineEnd(std::size_t i) const { return std::min(m_text.find('\n', i), m_text.size()); }
    int columnOf(std::size_t i) const
    {
        if (i == 0 || i > m_text.size())
            return 0;
        const std::size_t before = m_text.rfind('\n', i - 1);
        const std::size_t start = before != std::string_view::npos ? before + 1
                                  : m_text.starts_with(utf8Bom)    ? utf8Bom.size()
                                                                   : 0;
        return int(i - std::min(i, start));
    }

    /// Over white space, line breaks, comments and the characters of `also`.
    std::size_t skip(std::size_t i, std::string_view also = {}) const
    {
        while (i < m_text.size()) {
            if (m_text[i] == '#' && (i == 0 || blankAt(i - 1) || also.find(m_text[i - 1]) != std::string_view::npos))
                i = lineEnd(i);
            else if (blankAt(i) || also.find(m_text[i]) != std::string_view::npos)
                ++i;
            else
                break;
        }
        return i;
    }

    std::size_t nullLength(std::size_t i) const
    {
        for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
            const std::size_t end = i + word.size();
            if (m_text.substr(std::min(i, m_text.size())).starts_with(word) &&
                (end >= m_text.size() || blankAt(end) ||
                 std::string_view(",]}").find(at(end)) != std::string_view::npos))
                return word.size();
        }
        return 0;
    }

    std::size_t scalarEnd(std::size_t begin, int indent, bool inFlow) const
    {
        switch (at(begin)) {
        case '"':
            for (std::size_t i = begin + 1; i < m_text.size(); ++i) {
                if (m_text[i] == '\\')
                    ++i;
                else if (m_text[i] == '"')
                    return i + 1;
            }
            return m_text.size();
        case '\'':
            for (std::size_t i = begin + 1; i < m_text.size(); ++i) {
                if (m_text[i] != '\'')
                    continue;
                if (at(i + 1) != '\'')
                    return i + 1;
                ++i;
            }
            return m_text.size();
        case '|':
        case '>':
            if (!inFlow)
                return blockEnd(begin, indent);
            break;
        default: break;
        }
        return plainEnd(begin, indent, inFlow);
    }

    /// Of `|` and `>`: to the last line that is indented deeper than its key.
    std::size_t blockEnd(std::size_t begin, int indent) const
    {
        std::size_t end = lineEnd(begin);
        for (std::size_t start = end + 1; start < m_text.size();) {
            const std::size_t stop = lineEnd(start);
            const std::size_t first = std::min(m_text.find_first_not_of(' ', start), m_text.size());
            const bool blank = first >= stop || at(first) == '\r';
            if (!blank && int(first - start) <= indent)
                break;
            if (!blank)
                end = stop;
            start = stop + 1;
        }
        return withoutReturn(begin, end);
    }

    std::size_t withoutReturn(std::size_t begin, std::size_t end) const
    {
        return end > begin && m_text[end - 1] == '\r' ? end - 1 : end;
    }

    std::size_t plainEnd(std::size_t begin, int indent, bool inFlow) const
    {
        std::size_t last = begin; // one past the last character that belongs to it
        for (std::size_t i = begin; i < m_text.size(); ++i) {
            const char c = m_text[i];
            if (inFlow && std::string_view(",[]{}").find(c) != std::string_view::npos)
                break;
            if (c == ':' &&
                (blankAt(i + 1) || (inFlow && std::string_view(",]}").find(at(i + 1)) != std::string_view::npos)))
                break;
            if (c == '#' && i > begin && blankAt(i - 1))
                break;
            if (c == '\n' && !inFlow) {
                const std::size_t next = std::min(m_text.find_first_not_of(" \t\r\n", i), m_text.size());
                if (next == m_text.size() || columnOf(next) <= indent || m_text[next] == '#')
                    break;
                i = next - 1;
                continue;
            }
            if (!blankAt(i))
                last = i + 1;
        }
        return last;
    }

    void locateList(YamlNode &node, int indent, bool inFlow)
    {
        if (node.style == YamlNode::Style::Flow) {
            std::size_t cursor = node.begin + 1;
            for (YamlNode &item : node.items) {
                if (item.kind == YamlNode::Kind::Null)
                    item.begin = skip(cursor, ",");
                locate(item, indent, true);
                cursor = item.end;
            }
            node.end = skip(cursor, ",") + 1;
            return;
        }
        (void)inFlow;
        std::size_t cursor = node.begin;
        for (YamlNode &item : node.items) {
            item.dash = skip(cursor);
            if (item.kind == YamlNode::Kind::Null)
                item.begin = valueAfter(item.dash + 1);
            locate(item, columnOf(item.dash), false);
            cursor = item.end;
        }
        node.end = cursor;
    }

    /// Where a null is written out after `i`, or `i` itself.
    std::size_t valueAfter(std::size_t i) const
    {
        std::size_t word = i;
        while (isSpace(at(word)) && word < m_text.size())
            ++word;
        return nullLength(word) > 0 ? word : i;
    }

    /// yaml-cpp marks a value that was left out at whatever comes next.
    void placeNull(YamlEntry &entry) const
    {
        entry.value.begin = entry.afterColon ? valueAfter(entry.afterColon) : entry.key.end;
        entry.value.line = entry.key.line;
        entry.value.column = entry.key.column;
    }

    void locateMap(YamlNode &node, int indent, bool inFlow)
    {
        const bool flow = node.style == YamlNode::Style::Flow;
        const bool braces = flow && at(node.begin) == '{';
        const int inner = flow ? indent : columnOf(node.begin);
        std::size_t cursor = node.begin + (braces ? 1 : 0);
        for (YamlEntry &entry : node.entries) {
            locate(entry.key, inner, flow || inFlow);
            const std::size_t colon = skip(entry.key.end);
            entry.afterColon = at(colon) == ':' && colon < m_text.size() ? colon + 1 : 0;
            if (entry.value.kind == YamlNode::Kind::Null)
                placeNull(entry);
            locate(entry.value, inner, flow || inFlow);
            cursor = entry.value.end;
        }
        node.end = braces ? skip(cursor, ",") + 1 : cursor;
    }

    std::string_view m_text;
};

} // namespace

void locateExtents(std::string_view text, YamlNode &root)
{
    if (root.kind == YamlNode::Kind::Null)
        root.begin = text.size();
    Locator(text).locate(root, -1, false);
}

} // namespace kiln
