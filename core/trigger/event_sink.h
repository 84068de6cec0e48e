// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/event.h"
#include "core/model/invocation.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace kiln {

/// Where triggers put what happened. Dispatch implements it; a trigger knows nothing else of the engine.
///
/// Engine thread only; both answer on it, possibly before they return.
class EventSink
{
public:
    struct Target
    {
        std::string function;
        std::string triggerKind;                 ///< "http", "url", "schedule", "manual".
        std::optional<std::size_t> trigger = {}; ///< Its place among the function's triggers; none for a test event.
    };

    virtual ~EventSink() = default;

    /// Accepts an event for asynchronous handling. `accepted` is told once the event is durable (or why not); from
    /// then on it is never lost: it is handled at least once or becomes a dead letter.
    virtual void emit(Target target, Event event, std::function<void(Result<>)> accepted) = 0;

    /// Handles an event at once for a caller who waits. `done` gets the finished invocation, a Throttled one when there
    /// was no room, or an Error when there is nothing to invoke (no such function, its revision is not ready).
    virtual void request(Target target, Event event, std::function<void(Result<InvocationPtr>)> done) = 0;
};

} // namespace kiln
