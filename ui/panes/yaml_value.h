// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::ui {

/// A text as a YAML scalar in flow style that reads back as exactly this text: plain where that is safe, otherwise in
/// double quotes. Takes UTF-8.
[[nodiscard]] std::string yamlText(std::string_view text);

/// "[{path: ../../data, mode: ro}]"; empty for no grants, which removes the key.
[[nodiscard]] std::string yamlGrants(const std::vector<Permissions::FileGrant> &grants);

} // namespace kiln::ui
