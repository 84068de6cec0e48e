// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/turns.h"
#include "tests/support/engine_harness.h"

#include <string>

namespace kiln::test {

/// Many workers of one Python function at once: each invocation waits until all have come, so that each of as many has
/// a worker of its own. It waits for a time, since a function that may look at a file is granted something, and its
/// workers cannot come out of a zygote.
class Gathering
{
public:
    static constexpr int most = 1'000;

    explicit Gathering(EngineHarness &harness)
        : m_harness(harness)
    {}

    /// Writes the function; before the engine is opened.
    void add(const std::string &settings);

    /// "memory COUNT": starts that many workers, lets all answer, once more when all are warm, and tells the memory of
    /// each with its pid 1 (PSS), labelled "worker"; then what the whole machine has less than before, "machine".
    Samples memory(const TurnWords &words);

private:
    /// Fires that many events, a few at a time, until as many workers have one; the reason when one of them was not
    /// answered, or was of another start than `warm` says.
    [[nodiscard]] std::string gather(int count, bool warm);

    EngineHarness &m_harness;
};

} // namespace kiln::test
