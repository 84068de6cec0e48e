// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/setting_rules.h"
#include "core/project/function_reader.h"

#include <algorithm>

namespace kiln {

std::vector<std::string> readSecrets(const YamlNode &list, ProblemList &problems)
{
    constexpr std::size_t maxNames = 50;
    std::vector<std::string> names;
    if (list.kind == YamlNode::Kind::Null)
        return names;
    if (list.kind != YamlNode::Kind::List || list.items.size() > maxNames) {
        problems.expected(list, "secrets", "a list of at most 50 names such as [API_KEY]");
        return names;
    }
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const YamlNode &item = list.items[i];
        const std::string key = "secrets[" + std::to_string(i) + "]";
        if (item.kind != YamlNode::Kind::Scalar || !isVariableName(item.scalar) || isReservedVariable(item.scalar))
            problems.expected(item, key, "a name of letters, digits and _ that the runtime does not set");
        else if (std::find(names.begin(), names.end(), item.scalar) != names.end())
            problems.error(item, key, "this name is there twice");
        else
            names.push_back(item.scalar);
    }
    return names;
}

} // namespace kiln
