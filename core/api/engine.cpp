// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/engine.h"

#include "core/api/egress_doors.h"
#include "core/api/engine_impl.h"
#include "core/project/refusals.h"
#include "core/runtime/bootstrap.h"

#include <fmt/format.h>

#include <future>

namespace kiln {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto patienceAtEnd = 5s;
constexpr auto reopenAfter = 5s; ///< A store that did not open.
constexpr auto seedFrom = 1h;
constexpr int seedRows = 200'000;

Tier tierOf(const Launcher *launcher) { return launcher && launcher->tier() ? launcher->tier()->tier : Tier::None; }

} // namespace

Result<std::unique_ptr<Engine>> Engine::open(Options options)
{
    std::error_code failed;
    options.workspace = fs::canonical(options.workspace, failed);
    if (failed || !fs::exists(options.workspace / "kiln.yaml", failed))
        return fail(Error::Code::NotFound, "This folder is no workspace: it holds no kiln.yaml",
                    options.workspace.string(), "make one with \"kiln init DIR\"");
    Result<WorkspaceLock> lock = WorkspaceLock::acquire(options.workspace);
    return std::make_unique<EngineImpl>(std::move(options), std::move(lock));
}

EngineImpl::EngineImpl(Options options, Result<WorkspaceLock> lock)
    : m_options(std::move(options))
    , m_clock(m_options.clock ? m_options.clock : std::make_shared<SystemClock>())
    , m_lock(std::move(lock))
    , m_loop(m_clock)
    , m_egress(m_loop, {.forbidden =
                            [this](const IpAddress &address, std::uint16_t port) {
                                return m_triggers && isOwnListener(m_triggers->address(), address, port);
                            }})
    , m_snapshots(m_loop, m_options.workspace)
    , m_events(m_loop)
    , m_plans(m_options.workspace)
    , m_recorder(*m_clock)
{
    m_loop.post([this] { start(); });
    m_thread = std::thread([this] { m_loop.run(); });
}

EngineImpl::~EngineImpl()
{
    m_users.clear();
    m_loop.post([this] { stopInside(); });
    m_thread.join();
}

void EngineImpl::start()
{
    m_trusted = m_trustStore.isTrusted(m_options.workspace);
    m_dispatcher = std::make_unique<Dispatcher>(
        m_loop, m_events,
        Dispatcher::Ports{
            .makeWorker =
                [this](RevisionPtr revision, WorkerPool::Origin origin, Worker::Events events) {
                    return makeWorker(std::move(revision), origin, std::move(events));
                },
            .record = [this](const InvocationPtr &invocation) { record(invocation); },
            .arrived =
                [this](const EventSink::Target &target) {
                    if (target.trigger)
                        m_recorder.recordEvent(target.function, *target.trigger);
                },
            .mayRun = [this] { return !m_history || !m_history->congested(); },
            .tier = [this] { return tierOf(m_launcher.get()); },
            .changed = [this] { m_snapshots.markChanged(); },
            .provision = [this] { return mayProvision() ? Scaler::Provision::On : Scaler::Provision::Off; },
            .scaled = [this](const std::string &function,
                             ScaleEvent event) { m_snapshots.take(function, std::move(event)); },
            .explain = [this](const RevisionPtr &revision, std::vector<Access> accesses,
                              auto told) { explain(revision, std::move(accesses), std::move(told)); }});
    m_deployment = std::make_unique<Deployment>(
        m_loop, m_options.workspace,
        Deployment::Ports{.dispatcher = *m_dispatcher,
                          .plans = m_plans,
                          .ready = [this](const RevisionPtr &revision) { onRevisionReady(revision); },
                          .changed = [this] { onChanged(); },
                          .resources = m_options.resources,
                          .mayBuild = [this] { return m_trusted; }});
    m_triggers = std::make_unique<TriggerSources>(
        m_loop, TriggerSources::Ports{
                    .sink = *m_dispatcher,
                    .changed = [this] { m_snapshots.markChanged(); },
                    .anchorOf = [this](const std::string &function,
                                       const ScheduleTrigger &schedule) { return anchorOf(function, schedule); }});
    m_load = std::make_unique<LoadControl>(
        m_loop,
        LoadControl::Ports{
            .request =
                [this](EventSink::Target target, Event event, Answer<InvocationPtr> done) {
                    m_dispatcher->request(std::move(target), std::move(event), std::move(done));
                },
            .hasFunction = [this](const std::string &function) { return m_deployment->functions().contains(function); },
            .queryInvocations = [this](InvocationQuery query,
                                       auto done) { queryInvocations(std::move(query), std::move(done)); },
            .changed = [this] { m_snapshots.markChanged(); }});
    m_snapshots.start({.dispatcher = *m_dispatcher,
                       .deployment = *m_deployment,
                       .triggers = *m_triggers,
                       .recorder = m_recorder,
                       .grantUses = m_grantUses,
                       .fillWorkspace = [this](WorkspaceView &view) { fillWorkspace(view); },
                       .fillEngine = [this](EngineLive &live) { fillEngine(live); },
                       .load = [this] { return m_load->latest(); }});
    startLauncher();
    watch();
    loadSecrets();
    openStores();
    findInterpreters(SearchOptions::Shims::Skip);
}

