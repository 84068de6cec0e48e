// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dispatch/attempt.h"
#include "core/model/invocation.h"
#include "core/worker/worker.h"

#include <optional>

namespace kiln {

/// The moments of an attempt that its phases are cut from.
struct Moments
{
    Instant accepted;
    std::optional<Worker::StartTimes> start{}; ///< Of the worker, when the attempt waited for its start.
    std::optional<Instant> invoked{};          ///< Event sent; absent when the start failed.
    Instant firstByte{};
    Instant end{};
};

/// Cuts the time from accepted to end into phases, without a gap and without overlap.
[[nodiscard]] Phases phasesOf(const Moments &moments);

/// Puts together what is recorded of a finished attempt, with Lambda's START, END and REPORT lines around its output.
[[nodiscard]] InvocationPtr makeRecord(Attempt &attempt, RevisionPtr revision, const Moments &moments,
                                       Worker::Ending ending, std::uint64_t worker, Start start, Tier tier);

/// The record of an attempt that never started.
[[nodiscard]] InvocationPtr makeThrottled(Attempt &attempt, RevisionPtr revision, Tier tier, Instant now,
                                          const std::string &why);
[[nodiscard]] InvocationPtr makeCancelled(Attempt &attempt, RevisionPtr revision, Tier tier, Instant now,
                                          std::string why);

} // namespace kiln
