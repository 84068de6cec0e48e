// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/yaml_value.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace kiln::ui {

namespace {

bool isPlain(std::string_view text)
{
    const auto letter = [](unsigned char c) { return std::isalpha(c) != 0; };
    const auto safe = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '/' || c == '-';
    };
    if (text.empty() || !letter(text.front()) || !std::all_of(text.begin(), text.end(), safe))
        return false;
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    // What YAML 1.1 or 1.2 readers take for something other than text.
    constexpr std::array<std::string_view, 9> words{"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
    return std::find(words.begin(), words.end(), lower) == words.end();
}

} // namespace

std::string yamlText(std::string_view text)
{
    if (isPlain(text))
        return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        constexpr std::string_view hex = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (c == '\n') {
            quoted += "\\n";
        } else if (c == '\t') {
            quoted += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            quoted += "\\x";
            quoted += hex[byte >> 4];
            quoted += hex[byte & 15];
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string yamlGrants(const std::vector<Permissions::FileGrant> &grants)
{
    std::string list;
    for (const Permissions::FileGrant &grant : grants) {
        list += list.empty() ? "[" : ", ";
        list += "{path: " + yamlText(grant.path) +
                ", mode: " + (grant.mode == Permissions::Mode::ReadWrite ? "rw" : "ro") + "}";
    }
    return list.empty() ? list : list + "]";
}

} // namespace kiln::ui
