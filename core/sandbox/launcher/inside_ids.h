// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace kiln::launcher {

/// Who a worker is in its own user namespace, user and group.
inline constexpr unsigned insideId = 1000;

} // namespace kiln::launcher
