// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/uuid.h"
#include "core/model/outcome.h"

#include <cstdint>
#include <optional>
#include <string>

namespace kiln {

/// Which invocations to find; unset fields do not filter.
struct InvocationQuery
{
    std::string function = {};
    std::optional<Outcome> outcome = {};
    bool errorsOnly = false;            ///< Any outcome for which isError holds, and Throttled.
    std::optional<WallTime> since = {}; ///< Accepted at or after.
    std::optional<WallTime> until = {}; ///< Accepted before.
    int limit = 100;
    /// Bytes of events and responses can be large: a list to look at goes without them (they are then empty).
    enum class Payloads { Leave, Load };
    Payloads payloads = Payloads::Leave;
};

/// Which log lines to find; unset fields do not filter.
struct LogQuery
{
    std::string function = {};
    std::optional<Uuid> invocation = {};
    std::string grep = {}; ///< Part of the text, case-insensitive for ASCII.
    std::optional<WallTime> since = {};
    int limit = 1000;
};

/// Which invocations to sum up.
struct MetricsQuery
{
    std::string function = {}; ///< Empty sums all.
    std::optional<WallTime> since = {};
};

/// Lambda's metrics of a stretch. Durations are of the handler phase, as Lambda's Duration metric.
struct MetricsSummary
{
    std::uint64_t invocations = 0; ///< Without throttled ones, as Lambda counts.
    std::uint64_t errors = 0;
    std::uint64_t throttles = 0;
    std::uint64_t coldStarts = 0;
    double p50 = 0, p95 = 0, p99 = 0; ///< Milliseconds; exact, by nearest rank; 0 when there are none.
};

} // namespace kiln
