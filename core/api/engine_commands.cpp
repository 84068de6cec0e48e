// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/engine_impl.h"
#include "core/project/edit_apply.h"
#include "core/sandbox/carried_state.h"
#include "core/sandbox/isolation_check.h"
#include "core/sandbox/process_tree.h"
#include "core/trigger/schedule.h"
#include "core/trigger/scheduled_event.h"

#include <algorithm>

namespace kiln {

namespace {

constexpr auto flushPatience = std::chrono::seconds(1);
/// A worker that was asked what it keeps has spent its share of CPU on that: two periods later it has it again, and the
/// second run takes as long as it would.
constexpr auto afterLook = std::chrono::milliseconds(40);

} // namespace

void EngineImpl::subscribe(std::function<void(SnapshotPtr)> take) { m_snapshots.subscribe(std::move(take)); }
SnapshotPtr EngineImpl::snapshot() const { return m_snapshots.latest(); }

std::optional<Error> EngineImpl::readOnly() const
{
    if (m_lock)
        return std::nullopt;
    return m_lock.error();
}

void EngineImpl::whenReady(Answer<> done)
{
    m_loop.post([this, done = std::move(done)] {
        const auto tell = [this, done] {
            if (m_stopping)
                done(fail(Error::Code::Busy, "The engine is stopping"));
            else if (m_launcherProblem)
                done(tl::make_unexpected(*m_launcherProblem));
            else
                done({});
        };
        isReady() ? tell() : m_whenReady.push_back(tell);
    });
}

void EngineImpl::whenMayRun(Answer<> done)
{
    auto tell = [this, done = std::move(done)] {
        if (const std::optional<Error> why = readOnly())
            done(tl::make_unexpected(*why));
        else if (!m_launcher)
            done(tl::make_unexpected(
                m_launcherProblem.value_or(Error{Error::Code::Sandbox, "There is no launcher", {}, {}, 0})));
        else
            done({});
    };
    // Before the workspace has been read no name is known, and before the tier is, nothing may run.
    isReady() ? tell() : m_whenReady.push_back(std::move(tell));
}

void EngineImpl::request(EventSink::Target target, Event event, WorkerPool::Freshness freshness,
                         Answer<InvocationPtr> done)
{
    whenMayRun([this, target = std::move(target), event = std::move(event), freshness, done](Result<> may) mutable {
        if (may)
            m_dispatcher->request(std::move(target), std::move(event), freshness, std::move(done));
        else
            done(tl::make_unexpected(may.error()));
    });
}

void EngineImpl::fire(Fire fire, Answer<InvocationPtr> done)
{
    m_loop.post([this, fire = std::move(fire), done = std::move(done)]() mutable {
        Event event;
        event.time = m_clock->wall();
        event.id = Uuid::next(event.time).text();
        event.source = std::move(fire.source);
        event.type = "kiln.manual";
        event.subject = fire.function;
        event.dataContentType = std::move(fire.contentType);
        event.data = payload(std::move(fire.data));
        request({.function = std::move(fire.function), .triggerKind = "manual"}, std::move(event),
                fire.cold ? WorkerPool::Freshness::New : WorkerPool::Freshness::Any, std::move(done));
    });
}

void EngineImpl::fireTwice(Fire fire, Answer<FiredTwice> done)
{
    fire.cold = true;
    Fire again = fire;
    again.cold = false;
    const auto fireAgain = [this, again = std::move(again), done](InvocationPtr first,
                                                                  std::optional<WorkerInspection> between) {
        this->fire(again, [done, first = std::move(first),
                           between = std::move(between)](Result<InvocationPtr> second) mutable {
            done(std::move(second).map([&](InvocationPtr invocation) {
                return FiredTwice{std::move(first), std::move(invocation), std::move(between)};
            }));
        });
    };
    this->fire(std::move(fire), [this, fireAgain, done](Result<InvocationPtr> first) {
        if (!first) {
            done(tl::make_unexpected(first.error()));
            return;
        }
        // Later: on this stack the worker is still being put back.
        m_loop.post([this, fireAgain, invocation = std::move(*first)] {
            inspect(invocation->worker, [this, fireAgain, invocation](Result<WorkerInspection> between) {
                auto seen = between ? std::optional(std::move(*between)) : std::nullopt;
                m_loop.timers().after(afterLook, [fireAgain, invocation, seen = std::move(seen)]() mutable {
                    fireAgain(invocation, std::move(seen));
                });
            });
        });
    });
}

void EngineImpl::runTrigger(std::string function, std::size_t trigger, Answer<InvocationPtr> done)
{
    m_loop.post([this, function = std::move(function), trigger, done = std::move(done)]() mutable {
        const auto view = m_deployment->functions().find(function);
        const bool there = view != m_deployment->functions().end() && trigger < view->second.settings.triggers.size();
        const auto *schedule = there ? std::get_if<ScheduleTrigger>(&view->second.settings.triggers[trigger]) : nullptr;
        if (!schedule) {
            done(fail(there ? Error::Code::InvalidArgument : Error::Code::NotFound,
                      there ? "Only a schedule can be run by itself" : "There is no such trigger", function,
                      there ? "fire a test event instead" : ""));
            return;
        }
        const WallTime now = m_clock->wall();
        request({.function = function, .triggerKind = "schedule", .trigger = trigger},
                scheduledEvent(function, trigger, *schedule, now, Uuid::next(now).text()), WorkerPool::Freshness::Any,
                std::move(done));
    });
}

void EngineImpl::startLoad(LoadPlan plan, Answer<std::uint64_t> begun)
{
    m_loop.post([this, plan = std::move(plan), begun = std::move(begun)]() mutable {
        whenMayRun([this, plan = std::move(plan), begun](Result<> may) mutable {
            if (may)
                m_load->start(std::move(plan), std::move(begun));
            else
                begun(tl::make_unexpected(may.error()));
        });
    });
}

void EngineImpl::stopLoad(std::uint64_t run)
{
    m_loop.post([this, run] {
        if (m_load)
            m_load->stop(run);
    });
}

void EngineImpl::loadReport(std::uint64_t run, Answer<LoadReportPtr> done)
{
    m_loop.post([this, run, done = std::move(done)] {
        if (m_load)
            done(m_load->report(run));
        else
            done(fail(Error::Code::Busy, "The engine is stopping"));
    });
}

void EngineImpl::trust(Answer<> done)
{
    m_loop.post([this, done = std::move(done)] {
        const Result<> trusted = m_trustStore.trust(m_options.workspace);
        if (trusted && !std::exchange(m_trusted, true)) {
            m_deployment->buildWhatWaits();
            onChanged();
        }
        done(trusted);
    });
}

void EngineImpl::edit(WorkspaceEdit edit, Answer<> done)
{
    m_loop.post([this, edit = std::move(edit), done = std::move(done)]() mutable {
        if (const std::optional<Error> why = readOnly()) {
            done(tl::make_unexpected(*why));
            return;
        }
        auto result = std::make_shared<Result<>>();
        noteGiven(edit);
        // Whoever changes permissions fires next, and means the function as it is then.
        const auto *permitted = std::get_if<Permit>(&edit);
        const auto *revoked = std::get_if<Revoke>(&edit);
        const auto *narrowed = std::get_if<Narrow>(&edit);
        const std::string awaited = permitted  ? permitted->function
                                    : revoked  ? revoked->function
                                    : narrowed ? narrowed->function
                                               : std::string();
        EditContext context{.resources = m_options.resources, .schedule = validateSchedule, .now = m_clock->wall()};
        m_loop.offload([this, result, edit = std::move(edit),
                        context = std::move(context)] { *result = apply(m_options.workspace, edit, context); },
                       [this, result, awaited, done = std::move(done)] {
                           if (!*result || awaited.empty() || m_stopping) {
                               done(*result); // what changed is read when the watcher tells
                               return;
                           }
                           m_deployment->reload({.functions = {awaited}});
                           isReady() ? done({}) : m_whenReady.push_back([done] { done({}); });
                       });
    });
}

template<typename T, typename Query> void EngineImpl::queryHistory(Answer<T> done, Query query)
{
    m_loop.post([this, done = std::move(done), query = std::move(query)]() mutable {
        auto ask = [this, done = std::move(done), query = std::move(query)]() mutable {
            if (!m_history) {
                const Error none{Error::Code::Store, "There is no history here", {}, {}, 0};
                done(tl::make_unexpected(!m_lock ? m_lock.error() : m_storeProblem.value_or(none)));
                return;
            }
            // What the disk does not take in time comes with the next query.
            m_loop.offload([history = m_history] { static_cast<void>(history->flush(flushPatience)); },
                           [this, done = std::move(done), query = std::move(query)]() mutable {
                               if (!m_history)
                                   return;
                               query(*m_history, [this, done = std::move(done)](Result<T> result) {
                                   m_loop.post(
                                       [done, result = std::move(result)]() mutable { done(std::move(result)); });
                               });
                           });
        };
        if (m_storesOpen)
            ask();
        else
            m_whenReady.push_back(std::move(ask));
    });
}

void EngineImpl::queryInvocations(InvocationQuery query, Answer<std::vector<InvocationPtr>> done)
{
    queryHistory<std::vector<InvocationPtr>>(std::move(done), [query](HistoryStore &history, auto answer) {
        history.invocations(query, std::move(answer));
    });
}

void EngineImpl::queryLogs(LogQuery query, Answer<std::vector<LogEntry>> done)
{
    queryHistory<std::vector<LogEntry>>(
        std::move(done), [query](HistoryStore &history, auto answer) { history.logs(query, std::move(answer)); });
}

void EngineImpl::loadInvocation(Uuid id, Answer<InvocationPtr> done)
{
    queryHistory<InvocationPtr>(
        std::move(done), [id](HistoryStore &history, auto answer) { history.invocation(id, std::move(answer)); });
}

void EngineImpl::queryMetrics(MetricsQuery query, Answer<MetricsSummary> done)
{
    queryHistory<MetricsSummary>(
        std::move(done), [query](HistoryStore &history, auto answer) { history.metrics(query, std::move(answer)); });
}

void EngineImpl::inspectWorker(std::uint64_t worker, Answer<WorkerInspection> done)
{
    m_loop.post([this, worker, done = std::move(done)]() mutable { inspect(worker, std::move(done)); });
}

namespace {

/// What several invocations at once mean for a worker's isolation: of that no process tells.
void addSharing(std::vector<IsolationLayer> &layers, const WorkerView &worker)
{
    if (worker.perWorker > 1)
        layers.push_back({"Between invocations", IsolationLayer::State::Off,
                          "up to " + std::to_string(worker.perWorker) +
                              " share this process at once (concurrency.per_worker): its memory, files and "
                              "connections are open to each of them"});
}

} // namespace

void EngineImpl::inspect(std::uint64_t worker, Answer<WorkerInspection> done)
{
    const std::vector<WorkerView> workers =
        m_dispatcher ? m_dispatcher->workers(Worker::Memory::AsKnown) : std::vector<WorkerView>();
    const auto found =
        std::find_if(workers.begin(), workers.end(), [&](const WorkerView &view) { return view.id == worker; });
    const bool gone = found == workers.end() || found->state == WorkerState::Stopping;
    if (gone || found->pid == 0) {
        done(fail(gone ? Error::Code::NotFound : Error::Code::Busy,
                  gone ? "There is no such worker any more" : "The worker is being started",
                  "worker " + std::to_string(worker)));
        return;
    }
    auto inspection = std::make_shared<WorkerInspection>();
    inspection->worker = *found;
    inspection->time = m_clock->wall();
    m_loop.offload(
        [inspection, evidence = m_launcher->tier() ? m_launcher->tier()->evidence : std::vector<std::string>()] {
            inspection->layers = checkIsolation(inspection->worker.pid, evidence);
            addSharing(inspection->layers, inspection->worker);
            inspection->proportional = proportionalMemory(inspection->worker.pid);
            inspection->carried = lookAtCarriedState(inspection->worker.pid);
        },
        [this, inspection, done = std::move(done)] {
            // Its pid may have gone to another process meanwhile: then it was that one which was looked at.
            const auto still =
                m_dispatcher ? m_dispatcher->workers(Worker::Memory::AsKnown) : std::vector<WorkerView>();
            if (std::none_of(still.begin(), still.end(), [&](const WorkerView &view) {
                    return view.id == inspection->worker.id && view.state != WorkerState::Stopping;
                })) {
                done(fail(Error::Code::NotFound, "The worker ended while it was looked at",
                          "worker " + std::to_string(inspection->worker.id)));
                return;
            }
            m_dispatcher->askKept(inspection->worker.id, [inspection, done](Result<KeptVariables> kept) {
                if (kept) {
                    inspection->carried.variables = std::move(kept->variables);
                    inspection->carried.moreVariables = kept->more;
                } else {
                    inspection->carried.problems.push_back("variables: " + kept.error().message);
                }
                done(std::move(*inspection));
            });
        });
}

/// What the user gives by hand is no news to him. Also a refused edit was meant.
void EngineImpl::noteGiven(const WorkspaceEdit &edit)
{
    const auto give = [this](const std::string &function, const std::vector<Grant> &grants) {
        for (const Grant &grant : grants)
            m_givenHere[function].insert(toText(grant));
    };
    if (const auto *permit = std::get_if<Permit>(&edit))
        give(permit->function, permit->grants);
    else if (const auto *narrow = std::get_if<Narrow>(&edit))
        give(narrow->function, narrow->add);
    else if (const auto *set = std::get_if<SetValue>(&edit);
             set != nullptr && !set->key.empty() && (set->key[0] == "permissions" || set->key[0] == "secrets"))
        m_setHere.insert(set->function); // what it comes to is known once it is read
}

void EngineImpl::queryGrants(std::string function, Answer<std::vector<GrantUse>> done)
{
    m_loop.post([this, function = std::move(function), done = std::move(done)] {
        const auto &functions = m_deployment->functions();
        const auto found = functions.find(function);
        if (found == functions.end())
            done(fail(Error::Code::NotFound, "There is no such function", function));
        else
            done(grantUses(found->second.settings, m_grantUses));
    });
}

void EngineImpl::stopWorker(std::uint64_t worker)
{
    m_loop.post([this, worker] { m_dispatcher->stopWorker(worker); });
}

void EngineImpl::retireIdle(std::string function)
{
    m_loop.post([this, function = std::move(function)] { m_dispatcher->retireIdle(function); });
}

} // namespace kiln
