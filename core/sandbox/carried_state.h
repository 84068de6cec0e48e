// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_inspection.h"

namespace kiln {

/// Looks from outside at what the processes of a sandbox keep beside their memory: files in /tmp, sockets, open files,
/// further processes. `pid` is that of its pid 1. Off the engine thread: the folder is the function's to fill, so it is
/// walked without following a link and without opening anything but folders, to a bounded depth and number.
[[nodiscard]] CarriedState lookAtCarriedState(int pid);

} // namespace kiln
