// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/worker_pool.h"

#include "core/pool/scale_text.h"

#include <algorithm>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// What is learned of a function may shorten how long its workers wait: looked at this often while one does.
constexpr auto relearnEvery = 10s;

} // namespace

WorkerPool::WorkerPool(Loop &loop, RevisionPtr revision, Scaler &scaler, MakeWorker make, Events events)
    : m_loop(loop)
    , m_revision(std::move(revision))
    , m_make(std::move(make))
    , m_events(std::move(events))
    , m_scaler(scaler)
{}

WorkerPool::~WorkerPool() { m_loop.timers().cancel(m_expiry); }

Worker *WorkerPool::acquire(Freshness freshness)
{
    if (m_draining)
        return nullptr;
    const auto chosen = freshness == Freshness::New
                            ? chooseNew(m_idle)
                            : chooseIdle(m_scaler.policy().concurrency.balance, m_idle, m_lastLent);
    if (!chosen)
        return nullptr;
    Worker *worker = m_idle[*chosen].worker;
    m_idle.erase(m_idle.begin() + std::ptrdiff_t(*chosen));
    m_lastLent = worker->id();
    ++m_busy;
    m_events.changed();
    return worker;
}

void WorkerPool::release(Worker &worker, std::optional<Reason> retire)
{
    --m_busy;
    if (!retire && m_draining)
        retire = m_draining;
    if (retire) {
        tellStop(worker.id(), *retire);
        worker.stop();
    } else {
        becomeIdle(worker);
    }
    m_events.changed();
}

void WorkerPool::startWorker(Origin origin, Reason why)
{
    // The events need the worker, and the worker its events: the pointer is filled in once both are there.
    auto self = std::make_shared<Worker *>(nullptr);
    std::unique_ptr<Worker> worker =
        m_make(origin, {.ready = [this, self] { onReady(**self); },
                        .failedToStart = [this, self](Worker::Ending ending) { onFailed(**self, std::move(ending)); },
                        .lost =
                            [this, self] {
                                forgetIdle(**self);
                                tellStop((*self)->id(), {ScaleCause::Failed, "it ended by itself while idle"});
                            },
                        .gone = [this, self] { onGone(**self); }});
    *self = worker.get();
    const WorkerId id = worker->id();
    m_workers.push_back({std::move(worker), why.text});
    ++m_starting;
    m_scaler.started(m_loop.clock().now());
    m_events.scaled(id, ScaleEvent::What::Started, why);
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
    m_scaler.ready(*worker.startTimes().ready - worker.startTimes().asked);
    becomeIdle(worker);
    m_events.changed();
    m_events.ready(worker);
}

void WorkerPool::onFailed(Worker &worker, Worker::Ending ending)
{
    --m_starting;
    tellStop(worker.id(), {ScaleCause::Failed, failureText("did not start", ending.error)});
    m_events.changed();
    if (m_draining)
        return;
    m_scaler.failed(m_loop.clock().now());
    m_events.failedToStart(worker, std::move(ending));
}

void WorkerPool::onGone(Worker &worker)
{
    forgetIdle(worker);
    std::erase_if(m_workers, [&](const Owned &owned) { return owned.worker.get() == &worker; });
    m_events.changed();
    m_events.left();
    if (m_draining && m_workers.empty())
        m_events.emptied(); // may destroy this pool
}

void WorkerPool::becomeIdle(Worker &worker)
{
    m_idle.push_back({&worker, worker.id(), worker.served(), m_loop.clock().now()});
    armExpiry();
}

void WorkerPool::forgetIdle(const Worker &worker)
{
    std::erase_if(m_idle, [&](const IdleWorker &idle) { return idle.worker == &worker; });
}

WorkerPool::Owned *WorkerPool::find(WorkerId id)
{
    const auto found =
        std::find_if(m_workers.begin(), m_workers.end(), [&](const Owned &owned) { return owned.worker->id() == id; });
    return found == m_workers.end() ? nullptr : &*found;
}

Worker *WorkerPool::worker(WorkerId id)
{
    Owned *owned = find(id);
    return owned ? owned->worker.get() : nullptr;
}

void WorkerPool::tellStop(WorkerId id, const Reason &why)
{
    Owned *owned = find(id);
    if (owned && !std::exchange(owned->told, true))
        m_events.scaled(id, ScaleEvent::What::Stopped, why);
}

void WorkerPool::stopIdle(std::size_t index, const Reason &why)
{
    Worker *worker = m_idle[index].worker;
    m_idle.erase(m_idle.begin() + std::ptrdiff_t(index));
    tellStop(worker->id(), why);
    worker->stop();
    m_events.changed();
}

bool WorkerPool::retireOldestIdle(const Reason &why)
{
    if (m_idle.empty())
        return false;
    stopIdle(0, why);
    return true;
}

void WorkerPool::retireAllIdle(const Reason &why)
{
    while (retireOldestIdle(why)) {
    }
}

bool WorkerPool::stop(WorkerId id, const Reason &why)
{
    Owned *owned = find(id);
    if (!owned)
        return false;
    Worker &worker = *owned->worker;
    forgetIdle(worker);
    tellStop(id, why);
    worker.stop();
    m_events.changed();
    return true;
}

void WorkerPool::drain(const Reason &why)
{
    m_draining = why;
    retireAllIdle(why);
    // Starts are not waited for: whoever needs a worker now needs one of the new revision.
    for (const Owned &owned : m_workers) {
        if (owned.worker->state() == WorkerState::Starting) {
            tellStop(owned.worker->id(), why);
            owned.worker->stop();
        }
    }
}

void WorkerPool::armExpiry()
{
    if (m_expiry != 0 || m_idle.empty())
        return;
    Instant due = m_idle.front().since + m_scaler.keepAlive();
    if (m_scaler.policy().keepWarm.policy == KeepWarm::Policy::Adaptive)
        due = std::min(due, m_loop.clock().now() + relearnEvery);
    m_expiry = m_loop.timers().at(due, [this] {
        m_expiry = 0;
        retireExpired();
    });
}

void WorkerPool::retireExpired()
{
    const auto keep = m_scaler.keepAlive();
    const Instant limit = m_loop.clock().now() - keep;
    const Reason why{ScaleCause::Idle, "idle for " + spanText(keep)};
    const int spared = m_scaler.spared(m_events.provision());
    while (!m_idle.empty() && m_idle.front().since <= limit && alive() > spared)
        retireOldestIdle(why);
    if (!m_idle.empty() && m_idle.front().since <= limit) {
        // Spared: they are looked at again when one beyond them may have waited long enough.
        m_expiry = m_loop.timers().after(std::max<std::chrono::nanoseconds>(keep, 1s), [this] {
            m_expiry = 0;
            retireExpired();
        });
        return;
    }
    armExpiry();
}

void WorkerPool::eachView(Worker::Memory memory, const std::function<void(WorkerView)> &take)
{
    for (const Owned &owned : m_workers) {
        WorkerView view = owned.worker->view(memory);
        view.why = owned.why;
        take(std::move(view));
    }
}

} // namespace kiln