void EngineImpl::startLauncher()
{
    Launcher::Options options{.executable = m_options.launcher, .instance = fmt::format("{}", ::getpid())};
    auto launcher = Launcher::start(m_loop, std::move(options), [this](const TierReport &) {
        m_snapshots.markChanged();
        expectStarts();
        tellWhetherReady();
    });
    if (!launcher) {
        m_launcherProblem = launcher.error();
        return;
    }
    m_launcher = std::move(*launcher);
    m_builder = std::make_unique<Builder>(m_loop, *m_launcher);
    m_deployment->setBuilder(m_builder.get());
    m_codeAhead = std::make_unique<CodeAhead>(
        m_loop,
        CodeAhead::Ports{
            .builder = *m_builder,
            .resources = m_options.resources,
            .mayBuild = [this] { return m_trusted && m_lock && !m_stopping; },
            .interpreter = [this](const RuntimeChoice &choice) { return choose(choice, m_deployment->interpreters()); },
            .compiled = [this](const RevisionPtr &revision,
                               std::string code) { m_plans.setCode(revision, std::move(code)); },
            .told = [this](const RevisionPtr &revision,
                           std::vector<Problem> problems) { m_deployment->tell(revision, problems); }});
}

/// What is no shim is known in milliseconds, and nearly always enough. Shims are scripts of a second each: they are
/// waited for only when a function cannot do without, and not asked at all for a single command that can.
void EngineImpl::askShims()
{
    const bool needed = m_deployment->lacksInterpreter();
    if (m_shimsAsked || !m_deployment->settled() || (!needed && m_options.triggers == Engine::Triggers::Off))
        return;
    m_shimsAsked = true;
    m_shimsAwaited = needed;
    findInterpreters(SearchOptions::Shims::Ask);
}

void EngineImpl::findInterpreters(SearchOptions::Shims shims)
{
    struct Found
    {
        std::vector<Interpreter> interpreters;
        WorkerPlans::Bootstraps bootstraps;
    };
    auto found = std::make_shared<Found>();
    m_loop.offload(
        [this, found, shims] {
            SearchOptions options = SearchOptions::ofThisProcess(m_clock->wall());
            options.shims = shims;
            options.adapter = m_options.adapter;
            found->interpreters = kiln::findInterpreters(options);
            for (const Interpreter &interpreter : found->interpreters) {
                if (interpreter.usable())
                    found->bootstraps.emplace(interpreter.path,
                                              prepareBootstrap(interpreter, m_options.resources, options.cache));
            }
        },
        [this, found] {
            if (m_stopping)
                return;
            m_shimsAwaited = false;
            m_plans.setBootstraps(std::move(found->bootstraps));
            m_deployment->setInterpreters(std::move(found->interpreters));
        });
}

