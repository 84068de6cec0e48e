// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/worker_inspection.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace kiln {

/// What a worker's modules keep in their variables.
struct KeptVariables
{
    std::vector<CarriedState::Variable> variables;
    std::size_t more = 0; ///< Beside those that are named.
};

/// Reads the body of a Kept frame: JSON {"variables": [[name, value], …], "more": 0}.
///
/// The bytes are a worker's and not trusted: what is too much or too long is left out or cut, the texts are plain
/// lines (toPlainLine), and anything that is not of this shape is an Error of code Untrusted.
[[nodiscard]] Result<KeptVariables> readKeptVariables(std::string_view body);

} // namespace kiln
