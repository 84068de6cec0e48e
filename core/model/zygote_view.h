// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"

#include <string>

namespace kiln {

/// A function's zygote as it is shown: the process that has loaded its module, and that further workers come out of.
struct ZygoteView
{
    enum class State {
        Making,
        Ready,
        Declined, ///< What the module did while it was loaded does not go with being copied.
    };

    std::string function;
    State state = State::Making;
    std::string reason; ///< Of Declined: "loading it started 2 threads".
    ByteSize memory;
    bool operator==(const ZygoteView &) const = default;
};

} // namespace kiln
