// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/deployment.h"

#include "core/runtime/runtimes.h"
#include "core/trigger/schedule.h"

#include <algorithm>
#include <iterator>

namespace kiln {

Deployment::Deployment(Loop &loop, std::filesystem::path workspace, Ports ports)
    : m_loop(loop)
    , m_workspace(std::move(workspace))
    , m_ports(std::move(ports))
    , m_unnamed(m_workspace.filename().string())
{}

Deployment::~Deployment() = default;

void Deployment::setInterpreters(std::vector<Interpreter> interpreters)
{
    m_interpreters = std::move(interpreters);
    m_interpretersKnown = true;
    // A function for which another one is now the best, or which had none, is made ready anew.
    for (const auto &[name, view] : m_views) {
        const Result<Interpreter> best = choose(view.settings.runtime, m_interpreters);
        const bool same = best && view.interpreter && best->path == view.interpreter->path;
        if (!same && (best || view.interpreter))
            m_wanted.functions.insert(name);
    }
    m_ports.changed();
    begin();
}

void Deployment::setRevisions(Result<std::unique_ptr<RevisionStore>> revisions)
{
    if (revisions) {
        m_revisions = std::move(*revisions);
        if (std::exchange(m_noRevisions, std::nullopt)) { // opened after all: what was refused is made now
            for (const auto &[name, view] : m_views)
                m_wanted.functions.insert(name);
        }
    } else {
        m_noRevisions = revisions.error();
    }
    begin();
}

void Deployment::reload(const WorkspaceChange &change)
{
    m_wanted.workspace = m_wanted.workspace || change.workspace;
    m_wanted.functions.insert(change.functions.begin(), change.functions.end());
    begin();
}

void Deployment::tell(const RevisionPtr &revision, const std::vector<Problem> &problems)
{
    const std::string &function = revision->settings.name;
    const auto view = m_views.find(function);
    if (problems.empty() || view == m_views.end() || view->second.revision != revision || m_making.contains(function))
        return;
    m_said[function] = problems;
    view->second.problems.insert(view->second.problems.end(), problems.begin(), problems.end());
    m_ports.changed();
}

void Deployment::buildWhatWaits()
{
    for (const auto &[name, view] : m_views)
        if (view.state == FunctionView::State::Invalid && isCompiled(view.settings.runtime.language))
            m_wanted.functions.insert(name);
    begin();
}

void Deployment::begin()
{
    const bool revisionsKnown = m_revisions || m_noRevisions;
    if (m_reading || m_wanted.empty() || !m_interpretersKnown || !revisionsKnown)
        return;
    m_reading = true;
    auto files = std::make_shared<Result<WorkspaceFiles>>(fail(Error::Code::Io, "not read yet"));
    m_loop.offload([files, workspace = m_workspace] { *files = readWorkspace(workspace, validateSchedule); },
                   [this, files, change = std::exchange(m_wanted, {}), alive = std::weak_ptr<int>(m_alive)] {
                       if (!alive.expired())
                           onRead(std::move(*files), change);
                   });
}

void Deployment::onRead(Result<WorkspaceFiles> files, const WorkspaceChange &change)
{
    m_reading = false;
    if (files) {
        m_files = std::move(*files);
    } else {
        // The last good reading stays in force.
        m_files.problems = {
            {.severity = Problem::Severity::Error, .file = "kiln.yaml", .key = {}, .message = files.error().text()}};
    }
    const bool first = !std::exchange(m_readOnce, true);

    std::set<std::string> there;
    for (const FunctionFiles &function : m_files.functions) {
        there.insert(function.name);
        take(function, first || change.functions.contains(function.name) || !m_views.contains(function.name));
    }
    for (auto view = m_views.begin(); view != m_views.end();) {
        if (there.contains(view->first)) {
            ++view;
            continue;
        }
        m_ports.dispatcher.removeFunction(view->first);
        forgetMaking(view->first);
        view = m_views.erase(view);
    }
    m_ports.changed();
    begin(); // what changed meanwhile
}

void Deployment::take(const FunctionFiles &files, bool remake)
{
    FunctionView &view = m_views[files.name];
    const bool settingsChanged = files.settings && (!view.revision || *files.settings != view.settings);
    view.name = files.name;
    view.folder = files.folder;
    view.problems = files.problems;
    view.files = files.files;
    view.testEvents = files.testEvents;
    m_ports.dispatcher.expect(files.name);

    if (!files.settings) {
        forgetMaking(files.name);
        view.state = FunctionView::State::Invalid;
        const std::string why = files.problems.empty() ? "its settings cannot be read" : files.problems.front().text();
        m_ports.dispatcher.setUnavailable(files.name,
                                          {Error::Code::InvalidArgument, "The function has errors: " + why, files.name,
                                           "mend the file; the function is ready again when it is saved", 0});
        return;
    }
    view.settings = *files.settings;
    const Result<Interpreter> interpreter = choose(view.settings.runtime, m_interpreters);
    view.interpreter.reset();
    if (interpreter)
        view.interpreter = *interpreter;
    const auto said = m_said.find(files.name);
    const bool compiledInVain = said != m_said.end() && view.state == FunctionView::State::Invalid;
    if (remake || settingsChanged || (view.state == FunctionView::State::Invalid && !compiledInVain))
        make(view.settings);
    else if (said != m_said.end()) // the same code: the compiler would say the same again
        view.problems.insert(view.problems.end(), said->second.begin(), said->second.end());
}

void Deployment::forgetMaking(const std::string &function)
{
    m_making.erase(function);
    m_said.erase(function);
    if (m_builder)
        m_builder->cancel(function);
}

void Deployment::make(const FunctionSettings &settings)
{
    FunctionView &view = m_views.at(settings.name);
    if (m_noRevisions) {
        refuse(view, {.severity = Problem::Severity::Error,
                      .file = "functions/" + settings.name,
                      .key = {},
                      .message = m_noRevisions->text()});
        return;
    }
    view.state = FunctionView::State::Preparing;
    forgetMaking(settings.name);
    const std::uint64_t making = ++m_lastMaking;
    m_making[settings.name] = {making};
    auto made = std::make_shared<Result<RevisionPtr>>(RevisionPtr());
    m_loop.offload([made, settings, store = m_revisions, folder = view.folder,
                    now = m_loop.clock().wall()] { *made = store->make(settings, folder, now); },
                   [this, made, making, function = settings.name, alive = std::weak_ptr<int>(m_alive)] {
                       if (!alive.expired())
                           onMade(function, making, std::move(*made));
                   });
}

FunctionView *Deployment::current(const std::string &function, std::uint64_t making)
{
    const auto latest = m_making.find(function);
    return latest == m_making.end() || latest->second.number != making ? nullptr : &m_views.at(function);
}

void Deployment::endMaking(const std::string &function)
{
    m_making.erase(function);
    m_ports.changed();
}

void Deployment::onMade(const std::string &function, std::uint64_t making, Result<RevisionPtr> revision)
{
    FunctionView *view = current(function, making);
    if (!view)
        return;
    if (revision && isCompiled((*revision)->settings.runtime.language)) {
        planBuild(*revision, making);
    } else if (revision) {
        publish(*revision, making);
    } else {
        refuse(*view, {.severity = Problem::Severity::Error,
                       .file = "functions/" + function,
                       .key = {},
                       .message = revision.error().text()});
        endMaking(function);
    }
}

/// What is known before a compiler starts.
struct Deployment::BuildStart
{
    Result<BuildPlan> plan = fail(Error::Code::Io, "not planned yet");
    std::optional<std::filesystem::path> built; ///< It was built before.
};

void Deployment::planBuild(const RevisionPtr &revision, std::uint64_t making)
{
    const RuntimeChoice &runtime = revision->settings.runtime;
    const Result<Interpreter> interpreter = choose(runtime, m_interpreters);
    const Result<Interpreter> compiler = chooseCompiler(runtime, m_interpreters);
    if (!interpreter || !compiler) {
        publish(revision, making); // which says what is missing
        return;
    }
    auto start = std::make_shared<BuildStart>();
    m_loop.offload(
        [start, revision, store = m_revisions, compiler = *compiler, interpreter = *interpreter,
         resources = m_ports.resources] {
            start->plan = kiln::planBuild(*revision, compiler, interpreter, resources);
            if (start->plan)
                start->built = store->built(*revision, start->plan->key);
        },
        [this, start, revision, making, alive = std::weak_ptr<int>(m_alive)] {
            if (!alive.expired())
                startBuild(revision, making, std::move(*start));
        });
}

void Deployment::startBuild(const RevisionPtr &revision, std::uint64_t making, BuildStart start)
{
    const std::string &function = revision->settings.name;
    FunctionView *view = current(function, making);
    if (!view)
        return;
    if (start.built) {
        publish(std::make_shared<const Revision>(
                    Revision{revision->hash, revision->settings, std::move(*start.built), revision->created}),
                making);
        return;
    }
    const auto cannot = [&](const std::string &why) {
        refuse(*view, {.severity = Problem::Severity::Error,
                       .file = "functions/" + function,
                       .key = {},
                       .message = "cannot be built: " + why});
        endMaking(function);
    };
    if (!start.plan)
        return cannot(start.plan.error().text());
    if (!m_builder)
        return cannot("there is no sandbox to compile in");
    if (!m_ports.mayBuild())
        return cannot("this workspace comes from elsewhere and is not trusted, so nothing of it is compiled");
    view->state = FunctionView::State::Building;
    m_making[function].building = true;
    m_ports.changed();
    m_builder->build(*start.plan, [this, revision, making, plan = *start.plan](Result<BuildOutcome> outcome) {
        onBuilt(revision, making, plan, std::move(outcome));
    });
}

void Deployment::onBuilt(const RevisionPtr &revision, std::uint64_t making, const BuildPlan &plan,
                         Result<BuildOutcome> outcome)
{
    const std::string &function = revision->settings.name;
    FunctionView *view = current(function, making);
    if (!view)
        return;
    if (!outcome) {
        refuse(*view, {.severity = Problem::Severity::Error,
                       .file = "functions/" + function,
                       .key = {},
                       .message = "cannot be built: " + outcome.error().text()});
        endMaking(function);
        return;
    }
    if (!outcome->problems.empty())
        m_said[function] = outcome->problems;
    if (outcome->products.empty()) {
        refuse(*view, std::move(outcome->problems));
        endMaking(function);
        return;
    }
    view->problems.insert(view->problems.end(), outcome->problems.begin(), outcome->problems.end()); // warnings
    std::vector<BuiltFile> files;
    for (std::size_t i = 0; i < outcome->products.size(); ++i)
        files.push_back({plan.products[i], std::move(outcome->products[i])});
    auto built = std::make_shared<Result<RevisionPtr>>(RevisionPtr());
    m_loop.offload(
        [built, revision, store = m_revisions, key = plan.key, files = std::move(files)] {
            const Result<std::filesystem::path> code = store->addBuilt(*revision, key, files);
            if (code)
                *built = std::make_shared<const Revision>(
                    Revision{revision->hash, revision->settings, *code, revision->created});
            else
                *built = tl::make_unexpected(code.error());
        },
        [this, built, making, function, alive = std::weak_ptr<int>(m_alive)] {
            FunctionView *of = alive.expired() ? nullptr : current(function, making);
            if (of && *built) {
                publish(**built, making);
            } else if (of) {
                refuse(*of, {.severity = Problem::Severity::Error,
                             .file = "functions/" + function,
                             .key = {},
                             .message = built->error().text()});
                endMaking(function);
            }
        });
}

void Deployment::publish(const RevisionPtr &revision, std::uint64_t making)
{
    const std::string function = revision->settings.name;
    FunctionView *view = current(function, making);
    if (!view)
        return;
    if (const Result<> prepared = m_ports.plans.prepare(revision, m_interpreters); !prepared) {
        refuse(*view, {.severity = Problem::Severity::Error,
                       .file = "functions/" + function + "/function.yaml",
                       .key = "runtime",
                       .message = prepared.error().text()});
    } else {
        view->state = FunctionView::State::Ready;
        view->revision = revision;
        m_ports.ready(revision);
        m_ports.dispatcher.setRevision(revision);
        m_ports.plans.forgetUnused();
    }
    endMaking(function);
}

void Deployment::refuse(FunctionView &view, Problem problem) { refuse(view, std::vector<Problem>{std::move(problem)}); }

void Deployment::refuse(FunctionView &view, std::vector<Problem> problems)
{
    view.state = FunctionView::State::Invalid;
    const auto error = std::find_if(problems.begin(), problems.end(),
                                    [](const Problem &p) { return p.severity == Problem::Severity::Error; });
    const std::string why = error->line > 0 ? error->text() : error->message;
    m_ports.dispatcher.setUnavailable(
        view.name, {Error::Code::InvalidArgument, "The function cannot be made ready: " + why, view.name, {}, 0});
    view.problems.insert(view.problems.end(), std::move_iterator(problems.begin()), std::move_iterator(problems.end()));
}

bool Deployment::settled() const
{
    return m_readOnce && !m_reading && m_wanted.empty() &&
           std::all_of(m_making.begin(), m_making.end(), [](const auto &each) { return each.second.building; });
}

bool Deployment::lacksInterpreter() const
{
    return std::any_of(m_files.functions.begin(), m_files.functions.end(), [&](const FunctionFiles &files) {
        return files.settings && !choose(files.settings->runtime, m_interpreters);
    });
}

std::string Deployment::listenAddress() const { return (m_files.kiln ? *m_files.kiln : KilnSettings{}).listen; }

WorkspaceScaling Deployment::scaling() const { return (m_files.kiln ? *m_files.kiln : KilnSettings{}).scaling; }

std::vector<FunctionView> Deployment::views() const
{
    std::vector<FunctionView> views;
    views.reserve(m_views.size());
    for (const auto &[name, view] : m_views)
        views.push_back(view);
    return views;
}

} // namespace kiln
