// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"

#include <cstring>

namespace kiln {

std::string Error::text() const
{
    std::string line = place.empty() ? message : place + ": " + message;
    if (sysErrno != 0)
        line += std::string(" (") + std::strerror(sysErrno) + ")";
    if (!remedy.empty())
        line += ": " + remedy;
    return line;
}

} // namespace kiln
