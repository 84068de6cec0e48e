// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kiln {

/// A folder of resources/templates/LANGUAGE/, as its template.json describes it.
struct FunctionTemplate
{
    std::string language; ///< "python"
    std::string name;     ///< "basic": the folder's name.
    std::string title;
    std::string description;
};

/// All that are there, by language and name, "basic" first. One that cannot be read is left out. Blocks.
[[nodiscard]] std::vector<FunctionTemplate> listTemplates(const std::filesystem::path &resources);

/// Copies plain files and folders into `to`, which must not be there yet; {{NAME}} in files becomes its value.
/// template.json is not copied. Nothing is left when it fails.
[[nodiscard]] Result<> copyTemplate(const std::filesystem::path &from, const std::filesystem::path &to,
                                    const std::map<std::string, std::string> &values);

} // namespace kiln
