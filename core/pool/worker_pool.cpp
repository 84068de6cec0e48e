// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/worker_pool.h"

#include "core/pool/scale_text.h"

#include <algorithm>
#include <utility>

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
    , m_perWorker(m_revision->settings.concurrency.perWorker)
{}

WorkerPool::~WorkerPool() { m_loop.timers().cancel(m_expiry); }

std::optional<std::size_t> WorkerPool::choose(Freshness freshness) const
{
    return freshness == Freshness::New ? chooseNew(m_free)
                                       : chooseFree(m_scaler.policy().concurrency.balance, m_free, m_lastLent);
}

Worker *WorkerPool::acquire(Freshness freshness)
{
    if (m_draining)
        return nullptr;
    for (auto chosen = choose(freshness); chosen; chosen = choose(freshness)) {
        const FreeWorker worker = m_free[*chosen];
        m_free.erase(m_free.begin() + std::ptrdiff_t(*chosen));
        if (worker.running == 0)
            --m_idle;
        else if (!worker.worker->takesCalls())
            continue; // it has begun to end, though not all that it has is answered
        lend(worker);
        m_events.changed();
        return worker.worker;
    }
    return nullptr;
}

void WorkerPool::lend(const FreeWorker &worker)
{
    m_lastLent = worker.id;
    m_busy += worker.running == 0 ? 1 : 0;
    ++m_running;
    if (m_perWorker == 1)
        return;
    Owned *owned = find(worker.id);
    owned->turn = ++m_turn;
    if (++owned->lent < m_perWorker) {
        m_free.push_back(worker);
        m_free.back().running = owned->lent;
        m_free.back().turn = owned->turn;
    }
}

void WorkerPool::release(Worker &worker, std::optional<Reason> retire)
{
    if (!retire && m_draining)
        retire = m_draining;
    const int left = giveBack(worker, retire);
    if (retire)
        tellStop(worker.id(), *retire);
    if (left == 0 && retire)
        worker.stop();
    else if (left == 0)
        becomeIdle(worker);
    m_events.changed();
}

/// How many events the worker still has under way.
int WorkerPool::giveBack(const Worker &worker, const std::optional<Reason> &retire)
{
    if (m_perWorker == 1) {
        --m_running;
        --m_busy;
        return 0;
    }
    Owned &owned = *find(worker.id());
    forgetFree(worker);
    --owned.lent;
    m_running -= owned.leaving ? 0 : 1;
    if (owned.lent == 0) {
        --m_busy;
        m_leaving -= std::exchange(owned.leaving, false) ? 1 : 0;
    } else if (retire && !owned.leaving) {
        owned.leaving = true;
        ++m_leaving;
        m_running -= owned.lent;
    } else if (!retire) {
        const auto later = std::find_if(m_free.begin() + m_idle, m_free.end(),
                                        [&](const FreeWorker &other) { return other.turn > owned.turn; });
        m_free.insert(later, {.worker = owned.worker.get(),
                              .id = worker.id(),
                              .served = worker.served(),
                              .running = owned.lent,
                              .turn = owned.turn});
    }
    return owned.lent;
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
                                forgetFree(**self);
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
    forgetFree(worker);
    std::erase_if(m_workers, [&](const Owned &owned) { return owned.worker.get() == &worker; });
    m_events.changed();
    m_events.left();
    if (m_draining && m_workers.empty())
        m_events.emptied(); // may destroy this pool
}

void WorkerPool::becomeIdle(Worker &worker)
{
    m_free.insert(m_free.begin() + m_idle,
                  {.worker = &worker, .id = worker.id(), .served = worker.served(), .since = m_loop.clock().now()});
    ++m_idle;
    armExpiry();
}

void WorkerPool::forgetFree(const Worker &worker)
{
    const auto found =
        std::find_if(m_free.begin(), m_free.end(), [&](const FreeWorker &free) { return free.worker == &worker; });
    if (found == m_free.end())
        return;
    m_idle -= found->running == 0 ? 1 : 0;
    m_free.erase(found);
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

bool WorkerPool::retireOldestIdle(const Reason &why)
{
    if (m_idle == 0)
        return false;
    Worker *worker = m_free.front().worker;
    m_free.erase(m_free.begin());
    --m_idle;
    tellStop(worker->id(), why);
    worker->stop();
    m_events.changed();
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
    forgetFree(worker);
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
    if (m_expiry != 0 || m_idle == 0)
        return;
    Instant due = m_free.front().since + m_scaler.keepAlive();
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
    while (m_idle > 0 && m_free.front().since <= limit && counted() > spared)
        retireOldestIdle(why);
    if (m_idle > 0 && m_free.front().since <= limit) {
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
