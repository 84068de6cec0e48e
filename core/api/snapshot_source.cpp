// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/snapshot_source.h"

#include "core/api/feed_items.h"

#include <algorithm>

namespace kiln {

using namespace std::chrono_literals;

namespace {

constexpr auto shortest = 33ms; ///< Between two snapshots: no display shows more than 30 changes of a figure a second.
/// After a change: what changed it, a start for instance, is not held up by showing it.
constexpr auto settles = 4ms;
constexpr auto figuresLast = 70s; ///< The longest that a figure looks back, and a little: until then rates still fall.

} // namespace

SnapshotSource::SnapshotSource(Loop &loop, std::filesystem::path workspace)
    : m_loop(loop)
{
    auto view = std::make_shared<WorkspaceView>();
    view->folder = std::move(workspace);
    view->name = view->folder.filename().string();
    m_workspace = view;
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->workspace = m_workspace;
    snapshot->metrics = std::make_shared<MetricsView>();
    snapshot->time = loop.clock().wall();
    m_latest = std::move(snapshot);
}

void SnapshotSource::start(Sources sources)
{
    m_sources = std::make_unique<Sources>(std::move(sources));
    m_active = m_loop.clock().now();
    tick();
}

void SnapshotSource::stop()
{
    m_loop.timers().cancel(m_timer);
    m_loop.timers().cancel(m_ticker);
    m_sources.reset();
    const std::lock_guard lock(m_mutex);
    m_subscribers.clear();
}

void SnapshotSource::take(const InvocationPtr &invocation)
{
    const std::string &function = invocation->revision->settings.name;
    LastOf &last = m_last[function];
    last.last = invocation;
    if (isError(invocation->outcome))
        last.lastError = invocation;
    else if (invocation->outcome == Outcome::Ok)
        last.lastError = nullptr;
    m_unfed.push_back(invocation);
    if (m_unfed.size() >= mostUnfed)
        feedLogs();
    m_invocations.add(forFeed(invocation));
    markChanged();
}

void SnapshotSource::feedLogs()
{
    for (const InvocationPtr &invocation : m_unfed) {
        const LogLines &lines = invocation->logs;
        for (std::size_t i = lines.size() - std::min(lines.size(), mostLines); i < lines.size(); ++i)
            m_logs.add({forFeed(lines[i]), invocation->revision->settings.name, invocation->id});
    }
    m_unfed.clear();
}

void SnapshotSource::take(const std::string &function, ScaleEvent event)
{
    m_scaling.try_emplace(function, mostScaling).first->second.add(std::move(event));
    markChanged();
}

/// Several times for each invocation: no look at the clock.
void SnapshotSource::markChanged()
{
    m_changed = true;
    schedule();
}

void SnapshotSource::markWorkspaceChanged()
{
    m_workspaceChanged = true;
    markChanged();
}

void SnapshotSource::publishNow()
{
    m_loop.timers().cancel(std::exchange(m_timer, 0));
    publish();
}

void SnapshotSource::schedule()
{
    if (m_timer != 0 || !m_sources)
        return;
    m_timer = m_loop.timers().at(std::max(m_published + shortest, m_loop.clock().now() + settles), [this] {
        m_timer = 0;
        publish();
    });
}

void SnapshotSource::tick()
{
    // Rates and percentiles fall while nothing happens, and workers' memory moves: once a second, until all is quiet.
    m_ticker = m_loop.timers().after(1s, [this] { tick(); });
    m_refreshMemory = true;
    sampleWorkers();
    if (m_loop.clock().now() - m_active < figuresLast || !m_workers.empty())
        schedule();
}

void SnapshotSource::sampleWorkers()
{
    WorkerCounts all;
    for (const auto &[function, counts] : m_sources->dispatcher.takeCounts()) {
        m_sources->recorder.recordWorkers(function, counts);
        all.busy += counts.busy;
        all.idle += counts.idle;
        all.starting += counts.starting;
    }
    all.limit = m_sources->dispatcher.budget();
    m_sources->recorder.recordWorkers({}, all);
}

FunctionLive SnapshotSource::liveOf(const FunctionView &view)
{
    FunctionLive live;
    live.name = view.name;
    if (const FunctionQueue *queue = m_sources->dispatcher.find(view.name)) {
        live.warm = queue->idle();
        live.busy = queue->busy();
        live.starting = queue->starting();
        live.queued = queue->queued();
    }
    if (const auto scaling = m_scaling.find(view.name); scaling != m_scaling.end())
        live.scaling = scaling->second.publish();
    const LiveFigures figures = m_sources->recorder.live(view.name);
    live.rate = figures.rate;
    live.p50 = figures.p50;
    live.p95 = figures.p95;
    live.p99 = figures.p99;
    live.coldShare = figures.coldShare;
    live.errors = figures.errors;
    live.spark = figures.spark;
    if (const auto last = m_last.find(view.name); last != m_last.end()) {
        live.last = last->second.last;
        live.lastError = last->second.lastError;
    }
    for (std::size_t i = 0; i < view.settings.triggers.size(); ++i) {
        TriggerLive trigger{.rate = m_sources->recorder.eventRate(view.name, i),
                            .nextRun = m_sources->triggers.nextRun(view.name, i),
                            .problem = m_sources->triggers.problemOf(view.name, i, view.settings.triggers[i])};
        live.triggers.push_back(std::move(trigger));
    }
    live.grants = grantUses(view.settings, m_sources->grantUses);
    return live;
}

EngineLive SnapshotSource::engineLive()
{
    EngineLive live;
    live.state = m_sources->deployment.settled() ? EngineLive::State::Running : EngineLive::State::Starting;
    live.address = m_sources->triggers.address();
    if (m_sources->triggers.problem())
        live.addressProblem = m_sources->triggers.problem()->text();
    live.workers = int(m_workers.size());
    live.workerBudget = m_sources->dispatcher.budget();
    for (const WorkerView &worker : m_workers)
        live.workerMemory.count += worker.memory.count;
    live.rate = m_sources->recorder.live("").rate;
    m_sources->fillEngine(live);
    return live;
}

void SnapshotSource::refreshWorkspace()
{
    auto view = std::make_shared<WorkspaceView>();
    view->name = m_sources->deployment.name();
    view->problems = m_sources->deployment.problems();
    view->functions = m_sources->deployment.views();
    view->interpreters = m_sources->deployment.interpreters();
    m_sources->fillWorkspace(*view);
    m_workspace = std::move(view);
    const auto isGone = [&](const auto &entry) { return !m_sources->deployment.functions().contains(entry.first); };
    std::erase_if(m_last, isGone);
    std::erase_if(m_scaling, isGone);
}

void SnapshotSource::publish()
{
    m_published = m_loop.clock().now();
    if (std::exchange(m_changed, false))
        m_active = m_published;
    if (std::exchange(m_workspaceChanged, false))
        refreshWorkspace();
    const auto memory = std::exchange(m_refreshMemory, false) ? Worker::Memory::Refresh : Worker::Memory::AsKnown;
    m_workers = m_sources->dispatcher.workers(memory);

    auto snapshot = std::make_shared<Snapshot>();
    snapshot->number = ++m_number;
    snapshot->time = m_loop.clock().wall();
    snapshot->workspace = m_workspace;
    snapshot->engine = engineLive();
    for (const FunctionView &view : m_workspace->functions)
        snapshot->functions.push_back(liveOf(view));
    snapshot->workers = m_workers;
    snapshot->invocations = m_invocations.publish();
    feedLogs();
    snapshot->logs = m_logs.publish();
    snapshot->metrics = m_sources->recorder.publish();
    snapshot->load = m_sources->load();

    std::vector<std::function<void(SnapshotPtr)>> subscribers;
    {
        const std::lock_guard lock(m_mutex);
        m_latest = snapshot;
        subscribers = m_subscribers;
    }
    for (const auto &subscriber : subscribers)
        subscriber(snapshot);
}

SnapshotPtr SnapshotSource::latest() const
{
    const std::lock_guard lock(m_mutex);
    return m_latest;
}

void SnapshotSource::subscribe(std::function<void(SnapshotPtr)> subscriber)
{
    const std::lock_guard lock(m_mutex);
    m_subscribers.push_back(std::move(subscriber));
}

} // namespace kiln
