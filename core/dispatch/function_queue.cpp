// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dispatch/function_queue.h"

#include "core/pool/scale_text.h"

#include <algorithm>

namespace kiln {

namespace {

/// Why the worker of this invocation cannot serve another; it has ended, or is about to.
WorkerPool::Reason endingReason(const Invocation &invocation)
{
    switch (invocation.outcome) {
    case Outcome::TimedOut: return {ScaleCause::Failed, "timed out"};
    case Outcome::OutOfMemory: return {ScaleCause::Failed, "out of memory"};
    case Outcome::Crashed: return {ScaleCause::Failed, failureText("crashed", invocation.error)};
    case Outcome::Blocked: return {ScaleCause::Failed, failureText("blocked", invocation.error)};
    case Outcome::Cancelled: return {ScaleCause::ByHand, "stopped by hand"};
    default: return {ScaleCause::Failed, "its process ended after it had answered"};
    }
}

} // namespace

FunctionQueue::FunctionQueue(Loop &loop, std::string name, const Ports &ports)
    : m_loop(loop)
    , m_name(std::move(name))
    , m_ports(ports)
{}

FunctionQueue::~FunctionQueue()
{
    planAgainAt(std::nullopt);
    m_loop.timers().cancel(m_age);
}

void FunctionQueue::setRevision(RevisionPtr revision)
{
    m_unavailable.reset();
    if (m_revision && m_revision->hash == revision->hash)
        return;
    m_revision = std::move(revision);
    if (m_pool)
        retire(std::move(m_pool), {ScaleCause::NewRevision, "new revision " + m_revision->hash.substr(0, 8)});
    m_scaler.setPolicy({m_revision->settings.concurrency, m_revision->settings.keepWarm});
    m_pool = std::make_unique<WorkerPool>(
        m_loop, m_revision, m_scaler,
        [this, made = m_revision](WorkerPool::Origin origin, Worker::Events events) {
            return m_ports.makeWorker(made, origin, std::move(events));
        },
        WorkerPool::Events{
            .ready = [this](Worker &) { pump(); },
            .failedToStart = [this](const Worker &worker,
                                    Worker::Ending ending) { onFailedToStart(worker, std::move(ending)); },
            .emptied = m_ports.poolEmptied,
            .changed = [this] { onChanged(); },
            .left =
                [this] {
                    pump();
                    m_ports.roomMade();
                },
            .scaled = [this](WorkerId worker, ScaleEvent::What what,
                             const WorkerPool::Reason &why) { onScaled(worker, what, why); },
            .provision = m_ports.provision});
    m_loop.timers().cancel(std::exchange(m_age, 0));
    armAge();
    pump();
    m_ports.roomMade();
}

void FunctionQueue::setUnavailable(Error why)
{
    if (m_revision)
        return; // the last good one goes on serving
    m_unavailable = std::move(why);
    for (Waiting &waiting : std::exchange(m_waiting, {})) {
        if (waiting.admission == Admission::Unbounded)
            m_waiting.push_back(std::move(waiting));
        else
            waiting.attempt.done(tl::make_unexpected(*m_unavailable));
    }
    m_waitingBounded = 0;
    m_loop.timers().cancel(std::exchange(m_age, 0));
    m_waitingNew = 0; // durable events take any worker
}

Attempt FunctionQueue::take(std::deque<Waiting>::iterator waiting)
{
    Attempt attempt = std::move(waiting->attempt);
    if (waiting->admission == Admission::Bounded)
        --m_waitingBounded;
    if (attempt.freshness == WorkerPool::Freshness::New)
        --m_waitingNew;
    m_waiting.erase(waiting);
    return attempt;
}

void FunctionQueue::sweep()
{
    std::erase_if(m_draining, [](const auto &pool) { return pool->empty(); });
}

void FunctionQueue::retire(std::unique_ptr<WorkerPool> pool, const WorkerPool::Reason &why)
{
    pool->drain(why);
    if (!pool->empty())
        m_draining.push_back(std::move(pool));
}

bool FunctionQueue::hasRoomFor(Admission admission) const
{
    if (admission == Admission::Unbounded || !m_pool)
        return admission == Admission::Unbounded || m_waitingBounded < Concurrency{}.queue;
    const Concurrency &limit = m_revision->settings.concurrency;
    const int soonThere = m_pool->starting() + std::max(0, limit.max - m_pool->counted());
    const int soonServed = m_pool->room() + soonThere * limit.perWorker;
    return m_waitingBounded < limit.queue + soonServed;
}

void FunctionQueue::submit(Attempt attempt, Admission admission)
{
    if (m_unavailable && admission == Admission::Bounded) {
        attempt.done(tl::make_unexpected(*m_unavailable));
        return;
    }
    if (!hasRoomFor(admission)) {
        // A record names the revision: before there is one, the caller is answered that nothing can run yet.
        if (!m_revision) {
            attempt.done(fail(Error::Code::Busy, "The function is being prepared, and as many wait for it as may",
                              m_name, "try again in a moment"));
            return;
        }
        const auto throttled =
            makeThrottled(attempt, m_revision, m_ports.tier(), m_loop.clock().now(),
                          "all workers are busy and the queue is full (concurrency.max, concurrency.queue)");
        finish(attempt, throttled);
        return;
    }
    m_scaler.arrived(m_loop.clock().now());
    if (admission == Admission::Bounded)
        ++m_waitingBounded;
    if (attempt.freshness == WorkerPool::Freshness::New)
        ++m_waitingNew;
    m_waiting.push_back({std::move(attempt), admission});
    pump();
    if (m_waitingBounded > 0)
        armAge();
}

void FunctionQueue::pump()
{
    if (!m_pool || !m_ports.mayRun())
        return;
    lend();
    scale();
}

void FunctionQueue::lend()
{
    // In order of arrival, but those who want a new worker do not hold up those who take any.
    bool anyLeft = true;
    bool newLeft = m_waitingNew > 0;
    for (std::size_t at = 0; at < m_waiting.size() && (anyLeft || newLeft);) {
        const WorkerPool::Freshness wanted = m_waiting[at].attempt.freshness;
        bool &left = wanted == WorkerPool::Freshness::Any ? anyLeft : newLeft;
        if (Worker *worker = left ? m_pool->acquire(wanted) : nullptr) {
            assign(*worker, take(m_waiting.begin() + std::ptrdiff_t(at)));
        } else {
            left = false;
            ++at;
        }
    }
}

Scaler::Load FunctionQueue::load() const
{
    return {.waiting = queued(),
            .waitingNew = m_waitingNew,
            .running = m_pool->running(),
            .idle = m_pool->idle(),
            .busy = m_pool->busy() - m_pool->leaving(),
            .starting = m_pool->starting()};
}

void FunctionQueue::scale()
{
    const Instant now = m_loop.clock().now();
    const Scaler::Plan plan = m_scaler.plan(now, load(), m_ports.provision());
    for (int stopped = 0; stopped < plan.stop; ++stopped)
        m_pool->retireOldestIdle({ScaleCause::Target, whyStarted(plan, load(), m_scaler.policy())});
    startMore(plan);
    planAgainAt(plan.again);
}

void FunctionQueue::startMore(const Scaler::Plan &plan)
{
    const int limit = m_scaler.policy().concurrency.max;
    for (int started = 0; started < plan.start; ++started) {
        // All workers of the limit are there and one is idle, yet somebody waits: for a new one.
        if (m_pool->counted() >= limit &&
            (queued() == 0 || !m_pool->retireOldestIdle({ScaleCause::MadeWay, "made way for a new one of its own"})))
            return;
        if (!m_ports.mayStart(m_name))
            return;
        // Who asks for a new worker wants to see all of its start.
        m_pool->startWorker(m_waitingNew > 0 ? WorkerPool::Origin::NewProcess : WorkerPool::Origin::AnyProcess,
                            {plan.cause, whyStarted(plan, load(), m_scaler.policy())});
    }
}

void FunctionQueue::planAgainAt(std::optional<Instant> when)
{
    if (m_planAgain && when == m_planAgain->when)
        return;
    if (m_planAgain)
        m_loop.timers().cancel(m_planAgain->timer);
    m_planAgain.reset();
    if (!when)
        return;
    m_planAgain = {*when, m_loop.timers().at(*when, [this] {
                       m_planAgain.reset();
                       pump();
                   })};
}

void FunctionQueue::onScaled(WorkerId worker, ScaleEvent::What what, const WorkerPool::Reason &why)
{
    m_ports.scaled(m_name, {.time = m_loop.clock().wall(),
                            .worker = worker,
                            .what = what,
                            .cause = why.cause,
                            .why = why.text,
                            .running = alive(),
                            .limit = m_scaler.policy().concurrency.max});
}

void FunctionQueue::onChanged()
{
    m_fullest = fuller(m_fullest, counts());
    m_ports.changed();
}

WorkerCounts FunctionQueue::counts() const
{
    return {.busy = busy(), .idle = idle(), .starting = starting(), .limit = m_scaler.policy().concurrency.max};
}

WorkerCounts FunctionQueue::takeCounts() { return std::exchange(m_fullest, counts()); }

void FunctionQueue::armAge()
{
    const auto &age = m_scaler.policy().concurrency.queueAge;
    if (m_age != 0 || !age || m_waitingBounded == 0)
        return;
    const auto first = std::find_if(m_waiting.begin(), m_waiting.end(),
                                    [](const Waiting &waiting) { return waiting.admission == Admission::Bounded; });
    m_age = m_loop.timers().at(first->attempt.accepted + *age, [this] {
        m_age = 0;
        throttleAged();
    });
}

void FunctionQueue::throttleAged()
{
    const auto age = m_scaler.policy().concurrency.queueAge;
    if (!age || !m_revision)
        return;
    const Instant now = m_loop.clock().now();
    // Told once they are out of the queue: whoever is answered may ask again at once.
    std::vector<Attempt> aged;
    for (auto waiting = m_waiting.begin(); waiting != m_waiting.end();) {
        if (waiting->admission == Admission::Bounded && waiting->attempt.accepted + *age <= now) {
            const auto index = waiting - m_waiting.begin();
            aged.push_back(take(waiting));
            waiting = m_waiting.begin() + index;
        } else {
            ++waiting;
        }
    }
    armAge();
    for (Attempt &attempt : aged)
        finish(attempt, makeThrottled(attempt, m_revision, m_ports.tier(), now,
                                      "no worker was free within " + spanText(*age) + " (concurrency.queue_age)"));
    m_ports.changed();
}

void FunctionQueue::assign(Worker &worker, Attempt attempt)
{
    worker.wake(); // It is the caller who waits for it: the time counts as his.
    Moments moments{.accepted = attempt.accepted, .invoked = m_loop.clock().now()};
    const bool waitedForStart = worker.served() == 0 && worker.startTimes().ready > attempt.accepted;
    if (waitedForStart)
        moments.start = worker.startTimes();
    const Start start = waitedForStart ? worker.startKind() : Start::Warm;

    Worker::Call call{.id = attempt.id,
                      .event = attempt.event.data,
                      .deadline = m_loop.clock().wall() + worker.revision()->settings.limits.timeout,
                      .context = {}};
    WorkerPool *pool = m_pool.get();
    worker.invoke(std::move(call), [this, pool, &worker, moments, start,
                                    shared = std::make_shared<Attempt>(std::move(attempt))](Worker::Ending ending) {
        onAnswered(*pool, worker, *shared, moments, start, std::move(ending));
    });
    m_ports.changed();
}

void FunctionQueue::onAnswered(WorkerPool &pool, Worker &worker, Attempt &attempt, Moments moments, Start start,
                               Worker::Ending ending)
{
    moments.firstByte = ending.firstByte;
    moments.end = ending.end;
    const RevisionPtr revision = worker.revision();
    std::vector<Access> accesses = std::move(ending.accesses);
    const auto invocation =
        makeRecord(attempt, revision, moments, std::move(ending), worker.id(), start, m_ports.tier());
    m_scaler.answered(invocation->usage.maxMemory);
    std::optional<WorkerPool::Reason> retire;
    if (!worker.takesCalls())
        retire = endingReason(*invocation);
    else if (revision->settings.reuse == Reuse::Never)
        retire = {ScaleCause::SingleUse, "served one invocation (reuse: never)"};
    pool.release(worker, std::move(retire));
    finish(attempt, invocation, std::move(accesses));
    pump();
    if (m_waiting.empty())
        m_ports.roomMade();
}

void FunctionQueue::onFailedToStart(const Worker &worker, Worker::Ending ending)
{
    // The oldest who waits gets the failure; the others each get a start of their own.
    if (m_waiting.empty())
        return;
    Attempt attempt = take(m_waiting.begin());
    Moments moments{.accepted = attempt.accepted, .start = worker.startTimes(), .end = ending.end};
    std::vector<Access> accesses = std::move(ending.accesses);
    const auto invocation = makeRecord(attempt, worker.revision(), moments, std::move(ending), worker.id(),
                                       worker.startKind(), m_ports.tier());
    finish(attempt, invocation, std::move(accesses));
    pump();
}

void FunctionQueue::finish(Attempt &attempt, InvocationPtr invocation)
{
    m_ports.finished(invocation);
    if (attempt.done)
        attempt.done(std::move(invocation));
}

void FunctionQueue::finish(Attempt &attempt, InvocationPtr invocation, std::vector<Access> accesses)
{
    if (accesses.empty() || !m_ports.explain) {
        finish(attempt, std::move(invocation));
        return;
    }
    ++m_explaining;
    auto shared = std::make_shared<Attempt>(std::move(attempt));
    const RevisionPtr revision = invocation->revision;
    m_ports.explain(revision, std::move(accesses),
                    [this, alive = std::weak_ptr(m_alive), shared,
                     invocation = std::move(invocation)](Explanation explanation) mutable {
                        if (alive.expired())
                            return;
                        if (!explanation.denied.empty() || !explanation.used.empty()) {
                            auto told = std::make_shared<Invocation>(*invocation);
                            told->denied = std::move(explanation.denied);
                            told->used = std::move(explanation.used);
                            invocation = std::move(told);
                        }
                        if (--m_explaining == 0)
                            m_ports.poolEmptied();
                        finish(*shared, std::move(invocation));
                    });
}

void FunctionQueue::stop(const Error &why)
{
    m_waitingBounded = 0;
    m_waitingNew = 0;
    planAgainAt(std::nullopt);
    m_loop.timers().cancel(std::exchange(m_age, 0));
    for (Waiting &waiting : std::exchange(m_waiting, {})) {
        if (m_revision && waiting.admission == Admission::Bounded)
            finish(waiting.attempt,
                   makeCancelled(waiting.attempt, m_revision, m_ports.tier(), m_loop.clock().now(), why.message));
        else
            waiting.attempt.done(tl::make_unexpected(why));
    }
    if (m_pool) {
        std::vector<WorkerId> all;
        const auto collect = [&](const WorkerView &view) { all.push_back(view.id); };
        m_pool->eachView(Worker::Memory::AsKnown, collect);
        for (const auto &pool : m_draining)
            pool->eachView(Worker::Memory::AsKnown, collect);
        const WorkerPool::Reason reason{ScaleCause::Ended, why.message};
        retire(std::move(m_pool), reason);
        for (const WorkerId id : all)
            stopWorker(id, reason);
    }
}

int FunctionQueue::busy() const
{
    int busy = m_pool ? m_pool->busy() : 0;
    for (const auto &pool : m_draining)
        busy += pool->busy();
    return busy;
}

int FunctionQueue::alive() const
{
    int alive = m_pool ? m_pool->alive() : 0;
    for (const auto &pool : m_draining)
        alive += pool->alive();
    return alive;
}

void FunctionQueue::retireIdle()
{
    if (!m_pool)
        return;
    m_pool->retireAllIdle({ScaleCause::ByHand, "stopped by hand, so that the next start is cold"});
    pump(); // what is provisioned comes back
}

WorkerShare FunctionQueue::share() const
{
    WorkerShare share{.alive = alive(), .idle = idle()};
    share.min = m_scaler.spared(m_ports.provision());
    if (share.idle > 0)
        share.idleSince = m_pool->idleSince();
    return share;
}

std::optional<Instant> FunctionQueue::waitingSince() const
{
    return m_waiting.empty() ? std::nullopt : std::optional(m_waiting.front().attempt.accepted);
}

bool FunctionQueue::stopWorker(WorkerId id, const WorkerPool::Reason &why)
{
    if (m_pool && m_pool->stop(id, why))
        return true;
    return std::any_of(m_draining.begin(), m_draining.end(), [&](const auto &pool) { return pool->stop(id, why); });
}

Worker *FunctionQueue::worker(WorkerId id)
{
    Worker *found = m_pool ? m_pool->worker(id) : nullptr;
    for (const auto &pool : m_draining)
        if (!found)
            found = pool->worker(id);
    return found;
}

void FunctionQueue::eachView(Worker::Memory memory, const std::function<void(WorkerView)> &take)
{
    if (m_pool)
        m_pool->eachView(memory, take);
    for (const auto &pool : m_draining)
        pool->eachView(memory, take);
}

} // namespace kiln
