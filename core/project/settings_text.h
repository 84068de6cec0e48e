// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"

#include <string>

namespace kiln {

/// All settings of a function in one fixed form: equal text for equal settings, whatever their file looks like. It is
/// what revisions are named by, so a change of the form renames them all.
[[nodiscard]] std::string settingsText(const FunctionSettings &settings);

} // namespace kiln
