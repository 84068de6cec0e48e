// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/engine_harness.h"

#include <chrono>
#include <functional>
#include <string>

namespace kiln::test {

/// Fires `count` events through the door that the window uses, each from within the answer of the one before; tells
/// each one's duration. The reason when one of them was not answered well.
[[nodiscard]] std::string chainThroughEngine(Engine &engine, const std::string &function, int count,
                                             const std::function<void(std::chrono::nanoseconds)> &took);

/// Ends the idle workers, of which there is one at least, and waits until all are gone.
[[nodiscard]] bool emptied(EngineHarness &harness, const std::string &function);

} // namespace kiln::test
