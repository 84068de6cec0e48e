// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/interpreter.h"
#include "core/runtime/candidates.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// Asks a candidate what it is: version, real executable, and the folders it needs. One that does not answer as an
/// interpreter does has a `problem`; whether one that does can be used is not looked at. Nothing: a shim for a program
/// that is not there. Blocking.
[[nodiscard]] std::optional<Interpreter>
describe(const Candidate &candidate, const std::vector<std::string> &environment, std::chrono::milliseconds timeout);

/// The C# compiler that belongs to a Mono.
[[nodiscard]] std::filesystem::path mcsOf(const Interpreter &mono);

} // namespace kiln
