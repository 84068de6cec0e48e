// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// Edits of a YAML text that change only the bytes of what is edited: comments, order, spacing, quotes and line ends
/// of the rest stay. Each result is parsed and compared with what was meant before it is answered; an edit that
/// cannot be done so is an Error, and the text is never spoilt. Places of errors are the caller's to fill in.

using YamlPath = std::vector<std::string>; ///< Keys; items of lists by index.

/// Sets a value given in flow style on one line; keys on the way that are missing are added where functionKeys()
/// orders them.
[[nodiscard]] Result<std::string> setYaml(std::string_view text, const YamlPath &path, std::string_view yaml);

/// Removes a key or an item with its line; a block left empty goes too. What is not there is removed already.
[[nodiscard]] Result<std::string> removeYaml(std::string_view text, const YamlPath &path);

/// A list item in both writings.
struct YamlItem
{
    std::string flow;               ///< "{schedule: \"0 2 * * *\", timezone: Europe/Berlin}"
    std::vector<std::string> lines; ///< "schedule: \"0 2 * * *\"", "timezone: Europe/Berlin"
};

/// Appends an item to the list under a top-level key, in that list's own style.
[[nodiscard]] Result<std::string> appendYaml(std::string_view text, const std::string &key, const YamlItem &item);

/// Replaces item `index` of that list.
[[nodiscard]] Result<std::string> replaceYaml(std::string_view text, const std::string &key, std::size_t index,
                                              const YamlItem &item);

/// `text` as a scalar: plain where that is safe inside brackets too, else in double quotes.
[[nodiscard]] std::string quoteYaml(std::string_view text);

} // namespace kiln
