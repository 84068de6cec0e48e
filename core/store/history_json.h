// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// The parts of an invocation that history keeps as JSON, since they are mostly absent and never searched by column.
/// Reading never fails: what cannot be read is told in its place, so that one bad row does not empty a list.
[[nodiscard]] std::string toJson(const FunctionError &error);
[[nodiscard]] std::string toJson(const std::vector<Refusal> &denied);
[[nodiscard]] std::string toJson(const FunctionSettings &settings); ///< Name, runtime, handler, memory, timeout.

[[nodiscard]] FunctionError functionErrorFromJson(std::string_view text);
[[nodiscard]] std::vector<Refusal> refusalsFromJson(std::string_view text);
void readSettings(std::string_view text, FunctionSettings &settings); ///< Leaves at its default what is not there.

} // namespace kiln
