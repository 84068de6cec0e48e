// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/dispatch/attempt.h"
#include "core/dispatch/explain_accesses.h"
#include "core/dispatch/invocation_record.h"
#include "core/pool/scaler.h"
#include "core/pool/worker_pool.h"
#include "core/pool/workspace_budget.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// What waits for one function, and the pools that serve it: the current revision's, and older ones that are
/// finishing.
///
/// Engine thread only. Attempts that have no worker yet belong to no revision: after a save they run on the new one.
class FunctionQueue
{
public:
    struct Ports
    {
        std::function<std::unique_ptr<Worker>(RevisionPtr, WorkerPool::Origin, Worker::Events)> makeWorker;
        std::function<void(InvocationPtr)> finished; ///< Each attempt once it has ended, before its own `done`.
        std::function<bool()> mayRun;                ///< False while recording cannot keep up: then nothing begins.
        /// Whether the workspace's budget allows one more worker of this function, if need be for an idle one of
        /// another.
        std::function<bool(const std::string &function)> mayStart;
        std::function<Tier()> tier;
        std::function<void()> changed;
        std::function<void()> poolEmptied; ///< sweep() has something to do, but not on this stack.
        /// Whether workers may run though no event came: not in a workspace that is not trusted.
        std::function<Scaler::Provision()> provision = [] { return Scaler::Provision::Off; };
        std::function<void(const std::string &function, ScaleEvent)> scaled = [](auto &&...) {};
        std::function<void()> roomMade = [] {}; ///< A worker went or became idle: others may have waited for it.
        ExplainAccesses explain = nullptr;      ///< Null where nobody can: then accesses are not told.
    };
    /// Whether the bound of the queue applies: a caller who waits is turned away, a durable event is not.
    enum class Admission { Bounded, Unbounded };

    FunctionQueue(Loop &loop, std::string name, const Ports &ports);
    ~FunctionQueue();

    /// From now on attempts run on this revision; the one before drains.
    void setRevision(RevisionPtr revision);
    /// The files are in error and there is no revision: callers are answered with this. Durable events wait.
    void setUnavailable(Error why);

    void submit(Attempt attempt, Admission admission);

    /// Lends and starts as far as there is room; called when the budget may have room again.
    void pump();

    /// Lets go of pools that have lost their last worker.
    void sweep();

    /// Answers what waits (with Cancelled, or with this when it belongs to no revision), ends all workers.
    void stop(const Error &why);

    [[nodiscard]] const RevisionPtr &revision() const { return m_revision; }
    [[nodiscard]] bool empty() const { return !m_pool && m_draining.empty() && m_explaining == 0; }
    [[nodiscard]] int queued() const { return int(m_waiting.size()); }
    [[nodiscard]] int idle() const { return m_pool ? m_pool->idle() : 0; }
    [[nodiscard]] int busy() const;
    [[nodiscard]] int starting() const { return m_pool ? m_pool->starting() : 0; }
    [[nodiscard]] int alive() const;
    [[nodiscard]] WorkerShare share() const;
    /// Since when the oldest that waits does; nullopt when nothing waits.
    [[nodiscard]] std::optional<Instant> waitingSince() const;
    /// The fullest moment since the last call.
    [[nodiscard]] WorkerCounts takeCounts();

    bool retireOldestIdle(const WorkerPool::Reason &why) { return m_pool && m_pool->retireOldestIdle(why); }
    void retireIdle(); ///< By the user's wish.
    bool stopWorker(WorkerId id, const WorkerPool::Reason &why);
    [[nodiscard]] Worker *worker(WorkerId id); ///< Null when it is not of this function.
    void eachView(Worker::Memory memory, const std::function<void(WorkerView)> &take);

private:
    struct Waiting
    {
        Attempt attempt;
        Admission admission;
    };

    [[nodiscard]] Attempt take(std::deque<Waiting>::iterator waiting);
    void lend();
    void scale();
    void startMore(const Scaler::Plan &plan);
    void planAgainAt(std::optional<Instant> when);
    [[nodiscard]] Scaler::Load load() const;
    void onScaled(WorkerId worker, ScaleEvent::What what, const WorkerPool::Reason &why);
    void onChanged();
    void armAge();
    void throttleAged();
    [[nodiscard]] WorkerCounts counts() const;
    void assign(Worker &worker, Attempt attempt);
    void onAnswered(WorkerPool &pool, Worker &worker, Attempt &attempt, Moments moments, Start start,
                    Worker::Ending ending);
    void onFailedToStart(const Worker &worker, Worker::Ending ending);
    void retire(std::unique_ptr<WorkerPool> pool, const WorkerPool::Reason &why);
    void finish(Attempt &attempt, InvocationPtr invocation);
    void finish(Attempt &attempt, InvocationPtr invocation, std::vector<Access> accesses);
    [[nodiscard]] bool hasRoomFor(Admission admission) const;

    Loop &m_loop;
    const std::string m_name;
    const Ports &m_ports;
    RevisionPtr m_revision;
    std::optional<Error> m_unavailable;
    Scaler m_scaler;
    std::unique_ptr<WorkerPool> m_pool; ///< Null until there is a revision.
    std::vector<std::unique_ptr<WorkerPool>> m_draining;
    std::deque<Waiting> m_waiting; ///< Oldest first.
    int m_waitingBounded = 0;      ///< Of them, those that count against the queue's bound …
    int m_waitingNew = 0;          ///< … and those that want a new worker.
    struct PlanAgain
    {
        Instant when;
        TimerId timer;
    };
    std::optional<PlanAgain> m_planAgain;
    TimerId m_age = 0; ///< Of the bounded one that waits longest.
    WorkerCounts m_fullest;
    int m_explaining = 0;                                    ///< Ended attempts whose refusals are being looked up.
    std::shared_ptr<int> m_alive = std::make_shared<int>(0); ///< Lets late answers see that this is gone.
};

} // namespace kiln
