// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/yaml_tree.h"

#include "core/base/utf8.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_set>

namespace kiln {

namespace {

constexpr std::size_t maxDepth = 24;
constexpr std::size_t maxNodes = 20'000;

/// Thrown through yaml-cpp to leave it; caught in parseYaml.
struct Refused
{
    YAML::Mark mark;
    std::string message;
};

/// Builds the tree from yaml-cpp's events: unlike its own Node they keep duplicate keys, styles and quotes.
class TreeBuilder final : public YAML::EventHandler
{
public:
    explicit TreeBuilder(YamlDocument &document)
        : m_document(document)
    {}

    void OnDocumentStart(const YAML::Mark &) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override { add(make(mark, "", anchor, {})); }

    void OnAlias(const YAML::Mark &mark, YAML::anchor_t) override
    {
        throw Refused{mark, "aliases (*name) are not accepted: write the value out"};
    }

    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  const std::string &value) override
    {
        if (value.find('\0') != std::string::npos)
            throw Refused{mark, "a NUL character in a value"};
        YamlNode node = make(mark, tag, anchor, YamlNode::Kind::Scalar);
        node.quotes = tag == "!" ? YamlNode::Quotes::Some : YamlNode::Quotes::None;
        node.scalar = value;
        add(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override
    {
        open(mark, tag, anchor, YamlNode::Kind::List, style);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override
    {
        open(mark, tag, anchor, YamlNode::Kind::Map, style);
    }
    void OnMapEnd() override { close(); }

private:
    struct Frame
    {
        YamlNode node;
        std::optional<YamlNode> key;
        std::unordered_set<std::string> seen;
    };

    YamlNode make(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, YamlNode::Kind kind)
    {
        if (anchor != 0)
            throw Refused{mark, "anchors (&name) are not accepted: write the value out"};
        if (!tag.empty() && tag != "?" && tag != "!")
            throw Refused{mark, "tags (!name) are not accepted"};
        if (++m_nodes > maxNodes)
            throw Refused{mark, "more than " + std::to_string(maxNodes) + " values in one file"};
        YamlNode node;
        node.kind = kind;
        node.begin = std::size_t(std::max(mark.pos, 0));
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        return node;
    }

    void open(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, YamlNode::Kind kind,
              YAML::EmitterStyle::value style)
    {
        if (m_stack.size() >= maxDepth)
            throw Refused{mark, "nested more than " + std::to_string(maxDepth) + " deep"};
        YamlNode node = make(mark, tag, anchor, kind);
        node.style = style == YAML::EmitterStyle::Flow ? YamlNode::Style::Flow : YamlNode::Style::Block;
        if (!m_stack.empty() && expectsKey(m_stack.back()))
            throw Refused{mark, "a key must be a plain word"};
        m_stack.push_back({std::move(node), std::nullopt, {}});
    }

    void close()
    {
        YamlNode node = std::move(m_stack.back().node);
        m_stack.pop_back();
        add(std::move(node));
    }

    static bool expectsKey(const Frame &frame) { return frame.node.kind == YamlNode::Kind::Map && !frame.key; }

    void add(YamlNode node)
    {
        if (m_stack.empty()) {
            m_document.root = std::move(node);
            return;
        }
        Frame &top = m_stack.back();
        if (top.node.kind == YamlNode::Kind::List) {
            top.node.items.push_back(std::move(node));
        } else if (!top.key) {
            if (node.kind != YamlNode::Kind::Scalar)
                throw Refused{{}, "a key must be a plain word"};
            if (!top.seen.insert(node.scalar).second)
                m_document.mistakes.push_back({node.line, node.column, pathOf(node.scalar), "this key is there twice"});
            top.key = std::move(node);
        } else {
            top.node.entries.push_back({std::move(*top.key), std::move(node), 0});
            top.key.reset();
        }
    }

    /// Dotted path of a key of the innermost map.
    std::string pathOf(const std::string &key) const
    {
        std::string text;
        for (std::size_t i = 0; i + 1 < m_stack.size(); ++i) {
            if (m_stack[i].node.kind == YamlNode::Kind::List)
                text += "[" + std::to_string(m_stack[i].node.items.size()) + "]";
            else if (m_stack[i].key)
                text += (text.empty() ? "" : ".") + m_stack[i].key->scalar;
        }
        return text.empty() ? key : text + "." + key;
    }

    YamlDocument &m_document;
    std::vector<Frame> m_stack;
    std::size_t m_nodes = 0;
};

int lineOf(std::string_view text, std::size_t offset)
{
    return 1 + int(std::count(text.begin(), text.begin() + std::ptrdiff_t(offset), '\n'));
}

/// What yaml-cpp would misread or choke on; nullopt when there is nothing.
std::optional<YamlMistake> unfit(std::string_view text)
{
    if (text.size() > yamlMaxBytes)
        return YamlMistake{0, 0, "", "larger than 1 MB"};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool loneReturn = c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
        if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f || loneReturn)
            return YamlMistake{lineOf(text, i), 0, "", "a control character: this is no text file"};
    }
    if (isUtf8(text))
        return std::nullopt;
    int line = 1;
    for (std::string_view rest = text; !rest.empty(); ++line) {
        const std::size_t length = std::min(rest.find('\n'), rest.size() - 1) + 1;
        if (!isUtf8(rest.substr(0, length)))
            break;
        rest.remove_prefix(length);
    }
    return YamlMistake{line, 0, "", "not UTF-8: save the file in that encoding"};
}

/// yaml-cpp's sentence, or a plainer one where it is known to mislead.
std::string explain(std::string_view text, const YAML::ParserException &error)
{
    std::size_t start = 0;
    for (int line = 0; line <= error.mark.line && start < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string_view whole = text.substr(start, end - start);
        const std::string_view indent = whole.substr(0, std::min(whole.find_first_not_of(" \t"), whole.size()));
        if (indent.find('\t') != std::string_view::npos && line + 1 >= error.mark.line)
            return "not YAML: line " + std::to_string(line + 1) + " is indented with a tab; use spaces";
        start = end + 1;
    }
    return "not YAML: " + error.msg;
}

/// yaml-cpp's columns are bytes.
void countCharacters(std::string_view text, YamlNode &node)
{
    const std::size_t at = std::min(node.begin, text.size());
    const std::size_t before = std::min(at, std::size_t(std::max(node.column - 1, 0)));
    const std::string_view line = text.substr(at - before, before);
    // A million values on one line would take a million times its length.
    if (line.size() < 4096)
        node.column = 1 + int(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    for (YamlEntry &entry : node.entries) {
        countCharacters(text, entry.key);
        countCharacters(text, entry.value);
    }
    for (YamlNode &item : node.items)
        countCharacters(text, item);
}

void shift(YamlNode &node, std::size_t by)
{
    node.begin += by;
    for (YamlEntry &entry : node.entries) {
        shift(entry.key, by);
        shift(entry.value, by);
    }
    for (YamlNode &item : node.items)
        shift(item, by);
}

} // namespace

const YamlNode *YamlNode::find(std::string_view key) const
{
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const YamlEntry &entry) { return entry.key.scalar == key; });
    return found == entries.end() ? nullptr : &found->value;
}

