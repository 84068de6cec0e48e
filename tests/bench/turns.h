// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kiln::test {

/// One measurement.
struct Sample
{
    double value = 0;  ///< Microseconds; of a rate, requests per second; of memory, bytes.
    std::string label; ///< What it was, when that is known only afterwards ("parked"). No spaces.

    [[nodiscard]] static Sample of(std::chrono::nanoseconds duration, std::string label = {});
};

using Samples = Result<std::vector<Sample>>;
/// What was asked for: a name, then its arguments.
using TurnWords = std::vector<std::string>;
using Turn = std::function<Samples(const TurnWords &words)>;

/// Takes turns with other programs that measure, so that they can be interleaved: for each line of standard input, a
/// name and its arguments, one line of what was measured, "VALUE" or "VALUE:LABEL" each; "! TEXT" when it could not be.
/// Returns when the input ends. One thread.
void takeTurns(const std::map<std::string, Turn> &turns);

/// The whole number at `at`; an Error when there is none.
[[nodiscard]] Result<int> countAt(const TurnWords &words, std::size_t at);

} // namespace kiln::test
