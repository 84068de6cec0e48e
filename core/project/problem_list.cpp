// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/problem_list.h"

#include "core/base/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace kiln {

namespace {

constexpr std::size_t maxProblems = 100; ///< Of one file; nobody reads more, and a hostile one has a million.

std::string describe(const YamlNode &node)
{
    switch (node.kind) {
    case YamlNode::Kind::Null: return "nothing";
    case YamlNode::Kind::List: return "a list";
    case YamlNode::Kind::Map: return "a map";
    case YamlNode::Kind::Scalar: break;
    }
    if (node.scalar.size() <= 60)
        return "\"" + node.scalar + "\"";
    std::size_t cut = 57; // not within a character
    while (cut > 0 && (node.scalar[cut] & 0xC0) == 0x80)
        --cut;
    return "\"" + node.scalar.substr(0, cut) + "…\"";
}

} // namespace

void ProblemList::add(Problem::Severity severity, const YamlNode &where, std::string key, std::string message)
{
    if (m_problems.size() < maxProblems)
        m_problems.push_back({severity, m_file, where.line, where.column, std::move(key), std::move(message)});
}

void ProblemList::error(const YamlNode &where, std::string key, std::string message)
{
    add(Problem::Severity::Error, where, std::move(key), std::move(message));
}

void ProblemList::warn(const YamlNode &where, std::string key, std::string message)
{
    add(Problem::Severity::Warning, where, std::move(key), std::move(message));
}

void ProblemList::error(const YamlMistake &mistake)
{
    YamlNode where;
    where.line = mistake.line;
    where.column = mistake.column;
    error(where, mistake.key, mistake.message);
}

void ProblemList::expected(const YamlNode &where, std::string key, const std::string &what)
{
    error(where, std::move(key), "expected " + what + ", found " + describe(where));
}

void ProblemList::notBuilt(const YamlNode &where, std::string key, std::string_view what)
{
    error(where, std::move(key), notBuiltMessage(what));
}

std::vector<Problem> ProblemList::take()
{
    std::stable_sort(m_problems.begin(), m_problems.end(),
                     [](const Problem &a, const Problem &b) { return a.line < b.line; });
    return std::move(m_problems);
}

bool ProblemList::hasErrors() const
{
    return std::any_of(m_problems.begin(), m_problems.end(),
                       [](const Problem &problem) { return problem.severity == Problem::Severity::Error; });
}

void ProblemList::checkKeys(const YamlNode &map, std::span<const KnownKey> known, const std::string &parent)
{
    // The table says "triggers[].http" where the file has "triggers[3].http".
    std::string general;
    for (std::size_t i = 0; i < parent.size(); ++i) {
        general += parent[i];
        if (parent[i] == '[')
            i = parent.find(']', i) - 1;
    }
    for (const YamlEntry &entry : map.entries) {
        const std::string &name = entry.key.scalar;
        const KnownKey *key = findKey(known, general.empty() ? name : general + "." + name);
        const std::string path = parent.empty() ? name : parent + "." + name;
        if (!key)
            error(entry.key, path.substr(0, 120), unknownKeyMessage(known, general, name));
        else if (key->status == KnownKey::Status::NotBuilt)
            notBuilt(entry.key, path, name);
    }
}

std::optional<std::string> ProblemList::text(const YamlNode &node, const std::string &key, const std::string &what)
{
    if (node.kind == YamlNode::Kind::Scalar && !node.scalar.empty())
        return node.scalar;
    expected(node, key, what);
    return std::nullopt;
}

std::optional<int> ProblemList::integer(const YamlNode &node, const std::string &key, Bounds<int> bounds)
{
    int value = 0;
    const std::string &text = node.scalar;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool number = node.kind == YamlNode::Kind::Scalar && node.quotes == YamlNode::Quotes::None && !text.empty() &&
                        failed == std::errc{} && end == text.data() + text.size();
    if (number && bounds.holds(value))
        return value;
    expected(node, key, "a whole number from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most));
    return std::nullopt;
}

std::optional<double> ProblemList::number(const YamlNode &node, const std::string &key, Bounds<double> bounds)
{
    double value = 0;
    const std::string &text = node.scalar;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const bool number = node.kind == YamlNode::Kind::Scalar && node.quotes == YamlNode::Quotes::None && !text.empty() &&
                        failed == std::errc{} && end == text.data() + text.size();
    if (number && bounds.holds(value))
        return value;
    expected(node, key, fmt::format("a number from {} to {}", bounds.least, bounds.most));
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> ProblemList::duration(const YamlNode &node, const std::string &key,
                                                               Bounds<std::chrono::milliseconds> bounds)
{
    const auto value = node.kind == YamlNode::Kind::Scalar ? parseDuration(node.scalar) : std::nullopt;
    if (!value)
        expected(node, key, "a duration such as 3s");
    else if (!bounds.holds(*value))
        expected(node, key, "a duration from " + toText(bounds.least) + " to " + toText(bounds.most));
    else
        return value;
    return std::nullopt;
}

std::optional<ByteSize> ProblemList::byteSize(const YamlNode &node, const std::string &key, Bounds<ByteSize> bounds)
{
    const auto value = node.kind == YamlNode::Kind::Scalar ? parseByteSize(node.scalar) : std::nullopt;
    if (!value)
        expected(node, key, "a size such as 256MB");
    else if (!bounds.holds(*value))
        expected(node, key, "a size from " + toText(bounds.least) + " to " + toText(bounds.most));
    else
        return value;
    return std::nullopt;
}

} // namespace kiln
