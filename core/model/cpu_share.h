// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"

namespace kiln {

/// Virtual CPUs that Lambda gives to a function of this memory: 1,769 MB are one whole
/// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
[[nodiscard]] constexpr double cpuShare(ByteSize memory) { return memory.megabytes() / 1769.0; }

} // namespace kiln
