// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/project/trust.h"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln {

/// Makes a workspace in `folder` (made if need be) and trusts it: kiln.yaml, functions/, .gitignore; with `sample` a
/// copy of resources/samples/SAMPLE. Refuses a folder that holds a kiln.yaml, and overwrites no file.
[[nodiscard]] Result<> initWorkspace(const std::filesystem::path &folder, const std::string &sample,
                                     const std::filesystem::path &resources, TrustStore &trust);

[[nodiscard]] std::vector<std::string> listSamples(const std::filesystem::path &resources); ///< Sorted.

} // namespace kiln
