// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <QString>

#include <vector>

namespace kiln::ui {

/// A line of a function's own code that an error names.
struct CodePlace
{
    QString function;
    QString file; ///< Relative to the function's folder.
    int line = 0; ///< 1-based.
    QString message;
    bool operator==(const CodePlace &) const = default;
};

/// The places in /var/task that the stack of a failed invocation names, the innermost first; none when it did not fail.
/// Reads the stacks of Python (File "…", line N) and of Node (…:N:M).
[[nodiscard]] std::vector<CodePlace> placesOf(const Invocation &invocation);

} // namespace kiln::ui
