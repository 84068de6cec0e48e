// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <string>
#include <vector>

namespace kiln {

/// A program that is asked something: how it ended and what it printed.
struct Answer
{
    int exitCode = 0;   ///< Of the shell's kind: 128 + signal when a signal ended it.
    std::string output; ///< Of stdout, the first 64 KB.
};

/// Runs a program with a clean environment and waits for it. Blocking: never on the engine thread.
///
/// The program and what it started is killed once `timeout` is over (Error of code LimitExceeded), and when this
/// returns. Other errors: it could not be started.
[[nodiscard]] Result<Answer> ask(const std::vector<std::string> &argv, const std::vector<std::string> &environment,
                                 std::chrono::milliseconds timeout);

} // namespace kiln
