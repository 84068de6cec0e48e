// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/yaml_edit.h"
#include "core/project/yaml_tree.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// The text surgery under core/project/yaml_edit.h: `root` is the tree of `text`. Each answers the whole new text,
/// which the caller must check, or nullopt where the text is written in a way that it does not know.

[[nodiscard]] std::optional<std::string> spliceValue(std::string_view text, YamlNode &root, const YamlPath &path,
                                                     const std::string &yaml);
/// The path must exist.
[[nodiscard]] std::optional<std::string> spliceOut(std::string_view text, YamlNode &root, const YamlPath &path);

/// Appends to the list under a top-level key.
[[nodiscard]] std::optional<std::string> spliceItem(std::string_view text, YamlNode &root, const std::string &key,
                                                    const YamlItem &item);
/// Writes `by` over an item of `list`.
[[nodiscard]] std::optional<std::string> spliceOverItem(std::string_view text, YamlNode &root, const YamlNode &list,
                                                        std::size_t index, const YamlItem &by);

/// The child that one step of a path names, or null.
[[nodiscard]] YamlNode *yamlChild(YamlNode &node, const std::string &step);

/// A step that is an index of a list.
[[nodiscard]] std::optional<std::size_t> yamlIndex(const std::string &step);

} // namespace kiln
