// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/durable_events.h"

namespace kiln {

EventStore::Done DurableEvents::onEngineThread(Done done)
{
    return [this, done = std::move(done)](const Result<> &result) { m_loop.post([done, result] { done(result); }); };
}

void DurableEvents::refuse(Done done)
{
    m_loop.post([done = std::move(done), why = m_refusal] { done(tl::make_unexpected(why)); });
}

void DurableEvents::accept(const QueuedEvent &event, Done done)
{
    m_store ? m_store->accept(event, onEngineThread(std::move(done))) : refuse(std::move(done));
}

void DurableEvents::beginAttempt(const EventKey &event, int attempt, Done done)
{
    m_store ? m_store->attemptBegun(event, attempt, onEngineThread(std::move(done))) : refuse(std::move(done));
}

void DurableEvents::finished(const EventKey &event)
{
    if (m_store)
        m_store->finished(event);
}

void DurableEvents::failed(const EventKey &event, int attempt, WallTime nextAttempt, std::string cause)
{
    if (m_store)
        m_store->attemptFailed(event, attempt, nextAttempt, std::move(cause));
}

void DurableEvents::deadLetter(const EventKey &event, std::optional<Outcome> last, std::string cause)
{
    if (m_store)
        m_store->bury(event, std::move(cause), last);
}

} // namespace kiln
