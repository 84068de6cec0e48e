// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_inspection.h"

#include <string>
#include <vector>

namespace kiln {

/// Looks at a running sandbox from outside, at what the kernel says of it in /proc and cgroupfs: not at what was asked
/// for. `pid` is that of its pid 1, `selfTest` the evidence of the machine's tier, for what the kernel does not tell of
/// a process. A few dozen small files: off the engine thread. Where reading is refused the layer is Unknown.
[[nodiscard]] std::vector<IsolationLayer> checkIsolation(int pid, const std::vector<std::string> &selfTest);

/// The process of the function in a sandbox whose pid 1 it is given: pid 1 only looks after it, unless the process came
/// out of a zygote. 0 when there is none (any more).
[[nodiscard]] int workerProcessOf(int pid);

/// Whether its root is not the machine's: a mount namespace of its own may still show the machine's files.
[[nodiscard]] bool hasOwnRoot(int pid);

} // namespace kiln
