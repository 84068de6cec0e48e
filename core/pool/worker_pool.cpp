// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/worker_pool.h"

#include <algorithm>

namespace kiln {

WorkerPool::WorkerPool(Loop &loop, RevisionPtr revision, MakeWorker make, Events events)
    : m_loop(loop)
    , m_revision(std::move(revision))
    , m_make(std::move(make))
    , m_events(std::move(events))
{}

WorkerPool::~WorkerPool() { m_loop.timers().cancel(m_expiry); }

Worker *WorkerPool::acquire(Freshness freshness)
{
    if (m_draining)
        return nullptr;
    for (auto idle = m_idle.rbegin(); idle != m_idle.rend(); ++idle) {
        Worker *worker = idle->worker;
        if (worker->state() != WorkerState::Idle || (freshness == Freshness::New && worker->served() > 0))
            continue;
        m_idle.erase(std::next(idle).base());
        ++m_busy;
        m_events.changed();
        return worker;
    }
    return nullptr;
}

void WorkerPool::release(Worker &worker, Condition condition)
{
    --m_busy;
    if (condition == Condition::Broken || m_draining)
        worker.stop();
    else
        becomeIdle(worker);
    m_events.changed();
}

void WorkerPool::startWorker(Origin origin)
{
    // The events need the worker, and the worker its events: the pointer is filled in once both are there.
    auto self = std::make_shared<Worker *>(nullptr);
    std::unique_ptr<Worker> worker =
        m_make(origin, {.ready = [this, self] { onReady(**self); },
                        .failedToStart = [this, self](Worker::Ending ending) { onFailed(**self, std::move(ending)); },
                        .lost = [this, self] { forgetIdle(**self); },
                        .gone = [this, self] { onGone(**self); }});
    *self = worker.get();
    m_workers.push_back(std::move(worker));
    ++m_starting;
    (*self)->start();
    m_events.changed();
}

void WorkerPool::onReady(Worker &worker)
{
    --m_starting;
    if (m_draining) {
        worker.stop();
        return;
    }
    becomeIdle(worker);
    m_events.changed();
    m_events.ready(worker);
}

void WorkerPool::onFailed(Worker &worker, Worker::Ending ending)
{
    --m_starting;
    m_events.changed();
    if (!m_draining)
        m_events.failedToStart(worker, std::move(ending));
}

void WorkerPool::onGone(Worker &worker)
{
    forgetIdle(worker);
    std::erase_if(m_workers, [&](const auto &owned) { return owned.get() == &worker; });
    m_events.changed();
    if (m_draining && m_workers.empty())
        m_events.emptied(); // may destroy this pool
}

void WorkerPool::becomeIdle(Worker &worker)
{
    m_idle.push_back({&worker, m_loop.clock().now()});
    armExpiry();
}

void WorkerPool::forgetIdle(const Worker &worker)
{
    std::erase_if(m_idle, [&](const Idle &idle) { return idle.worker == &worker; });
}

bool WorkerPool::retireOldestIdle()
{
    if (m_idle.empty())
        return false;
    Worker *worker = m_idle.front().worker;
    m_idle.erase(m_idle.begin());
    worker->stop();
    m_events.changed();
    return true;
}

void WorkerPool::retireAllIdle()
{
    while (retireOldestIdle()) {
    }
}

bool WorkerPool::stop(WorkerId id)
{
    const auto found = std::find_if(m_workers.begin(), m_workers.end(), [&](const auto &w) { return w->id() == id; });
    if (found == m_workers.end())
        return false;
    forgetIdle(**found);
    (*found)->stop();
    m_events.changed();
    return true;
}

void WorkerPool::drain()
{
    m_draining = true;
    retireAllIdle();
    // Starts are not waited for: whoever needs a worker now needs one of the new revision.
    for (const auto &worker : m_workers) {
        if (worker->state() == WorkerState::Starting)
            worker->stop();
    }
}

void WorkerPool::armExpiry()
{
    if (m_expiry != 0 || m_idle.empty())
        return;
    m_expiry = m_loop.timers().at(m_idle.front().since + m_revision->settings.keepWarm, [this] {
        m_expiry = 0;
        retireExpired();
    });
}

void WorkerPool::retireExpired()
{
    const Instant limit = m_loop.clock().now() - m_revision->settings.keepWarm;
    while (!m_idle.empty() && m_idle.front().since <= limit)
        retireOldestIdle();
    armExpiry();
}

void WorkerPool::eachView(Worker::Memory memory, const std::function<void(WorkerView)> &take)
{
    for (const auto &worker : m_workers)
        take(worker->view(memory));
}

} // namespace kiln
