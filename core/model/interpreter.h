// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/function.h"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln {

/// A language interpreter found on this machine, as it described itself.
struct Interpreter
{
    Language language = Language::Python;
    std::string version;                      ///< "3.11.2"
    std::filesystem::path path;               ///< The real executable, never a shim.
    std::vector<std::filesystem::path> roots; ///< What must be readable inside the sandbox besides /usr.
    std::string problem; ///< Why it cannot be used ("not readable for a sandboxed user", "3.8 is too old");
                         ///< empty when it can.
    [[nodiscard]] bool usable() const { return problem.empty(); }
};

} // namespace kiln
