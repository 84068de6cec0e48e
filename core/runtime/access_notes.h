// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/access.h"

#include <string_view>
#include <vector>

namespace kiln {

/// More than a bootstrap sends for one invocation.
inline constexpr std::size_t maxAccessNotes = 256;

/// Reads the body of a Notes frame: JSON [{"kind": "connect" | "read" | "write" | "variable", "target", "place"},
/// …].
///
/// The bytes are a worker's and not trusted: what is too long is left out, what is no UTF-8 is replaced, and anything
/// that is not of this shape is an Error of code Untrusted.
[[nodiscard]] Result<std::vector<Access>> readAccessNotes(std::string_view body);

} // namespace kiln