void EngineImpl::openStores()
{
    if (!m_lock) {
        m_storesOpen = true;
        m_events.setRefusal(m_lock.error());
        m_deployment->setRevisions(tl::make_unexpected(m_lock.error()));
        return;
    }
    struct Opened
    {
        std::optional<Result<std::unique_ptr<HistoryStore>>> history;
        std::optional<Result<std::unique_ptr<EventStore>>> events;
        std::optional<Result<std::unique_ptr<RevisionStore>>> revisions;
    };
    // Those that are not open yet: all at first, later what a full disk refused.
    auto opened = std::make_shared<Opened>();
    m_loop.offload(
        [this, opened, history = !m_history, events = !m_events.store(), revisions = !m_revisionsOpen] {
            const Result<fs::path> folder = stateFolder(m_options.workspace);
            const auto opening = [&](auto &store, bool wanted, auto open) {
                if (wanted && folder)
                    store.emplace(open(*folder));
                else if (wanted)
                    store.emplace(tl::make_unexpected(folder.error()));
            };
            opening(opened->revisions, revisions,
                    [](const fs::path &state) { return RevisionStore::open(state / "revisions"); });
            opening(opened->history, history,
                    [&](const fs::path &state) { return HistoryStore::open(state / "history.db", {}, *m_clock); });
            opening(opened->events, events, [&](const fs::path &state) {
                std::error_code ignored; // what is wrong shows when the store opens
                fs::create_directory(state / "data", ignored);
                return EventStore::open(state / "data" / "events.db", {}, *m_clock);
            });
        },
        [this, opened] {
            if (m_stopping)
                return;
            m_storeProblem.reset();
            if (opened->history)
                takeHistory(std::move(*opened->history));
            if (opened->events)
                takeEvents(std::move(*opened->events));
            if (opened->revisions) {
                m_revisionsOpen = opened->revisions->has_value();
                m_deployment->setRevisions(std::move(*opened->revisions));
            }
            if (!m_history || !m_events.store() || !m_revisionsOpen)
                m_loop.timers().after(reopenAfter, [this] { openStores(); });
            onStoresOpen();
        });
}

void EngineImpl::takeHistory(Result<std::unique_ptr<HistoryStore>> opened)
{
    if (!opened) {
        m_storeProblem = opened.error();
        return;
    }
    m_history = std::move(*opened);
    m_history->setDrained([this] {
        m_loop.post([this] {
            if (m_dispatcher)
                m_dispatcher->pumpAll();
        });
    });
    m_history->setProblemChanged([this] { m_loop.post([this] { m_snapshots.markChanged(); }); });
    // What ran before this is recorded nowhere else.
    for (auto &[key, known] : m_history->takeGrantUses()) {
        GrantTally &tally = m_grantUses[key];
        tally = {tally.seen + known.seen, tally.used + known.used, std::max(tally.last, known.last)};
    }
    seedMetrics();
}

void EngineImpl::takeEvents(Result<std::unique_ptr<EventStore>> opened)
{
    if (!opened) {
        m_storeProblem = opened.error();
        m_events.setRefusal(opened.error());
        return;
    }
    m_events.setStore(std::move(*opened));
    m_resumed = false; // perhaps it opened late, with triggers at work
}

void EngineImpl::onStoresOpen()
{
    m_storesOpen = true;
    onChanged();
}

void EngineImpl::seedMetrics()
{
    if (!m_history)
        return;
    m_history->figures(m_clock->wall() - seedFrom, seedRows, [this](Result<std::vector<InvocationFigures>> past) {
        if (past)
            m_loop.post([this, past = std::move(*past)]() mutable { m_recorder.seed(std::move(past)); });
    });
}

void EngineImpl::resumeEvents()
{
    if (!m_events.store())
        return;
    const Result<std::vector<PendingEvent>> pending = m_events.store()->pending();
    if (!pending) {
        m_storeProblem = pending.error();
        return;
    }
    for (const PendingEvent &event : *pending)
        m_dispatcher->resume(event);
}

