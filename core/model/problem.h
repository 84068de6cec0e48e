// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace kiln {

/// Something wrong in a workspace file: where, what, and what was expected. Shown where it can be mended.
struct Problem
{
    enum class Severity { Error, Warning };

    Severity severity = Severity::Error;
    std::string file;    ///< Relative to the workspace.
    int line = 0;        ///< 1-based; 0 when it concerns the whole file.
    int column = 0;      ///< 1-based; 0 when unknown.
    std::string key;     ///< Dotted, e.g. "concurrency.max", "triggers[0].schedule"; empty when none.
    std::string message; ///< "expected a duration such as 3s, found \"fast\"".

    bool operator==(const Problem &) const = default;

    /// "functions/a/function.yaml:3: timeout: expected …"
    [[nodiscard]] std::string text() const
    {
        const std::string place = line > 0 ? file + ":" + std::to_string(line) : file;
        return place + ": " + (key.empty() ? "" : key + ": ") + message;
    }
};

} // namespace kiln
