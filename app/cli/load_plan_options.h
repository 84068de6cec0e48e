// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/options.h"
#include "core/base/result.h"
#include "core/model/load_plan.h"

#include <filesystem>

namespace kiln {

/// The plan that the options of `kiln load` ask for, with the events read. An Error names the option and what it takes.
[[nodiscard]] Result<LoadPlan> loadPlanOf(const LoadOptions &options, const std::filesystem::path &workspace);

} // namespace kiln
