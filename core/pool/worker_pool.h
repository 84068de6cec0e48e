// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/worker/worker.h"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace kiln {

/// The workers of one revision: starts them, lends them, retires them.
///
/// Engine thread only. Lends the most recently used idle worker first, so that the others can age out; a worker idle
/// longer than `keepWarm` is retired. It knows no queue: the dispatcher asks it for a worker, and asks it to start one.
class WorkerPool
{
public:
    enum class Freshness {
        Any,
        New, ///< One that has served nothing yet.
    };
    enum class Condition { Reusable, Broken };
    /// Whether a worker may come from a process that was made before.
    enum class Origin { AnyProcess, NewProcess };

    struct Events
    {
        std::function<void(Worker &)> ready; ///< A started worker can be lent: acquire() would return it.
        std::function<void(const Worker &, Worker::Ending)> failedToStart;
        std::function<void()> emptied; ///< A draining pool has lost its last worker; it may be destroyed.
        std::function<void()> changed; ///< Something that is shown changed.
    };

    using MakeWorker = std::function<std::unique_ptr<Worker>(Origin, Worker::Events)>;

    WorkerPool(Loop &loop, RevisionPtr revision, MakeWorker make, Events events);
    ~WorkerPool();
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;

    /// Lends an idle worker; null when there is none.
    [[nodiscard]] Worker *acquire(Freshness freshness);

    /// Takes a lent worker back, after its call was answered. One that is Broken, or was lent by a pool that is
    /// draining, is retired.
    void release(Worker &worker, Condition condition);

    /// Begins a start; `ready` or `failedToStart` follows.
    void startWorker(Origin origin);

    /// Retires the worker that has been idle longest; false when none is idle.
    bool retireOldestIdle();
    void retireAllIdle();
    /// Ends it whatever it does; false when it is not of this pool.
    bool stop(WorkerId id);

    /// From now on no worker is lent; idle and starting ones end now, busy ones when they have answered.
    void drain();

    [[nodiscard]] const RevisionPtr &revision() const { return m_revision; }
    [[nodiscard]] int idle() const { return int(m_idle.size()); }
    [[nodiscard]] int busy() const { return m_busy; }
    [[nodiscard]] int starting() const { return m_starting; }
    /// Workers that count against limits: all but those that are ending.
    [[nodiscard]] int alive() const { return idle() + m_busy + m_starting; }
    [[nodiscard]] bool empty() const { return m_workers.empty(); }

    void eachView(Worker::Memory memory, const std::function<void(WorkerView)> &take);

private:
    struct Idle
    {
        Worker *worker;
        Instant since;
    };

    void onReady(Worker &worker);
    void onFailed(Worker &worker, Worker::Ending ending);
    void onGone(Worker &worker);
    void becomeIdle(Worker &worker);
    void forgetIdle(const Worker &worker);
    void armExpiry();
    void retireExpired();

    Loop &m_loop;
    const RevisionPtr m_revision;
    const MakeWorker m_make;
    const Events m_events;
    bool m_draining = false;
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<Idle> m_idle; ///< Longest idle first; the back is lent first.
    int m_busy = 0;
    int m_starting = 0;
    TimerId m_expiry = 0;
};

} // namespace kiln
