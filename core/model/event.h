// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/payload.h"

#include <string>

namespace kiln {

/// What happened, with the attributes of CloudEvents 1.0 and its data as bytes, unchanged.
struct Event
{
    std::string id; ///< Stable over all attempts.
    std::string source;
    std::string type; ///< "kiln.http.request", "kiln.schedule.tick", "kiln.manual", …
    std::string subject;
    std::string dataContentType = "application/json";
    WallTime time;
    Payload data = payload({});
};

} // namespace kiln
