// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/event.h"
#include "core/model/outcome.h"

#include <optional>
#include <string>

namespace kiln {

/// Which accepted event: the same event may be meant for several functions.
struct EventKey
{
    std::string function;
    std::string event; ///< Event::id.
    auto operator<=>(const EventKey &) const = default;
};

/// An event for asynchronous handling.
struct QueuedEvent
{
    std::string function;
    std::string triggerKind;
    Event event;
    WallTime accepted;
    [[nodiscard]] EventKey key() const { return {function, event.id}; }
};

/// One that was accepted and has not finished: what dispatch takes up again after a restart.
struct PendingEvent
{
    QueuedEvent queued;
    int attempts = 0; ///< Begun so far. The next one is attempts + 1, also when the last was cut short by a crash.
    std::optional<WallTime> nextAttempt; ///< Unset: as soon as possible.
    std::string cause;                   ///< Why the last attempt failed; empty when none did.
};

/// One that was given up on.
struct DeadLetter
{
    QueuedEvent queued;
    int attempts = 0;
    WallTime died;
    std::string cause;              ///< "3 attempts failed", "older than 6h", "function removed", …
    std::optional<Outcome> outcome; ///< Of the last attempt; unset when there was none.
};

} // namespace kiln
