// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/model/outcome.h"
#include "core/model/queued_event.h"

#include <functional>
#include <optional>
#include <string>

namespace kiln {

/// Where asynchronous events are kept until they are handled: what dispatch needs of the event store.
///
/// Called on the engine thread. Each `done` comes back on the engine thread once the change is durable.
class EventLog
{
public:
    using Done = std::function<void(Result<>)>;

    virtual ~EventLog() = default;
    virtual void accept(const QueuedEvent &event, Done done) = 0;
    /// An attempt is about to begin; not begun before this is durable, so that a duplicate after a crash is told by its
    /// attempt number.
    virtual void beginAttempt(const EventKey &event, int attempt, Done done) = 0;
    virtual void finished(const EventKey &event) = 0;
    virtual void failed(const EventKey &event, int attempt, WallTime nextAttempt, std::string cause) = 0;
    /// `last` is the outcome of the last attempt, if one ended.
    virtual void deadLetter(const EventKey &event, std::optional<Outcome> last, std::string cause) = 0;
};

} // namespace kiln
