// SPDX-License-Identifier: GPL-3.0-or-later
// Which rows the explorer shows, and what they say.
#include "ui/models/explorer_node.h"
#include "ui/theme/format.h"

namespace kiln::ui {

namespace {

/// More files than this are put under a row of their own, so that triggers of the next function stay in sight.
constexpr std::size_t fewFiles = 6;

QString q(const std::string &text) { return QString::fromStdString(text); }

ExplorerRow problemRow(const Problem &problem, const QString &function, std::size_t number)
{
    ExplorerRow row;
    row.key = QStringLiteral("p%1").arg(number);
    row.kind = ExplorerModel::Kind::Problem;
    row.text = problem.key.empty() ? q(problem.message) : q(problem.key + ": " + problem.message);
    row.function = function;
    row.icon = problem.severity == Problem::Severity::Error ? QStringLiteral("error") : QStringLiteral("warning");
    row.file = q(problem.file);
    row.line = problem.line;
    row.toolTip = q(problem.text());
    return row;
}

ExplorerRow sectionRow(const QString &name, const QString &text)
{
    ExplorerRow row;
    row.key = name;
    row.section = name;
    row.text = text;
    return row;
}

ExplorerRow hintRow(const QString &text)
{
    ExplorerRow row;
    row.key = QStringLiteral("hint");
    row.kind = ExplorerModel::Kind::Hint;
    row.text = text;
    return row;
}

} // namespace

std::vector<ExplorerModel::Wanted> ExplorerModel::wantedRows() const
{
    const WorkspaceView &workspace = *m_snapshot->workspace;
    std::vector<Wanted> rows;
    if (!workspace.problems.empty()) {
        Wanted problems{sectionRow(QStringLiteral("problems"), tr("Problems")), {}};
        for (std::size_t i = 0; i < workspace.problems.size(); ++i)
            problems.children.push_back({problemRow(workspace.problems[i], {}, i), {}});
        rows.push_back(std::move(problems));
    }

    Wanted functions{sectionRow(QStringLiteral("functions"), tr("Functions")), {}};
    Wanted events{sectionRow(QStringLiteral("events"), tr("Test events")), {}};
    for (std::size_t i = 0; i < workspace.functions.size(); ++i) {
        const FunctionView &function = workspace.functions[i];
        Wanted want = wantedFunction(function);
        want.row.view = i;
        for (Wanted &child : want.children)
            child.row.view = i;
        functions.children.push_back(std::move(want));
        for (const std::string &name : function.testEvents) {
            ExplorerRow row;
            row.key = q(function.name + "/" + name);
            row.kind = Kind::TestEvent;
            row.text = q(name);
            row.function = q(function.name);
            row.icon = QStringLiteral("event");
            row.file = QStringLiteral("events/") + q(name);
            row.view = i;
            row.toolTip = tr("Test event of %1").arg(row.function);
            events.children.push_back({std::move(row), {}});
        }
    }
    if (functions.children.empty())
        functions.children.push_back({hintRow(tr("No function yet. + makes one from a template.")), {}});
    if (events.children.empty())
        events.children.push_back({hintRow(tr("No test event yet. + makes one for the selected function.")), {}});
    rows.push_back(std::move(functions));
    rows.push_back(std::move(events));
    return rows;
}

ExplorerModel::Wanted ExplorerModel::wantedFunction(const FunctionView &function) const
{
    Wanted want;
    want.row.key = q(function.name);
    want.row.kind = Kind::Function;
    want.row.text = want.row.function = q(function.name);
    want.row.tag = q(std::string(factsOf(function.settings.runtime.language).tag));

    for (std::size_t i = 0; i < function.problems.size(); ++i)
        want.children.push_back({problemRow(function.problems[i], want.row.function, i), {}});

    for (std::size_t i = 0; i < function.settings.triggers.size(); ++i) {
        const Trigger &trigger = function.settings.triggers[i];
        ExplorerRow row;
        row.key = QStringLiteral("t%1").arg(i);
        row.kind = Kind::Trigger;
        row.text = q(labelOf(trigger));
        row.function = want.row.function;
        row.icon = QString::fromUtf8(kindOf(trigger).data(), int(kindOf(trigger).size()));
        row.trigger = int(i);
        want.children.push_back({std::move(row), {}});
    }

    std::vector<Wanted> files;
    for (const std::string &name : function.files) {
        ExplorerRow row;
        row.key = QStringLiteral("f") + q(name);
        row.kind = Kind::File;
        row.text = row.file = q(name);
        row.function = want.row.function;
        row.icon = QStringLiteral("file");
        row.toolTip = q((function.folder / name).string());
        files.push_back({std::move(row), {}});
    }
    if (files.size() <= fewFiles) {
        std::move(files.begin(), files.end(), std::back_inserter(want.children));
    } else {
        Wanted folder;
        folder.row.key = QStringLiteral("files");
        folder.row.kind = Kind::Folder;
        folder.row.text = tr("%n files", nullptr, int(files.size()));
        folder.row.function = want.row.function;
        folder.row.icon = QStringLiteral("folder");
        folder.children = std::move(files);
        want.children.push_back(std::move(folder));
    }
    return want;
}

const FunctionLive *ExplorerModel::liveOf(const Node &node) const
{
    const bool known = m_snapshot && node.view < m_snapshot->functions.size() && !node.function.isEmpty();
    return known ? &m_snapshot->functions[node.view] : nullptr;
}

const FunctionView *ExplorerModel::viewOf(const Node &node) const
{
    const bool known = m_snapshot && node.view < m_snapshot->workspace->functions.size() && !node.function.isEmpty();
    return known ? &m_snapshot->workspace->functions[node.view] : nullptr;
}

ExplorerModel::State ExplorerModel::stateOf(const Node &node) const
{
    if (node.kind != Kind::Function)
        return State::None;
    const FunctionView *view = viewOf(node);
    if (!view)
        return State::None;
    if (view->state == FunctionView::State::Invalid)
        return State::Invalid;
    if (view->state == FunctionView::State::Preparing)
        return State::Preparing;
    if (view->state == FunctionView::State::Building)
        return State::Building;
    const FunctionLive *live = liveOf(node);
    if (live && live->lastError)
        return State::Failed;
    return live && live->warm + live->busy + live->starting > 0 ? State::Active : State::Idle;
}

QString ExplorerModel::detailOf(const Node &node) const
{
    if (node.kind == Kind::TestEvent)
        return node.function;
    const FunctionLive *live = liveOf(node);
    if (!live)
        return {};
    if (node.kind == Kind::Function && stateOf(node) == State::Building)
        return tr("building…");
    if (node.kind == Kind::Function)
        return live->rate > 0 ? rateText(live->rate) : QString();
    if (node.kind != Kind::Trigger || std::size_t(node.trigger) >= live->triggers.size())
        return {};
    const TriggerLive &trigger = live->triggers[std::size_t(node.trigger)];
    if (!trigger.problem.empty())
        return tr("not working");
    if (!m_snapshot->workspace->trusted)
        return tr("off");
    if (trigger.nextRun)
        return untilText(*trigger.nextRun, m_snapshot->time);
    return trigger.rate > 0 ? rateText(trigger.rate) : QString();
}

QString ExplorerModel::toolTipOf(const Node &node) const
{
    const FunctionLive *live = liveOf(node);
    if (node.kind == Kind::Trigger && live && std::size_t(node.trigger) < live->triggers.size()) {
        const TriggerLive &trigger = live->triggers[std::size_t(node.trigger)];
        if (!trigger.problem.empty())
            return q(trigger.problem);
        if (trigger.nextRun)
            return tr("Next run: %1").arg(dateTimeText(*trigger.nextRun));
    }
    if (node.kind != Kind::Function)
        return node.toolTip;
    switch (stateOf(node)) {
    case State::Invalid: return tr("Its files have errors; see the lines below it");
    case State::Preparing: return tr("A revision is being made from what is on disk");
    case State::Building: return tr("Its code is being compiled; the last good revision goes on running");
    case State::Failed: return tr("Its last invocation failed: %1").arg(outcomeText(live->lastError->outcome));
    case State::Active:
        return tr("Ready: %1 warm, %2 busy, %3 starting").arg(live->warm).arg(live->busy).arg(live->starting);
    case State::Idle: return tr("Ready; no worker, so its next event starts one");
    case State::None: break;
    }
    return {};
}

QString ExplorerModel::spokenOf(const Node &node) const
{
    QStringList parts{node.text};
    if (node.kind == Kind::Function)
        parts << toolTipOf(node);
    if (const QString detail = detailOf(node); !detail.isEmpty())
        parts << detail;
    return parts.join(QStringLiteral(", "));
}

} // namespace kiln::ui
