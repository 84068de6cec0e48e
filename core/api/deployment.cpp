// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/deployment.h"

#include "core/runtime/runtimes.h"
#include "core/trigger/schedule.h"

#include <algorithm>

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
        m_making.erase(view->first);
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
        m_making.erase(files.name);
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
    if (remake || settingsChanged || view.state == FunctionView::State::Invalid)
        make(view.settings);
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
    const std::uint64_t making = m_making[settings.name] = ++m_lastMaking;
    auto made = std::make_shared<Result<RevisionPtr>>(RevisionPtr());
    m_loop.offload([made, settings, store = m_revisions, folder = view.folder,
                    now = m_loop.clock().wall()] { *made = store->make(settings, folder, now); },
                   [this, made, making, function = settings.name, alive = std::weak_ptr<int>(m_alive)] {
                       if (!alive.expired())
                           onMade(function, making, std::move(*made));
                   });
}

void Deployment::onMade(const std::string &function, std::uint64_t making, Result<RevisionPtr> revision)
{
    const auto latest = m_making.find(function);
    if (latest == m_making.end() || latest->second != making)
        return; // a later save has taken over
    m_making.erase(latest);
    FunctionView &view = m_views.at(function);
    const auto problem = [&](const Error &error) {
        return Problem{
            .severity = Problem::Severity::Error, .file = "functions/" + function, .key = {}, .message = error.text()};
    };
    if (!revision) {
        refuse(view, problem(revision.error()));
    } else if (const Result<> prepared = m_ports.plans.prepare(*revision, m_interpreters); !prepared) {
        refuse(view, {.severity = Problem::Severity::Error,
                      .file = "functions/" + function + "/function.yaml",
                      .key = "runtime",
                      .message = prepared.error().text()});
    } else {
        view.state = FunctionView::State::Ready;
        view.revision = *revision;
        m_ports.dispatcher.setRevision(*revision);
        m_ports.plans.forgetUnused();
    }
    m_ports.changed();
}

void Deployment::refuse(FunctionView &view, Problem problem)
{
    view.state = FunctionView::State::Invalid;
    m_ports.dispatcher.setUnavailable(
        view.name,
        {Error::Code::InvalidArgument, "The function cannot be made ready: " + problem.message, view.name, {}, 0});
    view.problems.push_back(std::move(problem));
}

bool Deployment::settled() const { return m_readOnce && !m_reading && m_wanted.empty() && m_making.empty(); }

bool Deployment::lacksInterpreter() const
{
    return std::any_of(m_files.functions.begin(), m_files.functions.end(), [&](const FunctionFiles &files) {
        return files.settings && !choose(files.settings->runtime, m_interpreters);
    });
}

std::string Deployment::listenAddress() const { return (m_files.kiln ? *m_files.kiln : KilnSettings{}).listen; }

std::vector<FunctionView> Deployment::views() const
{
    std::vector<FunctionView> views;
    views.reserve(m_views.size());
    for (const auto &[name, view] : m_views)
        views.push_back(view);
    return views;
}

} // namespace kiln
