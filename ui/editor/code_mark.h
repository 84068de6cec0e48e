// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace kiln::ui {

/// Something that happened at a line of code: shown behind it, and opened by a click.
struct CodeMark
{
    int line = 0;    ///< 1-based.
    QString message; ///< "12 errors: KeyError 'sku'"
    QString detail;  ///< "last 02:31:12 · open invocation"; may be empty.
    bool operator==(const CodeMark &) const = default;
};

} // namespace kiln::ui
