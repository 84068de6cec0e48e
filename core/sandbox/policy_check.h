// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/sandbox/policy.h"

namespace kiln {

/// Whether a policy is one that can be carried out: absolute paths, bounded counts and sizes, no NUL. Asked by the
/// engine's side, so that the user gets a clear Error, and again by the launcher, which trusts no request.
[[nodiscard]] Result<> checkPolicy(const SandboxPolicy &policy);
[[nodiscard]] Result<> checkBinds(const std::vector<SandboxPolicy::Bind> &binds);

} // namespace kiln
