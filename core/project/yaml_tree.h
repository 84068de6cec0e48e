// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

struct YamlEntry;

/// One value of a YAML file with the bytes it was written in, so that it can be reported and replaced in place.
struct YamlNode
{
    enum class Kind { Null, Scalar, List, Map };
    enum class Style { Block, Flow }; ///< Of lists and maps: by indentation, or in brackets.
    enum class Quotes { None, Some }; ///< Of scalars; `|` and `>` count as quotes.

    Kind kind = Kind::Null;
    Style style = Style::Block;
    Quotes quotes = Quotes::None;
    std::string scalar;
    std::vector<YamlEntry> entries; ///< Of a map, in file order.
    std::vector<YamlNode> items;    ///< Of a list.

    std::size_t begin = 0; ///< Bytes [begin, end) of the file; empty for a value that was left out.
    std::size_t end = 0;
    std::size_t dash = 0; ///< Of an item of a block list: where its "-" is.
    int line = 0;         ///< 1-based.
    int column = 0;       ///< 1-based, in characters.

    [[nodiscard]] const YamlNode *find(std::string_view key) const; ///< Value of a map's key, or null.
};

struct YamlEntry
{
    YamlNode key;
    YamlNode value;
    std::size_t afterColon = 0; ///< 0 for a key written without one (`{a, b}`).
};

/// Something that keeps a text from being the YAML that Kiln takes.
struct YamlMistake
{
    int line = 0;
    int column = 0;
    std::string key;
    std::string message;
};

struct YamlDocument
{
    YamlNode root;
    std::vector<YamlMistake> mistakes;
    bool readable = false; ///< False when there is no tree at all.
};

/// Reads one document of foreign bytes. Bounded in size, depth and number of values; anchors, aliases, tags, further
/// documents and keys that are no plain words are refused; a key written twice is a mistake, its first value holds.
/// Never throws. Any thread.
[[nodiscard]] YamlDocument parseYaml(std::string_view text);

/// Whether two trees mean the same (places and brackets aside).
[[nodiscard]] bool sameMeaning(const YamlNode &a, const YamlNode &b);

inline constexpr std::size_t yamlMaxBytes = std::size_t(1) << 20;
inline constexpr std::string_view utf8Bom = "\xEF\xBB\xBF";

/// Fills in `end`, `dash` and `afterColon` of a tree whose beginnings are known; yaml-cpp tells only those.
void locateExtents(std::string_view text, YamlNode &root);

} // namespace kiln