void EngineImpl::watch()
{
    auto watcher = WorkspaceWatcher::open(m_loop, {.workspace = m_options.workspace},
                                          [this](const WorkspaceChange &change) { m_deployment->reload(change); });
    if (watcher)
        m_watcher = std::move(*watcher);
    else
        m_watchProblem = watcher.error();
}

std::optional<WallTime> EngineImpl::anchorOf(const std::string &function, const ScheduleTrigger &schedule)
{
    EventStore *store = m_events.store();
    if (!store)
        return std::nullopt;
    const std::string name = labelOf(schedule);
    if (const Result<std::optional<WallTime>> mark = store->lastMark(function, name); mark && *mark)
        return **mark;
    const WallTime now = m_clock->wall();
    store->mark(function, name, now);
    return now;
}

std::unique_ptr<Worker> EngineImpl::makeWorker(RevisionPtr revision, WorkerPool::Origin origin, Worker::Events events)
{
    const WorkerId id = ++m_lastWorker;
    Worker::Plan plan = m_plans.planFor(revision, id, m_clock->wall(), m_secrets);
    if (plan.mask)
        m_masks[revision->settings.name] = plan.mask;
    // The quickest there is: a copy with the function's module loaded, one of those that comes now, an interpreter that
    // waits, a copy of one.
    if (origin == WorkerPool::Origin::AnyProcess) {
        if (m_zygotes && !(plan.parked = m_zygotes->takeSpare(revision)))
            plan.zygote = m_zygotes->take(revision);
        if (m_parked && !plan.parked && plan.zygote == 0 && !(plan.parked = m_parked->take(plan.parkable)))
            plan.birth = m_parked->bear(plan.parkable);
    }
    if (!plan.policy.doors.empty())
        plan.doors = std::make_unique<EgressDoors>(m_egress.gate(plan.revision->settings.permissions));
    events.loaded = [this](const Worker &worker, std::chrono::nanoseconds init) { onLoaded(worker, init); };
    return std::make_unique<Worker>(m_loop, *m_launcher, m_handOff, id, std::move(plan), std::move(events));
}

/// What took long to load shall not be loaded again.
void EngineImpl::onLoaded(const Worker &worker, std::chrono::nanoseconds init)
{
    const RevisionPtr &revision = worker.revision();
    if (m_codeAhead)
        m_codeAhead->want(revision);
    if (!m_zygotes || worker.cameLoaded() || !m_zygotes->isWorthwhile(revision, init))
        return;
    if (const auto policy = m_plans.zygoteOf(revision))
        m_zygotes->loaded(revision, init, *policy, m_plans.planFor(revision, 0, m_clock->wall(), {}).init());
}

void EngineImpl::explain(const RevisionPtr &revision, std::vector<Access> accesses,
                         std::function<void(Explanation)> told)
{
    const FunctionSettings &settings = revision->settings;
    auto explanation = std::make_shared<Explanation>();
    explanation->used = grantsUsed(accesses, settings);
    const bool slow = looksAtFiles(accesses, settings);
    std::set<std::string> secrets;
    for (const auto &[name, value] : m_secrets)
        secrets.insert(name);
    auto work = [explanation, revision, accesses = std::move(accesses), secrets = std::move(secrets),
                 workspace = m_options.workspace] {
        explanation->denied = refusalsOf(accesses, revision->settings, {workspace, revision->settings.name}, secrets);
    };
    auto done = [explanation, told = std::move(told)] { told(std::move(*explanation)); };
    if (slow) {
        m_loop.offload(std::move(work), std::move(done));
    } else {
        work();
        done();
    }
}

