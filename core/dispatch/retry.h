// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/function.h"

#include <chrono>
#include <variant>

namespace kiln {

/// What comes after a failed attempt at an asynchronous event.
struct RetryAt
{
    WallTime when;
};
struct GiveUp
{
    enum class Why { NoAttemptsLeft, TooOld };
    Why why = Why::NoAttemptsLeft;
};
using AfterFailure = std::variant<RetryAt, GiveUp>;

/// As AWS Lambda: a minute after the first failure, two after the second, and so on, until attempts or the event's
/// maximum age run out (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
///
/// A pure function, so that a simulation decides as the engine does.
[[nodiscard]] AfterFailure afterFailure(const RetryPolicy &policy, int attempt, WallTime accepted, WallTime now);

} // namespace kiln
