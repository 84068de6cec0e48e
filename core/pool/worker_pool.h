// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/model/scale_event.h"
#include "core/pool/balance.h"
#include "core/pool/scaler.h"
#include "core/worker/worker.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// The workers of one revision: starts them, lends them, retires them.
///
/// Engine thread only. Lends workers that have room for an event, in the order of the policy's balance: an idle one, or
/// one with fewer events under way than the revision allows. A worker idle longer than the scaler keeps it is retired.
/// It knows no queue: the dispatcher asks it for a worker, and asks it to start one. Each start
/// and stop is told once, with its reason.
class WorkerPool
{
public:
    enum class Freshness {
        Any,
        New, ///< One that has served nothing yet.
    };
    /// Whether a worker may come from a process that was made before.
    enum class Origin { AnyProcess, NewProcess };

    /// Why a worker was started or is stopped.
    struct Reason
    {
        ScaleCause cause = ScaleCause::Waiting;
        std::string text; ///< "idle for 5 min"
    };

    struct Events
    {
        std::function<void(Worker &)> ready; ///< A started worker can be lent: acquire() would return it.
        std::function<void(const Worker &, Worker::Ending)> failedToStart;
        std::function<void()> emptied; ///< A draining pool has lost its last worker; it may be destroyed.
        std::function<void()> changed; ///< Something that is shown changed.
        std::function<void()> left;    ///< A worker is gone, and there may be room for another; not within a call.
        std::function<void(WorkerId, ScaleEvent::What, const Reason &)> scaled; ///< Each start, each stop, once.
        std::function<Scaler::Provision()> provision; ///< Whether the policy's minimum counts.
    };

    using MakeWorker = std::function<std::unique_ptr<Worker>(Origin, Worker::Events)>;

    /// The scaler must outlive it, and has the revision's policy.
    WorkerPool(Loop &loop, RevisionPtr revision, Scaler &scaler, MakeWorker make, Events events);
    ~WorkerPool();
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;

    /// Lends a worker for one event; null when none has room.
    [[nodiscard]] Worker *acquire(Freshness freshness);

    /// Takes a lent worker back, after its call was answered; once for each time that it was lent. With a reason to, or
    /// when the pool is draining, it is not lent any more, and ends once it has answered all.
    void release(Worker &worker, std::optional<Reason> retire);

    /// Begins a start; `ready` or `failedToStart` follows.
    void startWorker(Origin origin, Reason why);

    /// Retires the worker that has been idle longest; false when none is idle.
    bool retireOldestIdle(const Reason &why);
    void retireAllIdle(const Reason &why);
    /// Null when it is not of this pool.
    [[nodiscard]] Worker *worker(WorkerId id);
    /// Ends it whatever it does; false when it is not of this pool.
    bool stop(WorkerId id, const Reason &why);

    /// From now on no worker is lent; idle and starting ones end now, busy ones when they have answered.
    void drain(const Reason &why);

    [[nodiscard]] const RevisionPtr &revision() const { return m_revision; }
    [[nodiscard]] int idle() const { return m_idle; }
    [[nodiscard]] int busy() const { return m_busy; }
    [[nodiscard]] int starting() const { return m_starting; }
    /// Of the busy ones, those that take no more events: they end once they have answered what they have.
    [[nodiscard]] int leaving() const { return m_leaving; }
    /// Events under way in those that take more.
    [[nodiscard]] int running() const { return m_running; }
    /// How many events could be lent a worker now.
    [[nodiscard]] int room() const { return (m_idle + m_busy - m_leaving) * m_perWorker - m_running; }
    /// All but those that are ending.
    [[nodiscard]] int alive() const { return m_idle + m_busy + m_starting; }
    /// Those that count against the function's own limit. One that leaves does not, as those of an older revision do
    /// not: it is gone within one timeout, and until then it would keep all others waiting.
    [[nodiscard]] int counted() const { return alive() - m_leaving; }
    [[nodiscard]] bool empty() const { return m_workers.empty(); }
    /// Since when the worker that has been idle longest is; only while one is.
    [[nodiscard]] Instant idleSince() const { return m_free.front().since; }

    void eachView(Worker::Memory memory, const std::function<void(WorkerView)> &take);

private:
    struct Owned
    {
        std::unique_ptr<Worker> worker;
        std::string why;        ///< It was started.
        bool told = false;      ///< Its stop.
        int lent = 0;           ///< For so many events; kept only where there may be more than one.
        std::uint64_t turn = 0; ///< When it was lent last, counted.
        bool leaving = false;   ///< It takes no more events.
    };

    void onReady(Worker &worker);
    void onFailed(Worker &worker, Worker::Ending ending);
    void onGone(Worker &worker);
    void becomeIdle(Worker &worker);
    void forgetFree(const Worker &worker);
    [[nodiscard]] std::optional<std::size_t> choose(Freshness freshness) const;
    void lend(const FreeWorker &worker);
    [[nodiscard]] int giveBack(const Worker &worker, const std::optional<Reason> &retire);
    void armExpiry();
    void retireExpired();
    void tellStop(WorkerId id, const Reason &why);
    [[nodiscard]] Owned *find(WorkerId id);

    Loop &m_loop;
    const RevisionPtr m_revision;
    const MakeWorker m_make;
    const Events m_events;
    Scaler &m_scaler;
    std::optional<Reason> m_draining;
    std::vector<Owned> m_workers;
    const int m_perWorker;          ///< Events at once.
    std::vector<FreeWorker> m_free; ///< As chooseFree has them.
    int m_idle = 0;                 ///< So many of them, the first ones, are idle.
    WorkerId m_lastLent = 0;
    std::uint64_t m_turn = 0;
    int m_busy = 0;
    int m_leaving = 0; ///< Of the busy ones.
    int m_running = 0;
    int m_starting = 0;
    TimerId m_expiry = 0;
};

} // namespace kiln