/// What a revision that is now in force asks for more than those that ran before it.
void EngineImpl::noteGrants(const FunctionSettings &settings)
{
    std::vector<std::string> more = grantsNeverRun(settings, m_grantUses);
    // What was asked for is not forgotten because something has run with it meanwhile.
    const auto before = m_asksMore.find(settings.name);
    const std::vector<std::string> known = before == m_asksMore.end() ? std::vector<std::string>() : before->second;
    std::set<std::string> &given = m_givenHere[settings.name];
    if (m_setHere.erase(settings.name) > 0)
        for (const Grant &grant : grantsOf(settings))
            given.insert(toText(grant));
    std::vector<std::string> told;
    for (const Grant &grant : grantsOf(settings)) {
        const std::string text = toText(grant);
        const auto in = [&](const auto &list) { return std::find(list.begin(), list.end(), text) != list.end(); };
        if ((in(more) || in(known)) && !given.contains(text))
            told.push_back(text);
    }
    m_asksMore[settings.name] = std::move(told);
}

void EngineImpl::record(const InvocationPtr &made)
{
    const InvocationPtr invocation = masked(made);
    if (m_history)
        m_history->record(invocation);
    m_recorder.record(*invocation);
    addUses(m_grantUses, *invocation);
    m_snapshots.take(invocation);
    retireStale(*invocation);
}

void EngineImpl::onChanged()
{
    m_snapshots.markWorkspaceChanged();
    m_dispatcher->setBudget(m_deployment->scaling().workers);
    askShims();
    expectStarts();
    tellWhetherReady();
}

/// What is saved while this engine runs is compiled ahead at once; of all that is there when it opens only what is
/// used, so that a workspace of a hundred functions opens as quickly as one of three.
void EngineImpl::onRevisionReady(const RevisionPtr &revision)
{
    noteGrants(revision->settings);
    if (!m_codeAhead)
        return;
    m_codeAhead->forget(revision);
    if (m_wasReady)
        m_codeAhead->want(revision);
}

void EngineImpl::expectStarts()
{
    const Tier tier = tierOf(m_launcher.get());
    if (m_options.parkedMemory.count == 0 || !m_lock || m_stopping || (tier != Tier::Full && tier != Tier::SoftMemory))
        return;
    if (!m_parked)
        m_parked = std::make_unique<ParkedPool>(m_loop, *m_launcher, m_handOff, m_options.parkedMemory,
                                                [this] { m_snapshots.markChanged(); });
    if (!m_zygotes && tier == Tier::Full)
        m_zygotes = std::make_unique<FunctionZygotes>(m_loop, *m_launcher, m_handOff, m_options.parkedMemory,
                                                      [this] { m_snapshots.markChanged(); });
    std::vector<RevisionPtr> current;
    for (const auto &[name, function] : m_deployment->functions())
        if (const FunctionQueue *queue = m_dispatcher->find(name); queue && queue->revision())
            current.push_back(queue->revision());
    m_parked->expect(m_plans.parkable(current));
    if (m_zygotes)
        m_zygotes->expect(current);
}

bool EngineImpl::mayTrigger() const
{
    return m_options.triggers == Engine::Triggers::On && m_trusted && m_lock && m_launcher && !m_stopping;
}

bool EngineImpl::mayProvision() const { return mayTrigger() && m_launcher->tier(); }

void EngineImpl::applyTriggers()
{
    if (!mayTrigger())
        return;
    m_dispatcher->pumpAll(); // those that are kept ready
    // Before new ones can come: an event that is on its way already would be taken for one of an earlier life.
    if (!std::exchange(m_resumed, true))
        resumeEvents();
    m_triggers->apply(m_deployment->functions(), m_options.listen.value_or(m_deployment->listenAddress()));
}

bool EngineImpl::isReady() const
{
    const bool tierKnown = m_launcherProblem || (m_launcher && m_launcher->tier());
    return tierKnown && m_storesOpen && m_secretsRead && m_deployment->settled() && !m_shimsAwaited;
}

void EngineImpl::tellWhetherReady()
{
    if (!isReady() || m_stopping)
        return;
    m_wasReady = true;
    applyTriggers();
    m_snapshots.publishNow(); // who waited sees what it waited for
    for (const auto &waiting : std::exchange(m_whenReady, {}))
        waiting();
}

