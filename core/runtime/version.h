// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

namespace kiln {

/// {3, 11, 2} of "3.11.2"; what follows the first part that is no number is left out ("22.0.0-rc1": {22, 0, 0}).
[[nodiscard]] std::vector<int> numbersOf(std::string_view version);

/// "3.9.18" before "3.11.2"; compares number by number.
[[nodiscard]] bool isOlder(std::string_view version, std::string_view other);

} // namespace kiln
