// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>
#include <string_view>

namespace kiln::ui {

/// A place in the user's code, named by the file below the function's folder.
struct CodePlace
{
    QString file;
    int line = 0; ///< 1-based; 0 when unknown.
};

/// Finds the place in a line of a stack as Python and Node print it: `File "/var/task/handler.py", line 12, in
/// handler`, `at handler (file:///var/task/index.mjs:12:5)`; and in a refusal's "handler.py:12". nullopt outside the
/// user's code.
[[nodiscard]] std::optional<CodePlace> placeInFrame(std::string_view frame);
[[nodiscard]] std::optional<CodePlace> placeOf(std::string_view place);

} // namespace kiln::ui
