// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/dispatch/async_delivery.h"
#include "core/dispatch/event_log.h"
#include "core/dispatch/function_queue.h"
#include "core/trigger/event_sink.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// Brings each event to a worker of its function: queueing, concurrency, throttling, retry, dead letters.
///
/// Engine thread only. The one way in for all events: a test event takes it as a real trigger's does.
class Dispatcher final : public EventSink
{
public:
    struct Ports
    {
        std::function<std::unique_ptr<Worker>(RevisionPtr, WorkerPool::Origin, Worker::Events)> makeWorker;
        std::function<void(InvocationPtr)> record;   ///< Each finished attempt, for history, metrics and window.
        std::function<void(const Target &)> arrived; ///< An event came, whatever becomes of it.
        std::function<bool()> mayRun; ///< False while recording cannot keep up; pumpAll() when it can again.
        std::function<Tier()> tier;
        std::function<void()> changed; ///< Workers or queues changed: what is shown is out of date.
        std::function<Scaler::Provision()> provision = [] { return Scaler::Provision::Off; };
        /// Each start and stop of a worker.
        std::function<void(const std::string &function, ScaleEvent)> scaled = [](auto &&...) {};
        ExplainAccesses explain = nullptr;
    };

    Dispatcher(Loop &loop, EventLog &log, Ports ports);
    ~Dispatcher() override;

    void setRevision(RevisionPtr revision);
    void setUnavailable(const std::string &function, Error why);
    /// The function is being prepared for the first time: callers wait.
    void expect(const std::string &function);
    void removeFunction(const std::string &function);

    void emit(Target target, Event event, std::function<void(Result<>)> accepted) override;
    void request(Target target, Event event, std::function<void(Result<InvocationPtr>)> done) override;
    /// A request with a wish about its worker.
    void request(Target target, Event event, WorkerPool::Freshness freshness,
                 std::function<void(Result<InvocationPtr>)> done);

    /// Goes on with an event of an earlier life of the engine.
    void resume(PendingEvent event) { m_async.resume(std::move(event)); }

    /// Cancels what waits and runs, ends all workers; `idle()` tells when the last is gone.
    void stop();
    [[nodiscard]] bool idle() const;

    /// Goes on with what waits, after a reason to wait has gone.
    void pumpAll();

    /// How many workers there may be of all functions together.
    void setBudget(int workers);
    [[nodiscard]] int budget() const { return m_budget; }

    [[nodiscard]] const FunctionQueue *find(const std::string &function) const;
    /// The fullest moment of each function since the last call.
    [[nodiscard]] std::map<std::string, WorkerCounts> takeCounts();
    void retireIdle(const std::string &function);
    void stopWorker(WorkerId id);
    /// Asks an idle worker; see Worker::askKept.
    void askKept(WorkerId id, KeptQuestion::Done done);
    [[nodiscard]] std::vector<WorkerView> workers(Worker::Memory memory);

private:
    [[nodiscard]] Attempt makeAttempt(const Target &target, Event event) const;
    [[nodiscard]] bool makeRoom(const std::string &function);
    void onRoomMade();
    void scheduleSweep();
    void sweep();

    Loop &m_loop;
    const Ports m_ports;
    const FunctionQueue::Ports m_queuePorts;
    std::map<std::string, std::unique_ptr<FunctionQueue>> m_queues;
    std::vector<std::unique_ptr<FunctionQueue>> m_removed; ///< Functions that are gone but still have workers ending.
    AsyncDelivery m_async;
    TimerId m_sweep = 0;
    TimerId m_goOn = 0;
    int m_budget = WorkspaceScaling{}.workers;
    bool m_starved = false; ///< A start found no room.
    bool m_stopping = false;
};

} // namespace kiln
