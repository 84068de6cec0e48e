// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/dispatch/event_log.h"
#include "core/store/event_store.h"

#include <memory>

namespace kiln {

/// Dispatch's EventLog over the event store: brings the writer thread's answers to the engine thread.
class DurableEvents final : public EventLog
{
public:
    explicit DurableEvents(Loop &loop)
        : m_loop(loop)
    {}

    /// Until there is a store (a workspace opened read-only never has one) events are refused with this reason.
    void setStore(std::unique_ptr<EventStore> store) { m_store = std::move(store); }
    void setRefusal(Error why) { m_refusal = std::move(why); }
    [[nodiscard]] EventStore *store() const { return m_store.get(); }

    void accept(const QueuedEvent &event, Done done) override;
    void beginAttempt(const EventKey &event, int attempt, Done done) override;
    void finished(const EventKey &event) override;
    void failed(const EventKey &event, int attempt, WallTime nextAttempt, std::string cause) override;
    void deadLetter(const EventKey &event, std::optional<Outcome> last, std::string cause) override;

private:
    [[nodiscard]] EventStore::Done onEngineThread(Done done);
    void refuse(Done done);

    Loop &m_loop;
    std::unique_ptr<EventStore> m_store;
    Error m_refusal{Error::Code::Busy, "The workspace is still being opened", {}, "try again in a moment", 0};
};

} // namespace kiln
