// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/invocation.h"

#include <string_view>

namespace kiln {

/// Reads the body of an InitError or a Failure: JSON {"type","message","stack":["line",…]}.
///
/// The bytes are a worker's and not trusted: what is too long is cut, what is no UTF-8 is replaced, and anything that
/// is not of this shape is an Error of code Untrusted. `stack` is in the language's own order and words: Python's
/// innermost frame last, its source in a second line of the same entry; Node's innermost first.
[[nodiscard]] Result<FunctionError> readFunctionError(std::string_view body);

} // namespace kiln
