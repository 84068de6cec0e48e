// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <chrono>
#include <string>

namespace kiln {

/// "5 min", "250 ms", "1.5 s": as a reason says it.
[[nodiscard]] std::string spanText(std::chrono::milliseconds span);

/// "crashed: Runtime exited with error", on one line of bounded length, whatever the function said.
[[nodiscard]] std::string failureText(const std::string &what, const FunctionError &error);

} // namespace kiln
