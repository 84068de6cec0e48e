// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/launcher/grants.h"

#include <string>
#include <string_view>
#include <vector>

/// What the launcher and pid 1 of a parked sandbox say to each other: one datagram with the targets, and the mounts as
/// its descriptors; one wire::Status back.
namespace kiln::launcher::lease {

[[nodiscard]] std::string encodeTargets(const std::vector<Grant> &grants);
[[nodiscard]] std::vector<std::string> targetsOf(std::string_view bytes);

} // namespace kiln::launcher::lease
