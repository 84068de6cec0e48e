// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dispatch/dispatcher.h"

#include <algorithm>

namespace kiln {

namespace {

Result<> checkSize(const Event &event, ByteSize most)
{
    if (std::int64_t(event.data->size()) <= most.count)
        return {};
    return fail(Error::Code::LimitExceeded,
                "The event has " + std::to_string(event.data->size()) + " bytes; " + std::to_string(most.count) +
                    " are allowed",
                event.subject, "keep what is large elsewhere, and send where it is");
}

} // namespace

Dispatcher::Dispatcher(Loop &loop, EventLog &log, Ports ports)
    : m_loop(loop)
    , m_ports(std::move(ports))
    , m_queuePorts{.makeWorker = m_ports.makeWorker,
                   .finished = m_ports.record,
                   .mayRun = m_ports.mayRun,
                   .mayStart = [this](const std::string &function) { return makeRoom(function); },
                   .tier = m_ports.tier,
                   .changed = m_ports.changed,
                   .poolEmptied = [this] { scheduleSweep(); },
                   .provision = m_ports.provision,
                   .scaled = m_ports.scaled,
                   .roomMade = [this] { onRoomMade(); },
                   .explain = m_ports.explain}
    , m_async(
          loop, log,
          [this](const QueuedEvent &event, int attempt, auto done) {
              const auto queue = m_queues.find(event.function);
              if (queue == m_queues.end()) {
                  done(fail(Error::Code::NotFound, "The function is gone", event.function));
                  return;
              }
              Attempt made = makeAttempt({event.function, event.triggerKind}, event.event);
              made.number = attempt;
              made.done = std::move(done);
              queue->second->submit(std::move(made), FunctionQueue::Admission::Unbounded);
          },
          [this](const std::string &function) -> std::optional<RetryPolicy> {
              const auto queue = m_queues.find(function);
              if (queue == m_queues.end())
                  return std::nullopt;
              return queue->second->revision() ? queue->second->revision()->settings.retry : RetryPolicy{};
          })
{}

Dispatcher::~Dispatcher()
{
    m_loop.timers().cancel(m_sweep);
    m_loop.timers().cancel(m_goOn);
}

void Dispatcher::expect(const std::string &function)
{
    std::unique_ptr<FunctionQueue> &queue = m_queues[function];
    if (!queue)
        queue = std::make_unique<FunctionQueue>(m_loop, function, m_queuePorts);
}

void Dispatcher::setRevision(RevisionPtr revision)
{
    if (m_stopping)
        return; // of a save just before the end: nothing begins on it
    expect(revision->settings.name);
    m_queues.at(revision->settings.name)->setRevision(std::move(revision));
}

void Dispatcher::setUnavailable(const std::string &function, Error why)
{
    expect(function);
    m_queues.at(function)->setUnavailable(std::move(why));
}

void Dispatcher::removeFunction(const std::string &function)
{
    const auto found = m_queues.find(function);
    if (found == m_queues.end())
        return;
    // Out of reach first: whoever is answered now may ask again, and then it is gone.
    m_removed.push_back(std::move(found->second));
    m_queues.erase(found);
    m_removed.back()->stop({Error::Code::NotFound, "The function is gone", function, {}, 0});
    scheduleSweep();
}

Attempt Dispatcher::makeAttempt(const Target &target, Event event) const
{
    Attempt attempt;
    attempt.event = std::move(event);
    attempt.triggerKind = target.triggerKind;
    attempt.accepted = m_loop.clock().now();
    attempt.acceptedWall = m_loop.clock().wall();
    attempt.id = Uuid::next(attempt.acceptedWall);
    return attempt;
}

void Dispatcher::emit(Target target, Event event, std::function<void(Result<>)> accepted)
{
    if (!m_queues.contains(target.function)) {
        accepted(fail(Error::Code::NotFound, "There is no function of this name", target.function));
        return;
    }
    if (const Result<> small = checkSize(event, maxAsyncPayload); !small) {
        accepted(small);
        return;
    }
    m_ports.arrived(target);
    const WallTime now = m_loop.clock().wall();
    m_async.accept({.function = std::move(target.function),
                    .triggerKind = std::move(target.triggerKind),
                    .event = std::move(event),
                    .accepted = now},
                   std::move(accepted));
}

void Dispatcher::request(Target target, Event event, std::function<void(Result<InvocationPtr>)> done)
{
    request(std::move(target), std::move(event), WorkerPool::Freshness::Any, std::move(done));
}

void Dispatcher::request(Target target, Event event, WorkerPool::Freshness freshness,
                         std::function<void(Result<InvocationPtr>)> done)
{
    const auto queue = m_queues.find(target.function);
    if (queue == m_queues.end() || m_stopping) {
        done(fail(m_stopping ? Error::Code::Busy : Error::Code::NotFound,
                  m_stopping ? "The engine is stopping" : "There is no function of this name", target.function));
        return;
    }
    if (const Result<> small = checkSize(event, maxSyncPayload); !small) {
        done(tl::make_unexpected(small.error()));
        return;
    }
    m_ports.arrived(target);
    Attempt attempt = makeAttempt(target, std::move(event));
    attempt.freshness = freshness;
    attempt.done = std::move(done);
    queue->second->submit(std::move(attempt), FunctionQueue::Admission::Bounded);
}

bool Dispatcher::makeRoom(const std::string &function)
{
    std::vector<WorkerShare> shares;
    std::vector<FunctionQueue *> queues;
    std::size_t asking = 0;
    for (const auto &[name, queue] : m_queues) {
        if (name == function)
            asking = shares.size();
        shares.push_back(queue->share());
        queues.push_back(queue.get());
    }
    // More than one makes way after the budget was made smaller.
    while (!m_stopping) {
        const WorkerRoom room = roomFor(asking, shares, m_budget);
        if (room.free)
            return true;
        if (!room.giver || !queues[*room.giver]->retireOldestIdle({ScaleCause::MadeWay, "made way for " + function}))
            break;
        shares[*room.giver] = queues[*room.giver]->share();
    }
    m_starved = true;
    return false;
}

void Dispatcher::onRoomMade()
{
    if (!m_starved || m_goOn != 0)
        return;
    m_goOn = m_loop.timers().after(std::chrono::nanoseconds(0), [this] {
        m_goOn = 0;
        pumpAll();
    });
}

void Dispatcher::setBudget(int workers)
{
    m_budget = workers;
    onRoomMade();
}

void Dispatcher::scheduleSweep()
{
    if (m_sweep != 0)
        return;
    m_sweep = m_loop.timers().after(std::chrono::nanoseconds(0), [this] {
        m_sweep = 0;
        sweep();
    });
}

void Dispatcher::sweep()
{
    for (auto &[name, queue] : m_queues)
        queue->sweep();
    for (auto &queue : m_removed)
        queue->sweep();
    std::erase_if(m_removed, [](const auto &queue) { return queue->empty(); });
    m_ports.changed();
}

void Dispatcher::stop()
{
    m_stopping = true;
    m_async.halt(); // durable events stay pending in their store and are delivered after the next start
    for (auto &[name, queue] : m_queues)
        queue->stop({Error::Code::Busy, "The engine is stopping", name, {}, 0});
}

void Dispatcher::pumpAll()
{
    m_starved = false; // they say so again
    std::vector<FunctionQueue *> queues;
    for (const auto &[name, queue] : m_queues)
        queues.push_back(queue.get());
    // Who has waited longest is first to find room; who waits for nothing is last.
    std::stable_sort(queues.begin(), queues.end(), [](const FunctionQueue *a, const FunctionQueue *b) {
        return a->waitingSince().value_or(Instant::max()) < b->waitingSince().value_or(Instant::max());
    });
    for (FunctionQueue *queue : queues)
        queue->pump();
}

bool Dispatcher::idle() const
{
    return m_removed.empty() &&
           std::all_of(m_queues.begin(), m_queues.end(), [](const auto &entry) { return entry.second->empty(); });
}

const FunctionQueue *Dispatcher::find(const std::string &function) const
{
    const auto found = m_queues.find(function);
    return found == m_queues.end() ? nullptr : found->second.get();
}

void Dispatcher::retireIdle(const std::string &function)
{
    if (const auto found = m_queues.find(function); found != m_queues.end())
        found->second->retireIdle();
}

void Dispatcher::stopWorker(WorkerId id)
{
    for (auto &[name, queue] : m_queues) {
        if (queue->stopWorker(id, {ScaleCause::ByHand, "stopped by hand"}))
            return;
    }
}

void Dispatcher::askKept(WorkerId id, KeptQuestion::Done done)
{
    for (auto &[name, queue] : m_queues) {
        if (Worker *worker = queue->worker(id)) {
            worker->askKept(std::move(done));
            return;
        }
    }
    done(fail(Error::Code::NotFound, "there is no such worker any more"));
}

std::map<std::string, WorkerCounts> Dispatcher::takeCounts()
{
    std::map<std::string, WorkerCounts> counts;
    for (const auto &[name, queue] : m_queues)
        counts.emplace(name, queue->takeCounts());
    return counts;
}

std::vector<WorkerView> Dispatcher::workers(Worker::Memory memory)
{
    std::vector<WorkerView> views;
    const auto take = [&](WorkerView view) { views.push_back(std::move(view)); };
    for (auto &[name, queue] : m_queues)
        queue->eachView(memory, take);
    for (auto &queue : m_removed)
        queue->eachView(memory, take);
    return views;
}

} // namespace kiln
