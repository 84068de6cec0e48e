// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <string>

namespace kiln {

/// An event as a command's argument names it: a file's bytes where the text is the name of one, standard input for "-",
/// else the text itself, which should be JSON. At most 6 MB, Lambda's bound for a synchronous payload.
[[nodiscard]] Result<std::string> readEvent(const std::string &text);

} // namespace kiln
