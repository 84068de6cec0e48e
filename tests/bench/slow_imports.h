// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/turns.h"
#include "tests/support/engine_harness.h"

#include <string>

namespace kiln::test {

/// Python functions that import a library of their own, so large that a bare interpreter needs over 200 ms for it.
/// Each turn takes a function that never ran: first its first worker, then a second one while the first is busy.
class SlowImports
{
public:
    static constexpr int functions = 12;

    explicit SlowImports(EngineHarness &harness)
        : m_harness(harness)
    {}

    /// Writes the functions; before the engine is opened. The reason when it cannot.
    [[nodiscard]] std::string add(const std::string &settings);

    Samples bare(const TurnWords &words);   ///< "imports-bare": python3 and the import, from start to exit.
    Samples first(const TurnWords &words);  ///< "imports-first"
    Samples second(const TurnWords &words); ///< "imports-second", after "imports-first"

private:
    [[nodiscard]] std::string folderOf(int function) const;
    [[nodiscard]] bool importPlainly(int function) const;

    EngineHarness &m_harness;
    std::chrono::milliseconds m_hold{}; ///< How long the first worker is busy while the second one starts.
    int m_next = 0;                     ///< The first function that never ran.
};

} // namespace kiln::test
