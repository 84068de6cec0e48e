// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/dispatch/event_log.h"
#include "core/model/invocation.h"

#include <functional>
#include <memory>
#include <set>
#include <unordered_map>

namespace kiln {

/// Brings asynchronous events to their function: durable first, then attempts with pauses between them, and at last
/// handled or a dead letter.
///
/// Engine thread only. An event has one live attempt at most.
class AsyncDelivery
{
public:
    /// Runs one attempt; `done` gets its record, or an Error when the function is gone.
    using Run = std::function<void(const QueuedEvent &, int attempt, std::function<void(Result<InvocationPtr>)> done)>;
    /// The settings that decide about retries; nullopt when the function is gone.
    using PolicyOf = std::function<std::optional<RetryPolicy>(const std::string &function)>;

    AsyncDelivery(Loop &loop, EventLog &log, Run run, PolicyOf policyOf);
    ~AsyncDelivery();

    /// `accepted` is told once the event is durable; its delivery begins then.
    void accept(QueuedEvent event, std::function<void(Result<>)> accepted);

    /// Goes on with an event that was accepted in an earlier life of the engine. One that is under way already, because
    /// it was accepted in this life or read twice, is not taken twice.
    void resume(PendingEvent event);

    /// From now on nothing begins and no ending is written down: what is under way stays pending in the log, and is
    /// delivered again after the next start.
    void halt() { m_alive.reset(); }

    /// Events that are not yet handled.
    [[nodiscard]] std::size_t pending() const { return m_events.size(); }

private:
    using Key = std::uint64_t;

    void schedule(Key key);
    void begin(Key key);
    void postpone(Key key, const Error &why);
    void onDone(Key key, Result<InvocationPtr> result);
    void forget(Key key);
    void giveUp(Key key, std::optional<Outcome> last, std::string cause);

    Loop &m_loop;
    EventLog &m_log;
    const Run m_run;
    const PolicyOf m_policyOf;
    Key m_lastKey = 0;
    std::unordered_map<Key, PendingEvent> m_events;
    std::set<EventKey> m_underWay;                           ///< Which those are.
    std::shared_ptr<int> m_alive = std::make_shared<int>(0); ///< Lets a late answer see that this is gone.
};

} // namespace kiln
