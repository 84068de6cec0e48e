// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dispatch/function_queue.h"

#include <algorithm>

namespace kiln {

FunctionQueue::FunctionQueue(Loop &loop, std::string name, const Ports &ports)
    : m_loop(loop)
    , m_name(std::move(name))
    , m_ports(ports)
{}

FunctionQueue::~FunctionQueue() = default;

void FunctionQueue::setRevision(RevisionPtr revision)
{
    m_unavailable.reset();
    if (m_revision && m_revision->hash == revision->hash)
        return;
    m_revision = std::move(revision);
    if (m_pool)
        retire(std::move(m_pool));
    m_pool = std::make_unique<WorkerPool>(
        m_loop, m_revision,
        [this, made = m_revision](WorkerPool::Origin origin, Worker::Events events) {
            return m_ports.makeWorker(made, origin, std::move(events));
        },
        WorkerPool::Events{
            .ready = [this](Worker &) { pump(); },
            .failedToStart = [this](const Worker &worker,
                                    Worker::Ending ending) { onFailedToStart(worker, std::move(ending)); },
            .emptied = m_ports.poolEmptied,
            .changed = m_ports.changed});
    pump();
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

void FunctionQueue::retire(std::unique_ptr<WorkerPool> pool)
{
    pool->drain();
    if (!pool->empty())
        m_draining.push_back(std::move(pool));
}

bool FunctionQueue::hasRoomFor(Admission admission) const
{
    if (admission == Admission::Unbounded || !m_pool)
        return admission == Admission::Unbounded || m_waitingBounded < Concurrency{}.queue;
    const Concurrency &limit = m_revision->settings.concurrency;
    const int soonServed = m_pool->idle() + m_pool->starting() + std::max(0, limit.max - m_pool->alive());
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
        const auto throttled = makeThrottled(attempt, m_revision, m_ports.tier(), m_loop.clock().now());
        finish(attempt, throttled);
        return;
    }
    if (admission == Admission::Bounded)
        ++m_waitingBounded;
    if (attempt.freshness == WorkerPool::Freshness::New)
        ++m_waitingNew;
    m_waiting.push_back({std::move(attempt), admission});
    pump();
}

void FunctionQueue::pump()
{
    if (!m_pool || !m_ports.mayRun())
        return;
    lend();
    startMore();
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

void FunctionQueue::startMore()
{
    const int limit = m_revision->settings.concurrency.max;
    while (m_pool->starting() < queued()) {
        // All workers of the limit are there and one is idle, yet somebody waits: for a new one.
        if (m_pool->alive() >= limit && !m_pool->retireOldestIdle())
            return;
        if (!m_ports.mayStart())
            return;
        // Who asks for a new worker wants to see all of its start.
        m_pool->startWorker(m_waitingNew > 0 ? WorkerPool::Origin::NewProcess : WorkerPool::Origin::AnyProcess);
    }
}

void FunctionQueue::assign(Worker &worker, Attempt attempt)
{
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
    const auto invocation =
        makeRecord(attempt, revision, moments, std::move(ending), worker.id(), start, m_ports.tier());
    const bool reusable = worker.state() == WorkerState::Idle && revision->settings.reuse == Reuse::Always;
    pool.release(worker, reusable ? WorkerPool::Condition::Reusable : WorkerPool::Condition::Broken);
    finish(attempt, invocation);
    pump();
}

void FunctionQueue::onFailedToStart(const Worker &worker, Worker::Ending ending)
{
    // The oldest who waits gets the failure; the others each get a start of their own.
    if (m_waiting.empty())
        return;
    Attempt attempt = take(m_waiting.begin());
    Moments moments{.accepted = attempt.accepted, .start = worker.startTimes(), .end = ending.end};
    const auto invocation = makeRecord(attempt, worker.revision(), moments, std::move(ending), worker.id(),
                                       worker.startKind(), m_ports.tier());
    finish(attempt, invocation);
    pump();
}

void FunctionQueue::finish(Attempt &attempt, InvocationPtr invocation)
{
    m_ports.finished(invocation);
    if (attempt.done)
        attempt.done(std::move(invocation));
}

void FunctionQueue::stop(const Error &why)
{
    m_waitingBounded = 0;
    m_waitingNew = 0;
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
        retire(std::move(m_pool));
        for (const WorkerId id : all)
            stopWorker(id);
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
    if (m_pool)
        m_pool->retireAllIdle();
}

bool FunctionQueue::stopWorker(WorkerId id)
{
    if (m_pool && m_pool->stop(id))
        return true;
    return std::any_of(m_draining.begin(), m_draining.end(), [&](const auto &pool) { return pool->stop(id); });
}

void FunctionQueue::eachView(Worker::Memory memory, const std::function<void(WorkerView)> &take)
{
    if (m_pool)
        m_pool->eachView(memory, take);
    for (const auto &pool : m_draining)
        pool->eachView(memory, take);
}

} // namespace kiln
