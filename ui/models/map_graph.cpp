// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/map_graph.h"

#include "ui/theme/format.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace kiln::ui {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("MapGraph", text); }

QString joined(const QStringList &parts) { return parts.join(QStringLiteral(" · ")); }

QString firstLine(const std::string &text)
{
    return QString::fromStdString(text.substr(0, std::min<std::size_t>(text.find('\n'), 300)));
}

QString errorText(const Invocation &failed)
{
    if (!failed.error)
        return outcomeText(failed.outcome);
    return failed.error.message.empty() ? QString::fromStdString(failed.error.type)
                                        : QStringLiteral("%1: %2").arg(QString::fromStdString(failed.error.type),
                                                                       firstLine(failed.error.message));
}

MapNode::State stateOf(const FunctionView &view, const FunctionLive &live)
{
    switch (view.state) {
    case FunctionView::State::Preparing:
    case FunctionView::State::Building: return MapNode::State::Preparing;
    case FunctionView::State::Invalid: return MapNode::State::Invalid;
    case FunctionView::State::Ready: break;
    }
    return live.lastError ? MapNode::State::Failed : live.last ? MapNode::State::Ok : MapNode::State::Idle;
}

QString problemOf(const FunctionView &view, const FunctionLive &live)
{
    for (const Problem &problem : view.problems) {
        if (problem.severity == Problem::Severity::Error)
            return problem.line > 0 ? tr("line %1: %2").arg(problem.line).arg(firstLine(problem.message))
                                    : firstLine(problem.message);
    }
    return live.lastError ? errorText(*live.lastError) : QString();
}

QString workersText(const FunctionLive &live)
{
    QStringList parts{tr("%1 warm").arg(live.warm)};
    if (live.busy > 0)
        parts << tr("%1 busy").arg(live.busy);
    if (live.starting > 0)
        parts << tr("%1 starting").arg(live.starting);
    return parts.join(QLatin1Char(' '));
}

MapNode functionNode(const FunctionView &view, const FunctionLive &live)
{
    MapNode node;
    node.id = mapIdOf(view.name);
    node.kind = MapNode::Kind::Function;
    node.state = stateOf(view, live);
    node.title = node.function = QString::fromStdString(view.name);
    QStringList detail{QString::fromStdString(std::string(factsOf(view.settings.runtime.language).tag)).toLower(),
                       workersText(live)};
    if (view.state == FunctionView::State::Building)
        detail << tr("building…");
    if (live.queued > 0)
        detail << tr("%1 waiting").arg(countText(live.queued));
    if (live.p99 > 0)
        detail << tr("p99 %1").arg(millisecondsText(live.p99));
    node.detail = joined(detail);
    node.problem = problemOf(view, live);
    node.hasSpark = live.last != nullptr;
    node.spark = live.spark;
    if (live.p50 > 0)
        node.note = tr("%1 % cold").arg(QLocale().toString(live.coldShare * 100, 'f', live.coldShare < 0.0995 ? 1 : 0));
    else if (!live.last && node.state == MapNode::State::Idle)
        node.note = tr("not used yet");
    return node;
}

MapNode triggerNode(const Snapshot &snapshot, const FunctionView &view, const FunctionLive &live, std::size_t index)
{
    const Trigger &trigger = view.settings.triggers[index];
    const TriggerLive now = index < live.triggers.size() ? live.triggers[index] : TriggerLive{};
    const std::string kind(kindOf(trigger));
    MapNode node;
    node.id = mapIdOf(view.name, index);
    node.kind = MapNode::Kind::Trigger;
    node.icon = QString::fromStdString(kind);
    node.title = QString::fromStdString(labelOf(trigger));
    node.function = QString::fromStdString(view.name);
    node.trigger = int(index);
    node.problem = QString::fromStdString(now.problem);

    QStringList detail{kind == "schedule" ? tr("schedule") : kind == "url" ? tr("function URL") : tr("HTTP")};
    if (!snapshot.workspace->trusted)
        detail << tr("off: not trusted");
    else if (now.nextRun)
        detail << tr("next %1").arg(untilText(*now.nextRun, snapshot.time));
    else if (now.rate > 0)
        detail << rateText(now.rate);
    if (live.last && live.last->triggerKind == kind)
        detail << tr("last %1").arg(outcomeText(live.last->outcome));
    else if (detail.size() == 1)
        detail << tr("nothing yet");
    node.detail = joined(detail);
    return node;
}

MapEdge edgeOf(const Snapshot &snapshot, const FunctionView &view, const FunctionLive &live, std::size_t index)
{
    const TriggerLive now = index < live.triggers.size() ? live.triggers[index] : TriggerLive{};
    MapEdge edge;
    edge.from = mapIdOf(view.name, index);
    edge.to = mapIdOf(view.name);
    edge.rate = now.rate;
    edge.flow = !now.problem.empty()           ? MapEdge::Flow::Failing
                : !snapshot.workspace->trusted ? MapEdge::Flow::Off
                : now.rate > 0                 ? MapEdge::Flow::Live
                                               : MapEdge::Flow::Idle;
    if (now.rate > 0)
        edge.label = rateText(now.rate);
    return edge;
}

} // namespace

QString mapIdOf(const std::string &function) { return QStringLiteral("function/") + QString::fromStdString(function); }

QString mapIdOf(const std::string &function, std::size_t trigger)
{
    return QStringLiteral("trigger/%1/%2").arg(QString::fromStdString(function)).arg(trigger);
}

MapGraph mapGraphOf(const Snapshot &snapshot)
{
    MapGraph graph;
    const auto &functions = snapshot.workspace->functions;
    for (std::size_t i = 0; i < functions.size(); ++i) {
        const FunctionView &view = functions[i];
        // Live figures come in the same order, but may be of the moment before a function came or went.
        static const FunctionLive nothing;
        const bool here = i < snapshot.functions.size() && snapshot.functions[i].name == view.name;
        const FunctionLive &live = here ? snapshot.functions[i] : nothing;
        for (std::size_t index = 0; index < view.settings.triggers.size(); ++index) {
            graph.nodes.push_back(triggerNode(snapshot, view, live, index));
            graph.edges.push_back(edgeOf(snapshot, view, live, index));
        }
        graph.nodes.push_back(functionNode(view, live));
    }
    return graph;
}

} // namespace kiln::ui
