// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/sandbox/policy.h"

#include <vector>

namespace kiln::launcher {

/// In the process that sits in the sandbox's own, empty network, before the sandbox is made: raises the loopback
/// interface where the policy has a network, and opens its doors.
///
/// A socket stays in the network it was made in, so the engine serves the doors from outside, and what it accepts there
/// can only come from this worker. With doors all addresses are the loopback interface's: a connection to anywhere
/// ends at the door of its port, or nowhere. The Error's message is the step.
[[nodiscard]] Result<std::vector<UniqueFd>> openNetwork(const SandboxPolicy &policy);

} // namespace kiln::launcher
