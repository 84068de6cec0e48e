// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/error_places.h"

namespace kiln::ui {

namespace {

/// The last error, as long as the revision it happened in is the one that runs.
InvocationPtr errorInForce(const FunctionView &view, const FunctionLive &live)
{
    const bool same = live.lastError && live.lastError->revision && view.revision &&
                      live.lastError->revision->hash == view.revision->hash;
    return same ? live.lastError : nullptr;
}

void append(std::vector<CodePlace> &places, const std::vector<Problem> &problems)
{
    for (const Problem &problem : problems)
        places.push_back(
            {{}, QString::fromStdString(problem.file), problem.line, QString::fromStdString(problem.message)});
}

} // namespace

void ErrorPlaces::setSnapshot(const SnapshotPtr &snapshot)
{
    QStringList changedFunctions;
    if (!m_snapshot || m_snapshot->workspace != snapshot->workspace)
        changedFunctions = changedProblems(m_snapshot ? m_snapshot->workspace.get() : nullptr, *snapshot->workspace);
    m_snapshot = snapshot;
    QHash<QString, Marked> marked;
    const auto &views = snapshot->workspace->functions;
    for (std::size_t i = 0; i < std::min(views.size(), snapshot->functions.size()); ++i) {
        const InvocationPtr error = errorInForce(views[i], snapshot->functions[i]);
        const QString name = QString::fromStdString(views[i].name);
        const Marked before = m_marked.take(name);
        if (before.invocation != error)
            changedFunctions << name;
        if (error)
            marked.insert(name, before.invocation == error ? before : Marked{error, placesOf(*error)});
    }
    changedFunctions += m_marked.keys(); // functions that are gone
    m_marked = std::move(marked);
    changedFunctions.removeDuplicates();
    for (const QString &name : changedFunctions)
        Q_EMIT changed(name);
}

QStringList ErrorPlaces::changedProblems(const WorkspaceView *before, const WorkspaceView &now)
{
    QHash<QString, std::vector<Problem>> old;
    if (before) {
        old.insert(QString(), before->problems);
        for (const FunctionView &view : before->functions)
            old.insert(QString::fromStdString(view.name), view.problems);
    }
    QStringList names;
    if (old.take(QString()) != now.problems)
        names << QString();
    for (const FunctionView &view : now.functions) {
        const QString name = QString::fromStdString(view.name);
        if (old.take(name) != view.problems)
            names << name;
    }
    return names + old.keys(); // functions that are gone
}

std::vector<CodePlace> ErrorPlaces::problemsIn(const QString &file) const
{
    std::vector<CodePlace> places;
    if (!m_snapshot)
        return places;
    const auto add = [&](const std::vector<Problem> &problems) {
        for (const Problem &problem : problems) {
            if (problem.line < 1 || QString::fromStdString(problem.file) != file)
                continue;
            const QString words =
                QString::fromStdString(problem.key.empty() ? problem.message : problem.key + ": " + problem.message)
                    .section(QLatin1Char('\n'), 0, 0);
            places.push_back({{},
                              file,
                              problem.line,
                              problem.severity == Problem::Severity::Warning ? tr("warning: %1").arg(words) : words});
        }
    };
    add(m_snapshot->workspace->problems);
    for (const FunctionView &view : m_snapshot->workspace->functions)
        add(view.problems);
    return places;
}

std::vector<CodePlace> ErrorPlaces::inFile(const QString &function, const QString &file) const
{
    std::vector<CodePlace> places = m_marked.value(function).places;
    std::erase_if(places, [&](const CodePlace &place) { return place.file != file; });
    return places;
}

std::vector<CodePlace> ErrorPlaces::all() const
{
    std::vector<CodePlace> places;
    if (!m_snapshot)
        return places;
    append(places, m_snapshot->workspace->problems);
    for (const FunctionView &view : m_snapshot->workspace->functions) {
        append(places, view.problems);
        const auto marked = m_marked.value(QString::fromStdString(view.name)).places;
        places.insert(places.end(), marked.begin(), marked.end());
    }
    return places;
}

} // namespace kiln::ui
