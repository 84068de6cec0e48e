// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/build/build_plan.h"
#include "core/model/problem.h"

#include <string_view>
#include <vector>

namespace kiln {

/// What a compiler said, as problems of the function's files: place and message of each error and warning.
///
/// The text is shaped by hostile source and not trusted: what is no UTF-8 is replaced, long messages are cut, a place
/// outside the function's folder is none, and at most 100 problems come out. Reads the forms of g++
/// ("file:3:5: error: …"), mcs ("file(3,5): error CS0103: …") and esbuild ("✘ [ERROR] …" and the place two lines on).
[[nodiscard]] std::vector<Problem> readDiagnostics(const BuildPlan &plan, std::string_view output);

} // namespace kiln
