// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <string>

namespace kiln {

/// What charts need of an invocation, without its bytes: a row of history as the metrics take it.
struct InvocationFigures
{
    std::string function = {};
    WallTime accepted = {};
    Outcome outcome = Outcome::Ok;
    Start start = Start::Warm;
    Phases phases = {};
    bool hadWorker = true;
};

/// Whether it was started, as Lambda's Invocations metric counts: not throttled, not cancelled while it waited.
[[nodiscard]] inline bool wasStarted(Outcome outcome, bool hadWorker)
{
    return outcome != Outcome::Throttled && (outcome != Outcome::Cancelled || hadWorker);
}

} // namespace kiln
