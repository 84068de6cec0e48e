// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/base/payload.h"

#include <string>

namespace kiln {

/// What an event may hold, as on AWS Lambda: of a caller who waits for the answer, and of one who does not (1 MB since
/// October 2025: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
inline constexpr ByteSize maxSyncPayload = 6_MB;
inline constexpr ByteSize maxAsyncPayload = 1_MB;

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