void EngineImpl::fillWorkspace(WorkspaceView &view) const
{
    view.folder = m_options.workspace;
    view.trusted = m_trusted;
    view.readOnly = !m_lock;
    if (!m_lock)
        view.readOnlyReason = m_lock.error().text();
    for (const auto &[name, value] : m_secrets)
        view.secrets.push_back(name);
    for (FunctionView &function : view.functions) {
        if (const auto more = m_asksMore.find(function.name); more != m_asksMore.end())
            function.asksMore = more->second;
        for (const std::string &name : function.settings.secrets) {
            const std::string why = m_secretsProblem ? m_secretsProblem->text()
                                                     : "the secret " + name + " has no value: kiln secret set " + name;
            if (!m_secrets.contains(name))
                function.problems.push_back({.severity = Problem::Severity::Warning,
                                             .file = "functions/" + function.name + "/function.yaml",
                                             .key = "secrets",
                                             .message = why});
        }
    }
    const std::string watchProblem = m_watchProblem ? m_watchProblem->text()
                                     : m_watcher    ? m_watcher->problem()
                                                    : std::string();
    if (!watchProblem.empty())
        view.problems.push_back(
            {.severity = Problem::Severity::Warning, .file = "kiln.yaml", .key = {}, .message = watchProblem});
}

void EngineImpl::fillEngine(EngineLive &live) const
{
    if (m_stopping)
        live.state = EngineLive::State::Stopping;
    if (m_launcher && m_launcher->tier()) {
        live.tier = m_launcher->tier()->tier;
        live.tierEvidence = m_launcher->tier()->evidence;
        if (!m_launcher->tier()->missing.empty())
            live.tierEvidence.push_back("missing: " + m_launcher->tier()->missing);
    } else if (m_launcherProblem) {
        live.tier = Tier::None;
        live.tierEvidence = {m_launcherProblem->text()};
    }
    if (m_parked)
        live.parked = {m_parked->waiting(), m_parked->memory(), m_parked->budget()};
    if (m_zygotes)
        live.zygotes = m_zygotes->views();
    if (m_history) {
        const HistoryStore::Stats stats = m_history->stats();
        live.historyInvocations = stats.invocations;
        live.historySize = stats.size;
        live.storeProblem = m_history->problem().empty() ? m_history->warning() : m_history->problem();
    }
    if (m_storeProblem)
        live.storeProblem = m_storeProblem->text();
    else if (live.storeProblem.empty() && m_events.store())
        live.storeProblem =
            m_events.store()->problem().empty() ? m_events.store()->warning() : m_events.store()->problem();
}

void EngineImpl::stopInside()
{
    m_stopping = true;
    m_codeAhead.reset();
    m_watcher.reset();
    m_zygotes.reset();
    m_parked.reset();
    if (m_load)
        m_load->abort();
    if (m_triggers)
        m_triggers->stop();
    if (m_dispatcher)
        m_dispatcher->stop();
    // Workers end at once when killed; what takes longer is ended with the launcher.
    tearDownOnceIdle(m_loop.clock().now() + patienceAtEnd);
}

void EngineImpl::tearDownOnceIdle(Instant giveUp)
{
    if (!m_dispatcher || m_dispatcher->idle() || m_loop.clock().now() >= giveUp)
        tearDown();
    else
        m_loop.timers().after(2ms, [this, giveUp] { tearDownOnceIdle(giveUp); });
}

void EngineImpl::tearDown()
{
    for (const auto &waiting : std::exchange(m_whenReady, {}))
        waiting();
    m_snapshots.stop();
    m_triggers.reset();
    m_load.reset();
    m_deployment.reset();
    m_builder.reset();
    m_dispatcher.reset();
    m_launcher.reset();
    m_history.reset(); // writes what is waiting
    m_events.setStore(nullptr);
    m_loop.stop();
}

} // namespace kiln
