// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dispatch/async_delivery.h"

#include "core/dispatch/retry.h"

#include <algorithm>

namespace kiln {

namespace {

constexpr std::chrono::minutes longestSleep{1};
constexpr std::chrono::seconds refusedPause{10};

} // namespace

AsyncDelivery::AsyncDelivery(Loop &loop, EventLog &log, Run run, PolicyOf policyOf)
    : m_loop(loop)
    , m_log(log)
    , m_run(std::move(run))
    , m_policyOf(std::move(policyOf))
{}

AsyncDelivery::~AsyncDelivery() = default;

void AsyncDelivery::accept(QueuedEvent event, std::function<void(Result<>)> accepted)
{
    m_log.accept(event,
                 [this, event, accepted = std::move(accepted), alive = std::weak_ptr<int>(m_alive)](Result<> durable) {
                     accepted(durable);
                     if (durable && !alive.expired())
                         resume({.queued = event, .attempts = 0, .nextAttempt = {}, .cause = {}});
                 });
}

void AsyncDelivery::resume(PendingEvent event)
{
    if (!m_underWay.insert(event.queued.key()).second)
        return;
    const Key key = ++m_lastKey;
    m_events.emplace(key, std::move(event));
    schedule(key);
}

void AsyncDelivery::schedule(Key key)
{
    const WallTime now = m_loop.clock().wall();
    const WallTime when = m_events.at(key).nextAttempt.value_or(now);
    if (when <= now) {
        begin(key);
        return;
    }
    // In short sleeps: the wall clock may be set, and goes on while the machine is suspended and timers stand.
    const auto sleep = std::min<WallTime::duration>(when - now, longestSleep);
    m_loop.timers().after(sleep, [this, key, alive = std::weak_ptr<int>(m_alive)] {
        if (!alive.expired())
            schedule(key);
    });
}

void AsyncDelivery::begin(Key key)
{
    PendingEvent &event = m_events.at(key);
    const std::optional<RetryPolicy> policy = m_policyOf(event.queued.function);
    if (!policy) {
        giveUp(key, std::nullopt, "the function \"" + event.queued.function + "\" is gone");
        return;
    }
    if (m_loop.clock().wall() - event.queued.accepted > policy->maxAge) {
        giveUp(key, std::nullopt, "the event became older than max_age before it could be handled");
        return;
    }
    ++event.attempts;
    m_log.beginAttempt(event.queued.key(), event.attempts,
                       [this, key, alive = std::weak_ptr<int>(m_alive)](Result<> durable) {
                           if (alive.expired())
                               return;
                           if (!durable) {
                               postpone(key, durable.error());
                               return;
                           }
                           const PendingEvent &begun = m_events.at(key);
                           m_run(begun.queued, begun.attempts, [this, key, alive](Result<InvocationPtr> result) {
                               if (!alive.expired())
                                   onDone(key, std::move(result));
                           });
                       });
}

/// An attempt that could not be written down did not begin, and does not count: a full disk makes no dead letters.
void AsyncDelivery::postpone(Key key, const Error &why)
{
    PendingEvent &event = m_events.at(key);
    --event.attempts;
    event.cause = why.text();
    event.nextAttempt = m_loop.clock().wall() + refusedPause;
    schedule(key);
}

void AsyncDelivery::onDone(Key key, Result<InvocationPtr> result)
{
    PendingEvent &event = m_events.at(key);
    if (result && (*result)->outcome == Outcome::Ok) {
        m_log.finished(event.queued.key());
        forget(key);
        return;
    }
    std::optional<Outcome> last;
    if (result)
        last = (*result)->outcome;
    event.cause = result ? (*result)->error.type + ": " + (*result)->error.message : result.error().text();
    const RetryPolicy policy = m_policyOf(event.queued.function).value_or(RetryPolicy{.retries = 0});
    const AfterFailure next = afterFailure(policy, event.attempts, event.queued.accepted, m_loop.clock().wall());
    if (const auto *retry = std::get_if<RetryAt>(&next)) {
        event.nextAttempt = retry->when;
        m_log.failed(event.queued.key(), event.attempts, retry->when, event.cause);
        schedule(key);
        return;
    }
    giveUp(key, last, event.cause);
}

void AsyncDelivery::giveUp(Key key, std::optional<Outcome> last, std::string cause)
{
    m_log.deadLetter(m_events.at(key).queued.key(), last, std::move(cause));
    forget(key);
}

void AsyncDelivery::forget(Key key)
{
    m_underWay.erase(m_events.at(key).queued.key());
    m_events.erase(key);
}

} // namespace kiln