YamlDocument parseYaml(std::string_view whole)
{
    YamlDocument document;
    const std::size_t bom = whole.starts_with(utf8Bom) ? utf8Bom.size() : 0;
    const std::string_view text = whole.substr(bom);
    if (auto mistake = unfit(text)) {
        document.mistakes.push_back(std::move(*mistake));
        return document;
    }
    const auto refuse = [&](const YAML::Mark &mark, std::string message) {
        document.root = {};
        document.mistakes.assign({{mark.line + 1, mark.column + 1, "", std::move(message)}});
    };
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        TreeBuilder builder(document);
        parser.HandleNextDocument(builder);
        YamlDocument further;
        TreeBuilder second(further);
        if (parser.HandleNextDocument(second)) {
            refuse({}, "more than one document (---) in the file");
            return document;
        }
        document.readable = true;
    } catch (const Refused &refused) {
        refuse(refused.mark, refused.message);
        return document;
    } catch (const YAML::ParserException &error) {
        refuse(error.mark, explain(text, error));
        return document;
    } catch (const std::exception &error) {
        refuse({}, std::string("not YAML: ") + error.what());
        return document;
    }
    shift(document.root, bom);
    countCharacters(whole, document.root);
    locateExtents(whole, document.root);
    return document;
}

bool sameMeaning(const YamlNode &a, const YamlNode &b)
{
    if (a.kind != b.kind || a.quotes != b.quotes || a.scalar != b.scalar)
        return false;
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), sameMeaning) &&
           std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                      [](const YamlEntry &x, const YamlEntry &y) {
                          return x.key.scalar == y.key.scalar && sameMeaning(x.value, y.value);
                      });
}

} // namespace kiln
