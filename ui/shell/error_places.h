// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "ui/shell/code_places.h"

#include <QHash>
#include <QObject>

#include <vector>

namespace kiln::ui {

/// Where the code is wrong just now: the lines that the last error of each function names, until a later invocation
/// succeeds or a new revision is ready, and the problems of the workspace's files. GUI thread.
class ErrorPlaces : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    void setSnapshot(const SnapshotPtr &snapshot);

    /// Lines of a function's file that the last error names.
    [[nodiscard]] std::vector<CodePlace> inFile(const QString &function, const QString &file) const;
    /// Lines of a file (relative to the workspace) that its problems name: what its reader or a compiler said.
    [[nodiscard]] std::vector<CodePlace> problemsIn(const QString &file) const;
    /// The failed invocation behind a function's marks; null when there is none.
    [[nodiscard]] InvocationPtr invocationOf(const QString &function) const
    {
        return m_marked.value(function).invocation;
    }
    /// All of them, and the problems of files; walked through by "next error". A problem's function is empty and its
    /// file relative to the workspace.
    [[nodiscard]] std::vector<CodePlace> all() const;

Q_SIGNALS:
    void changed(const QString &function); ///< Empty: of no function, but of the workspace.

private:
    struct Marked
    {
        InvocationPtr invocation;
        std::vector<CodePlace> places;
    };

    [[nodiscard]] static QStringList changedProblems(const WorkspaceView *before, const WorkspaceView &now);

    SnapshotPtr m_snapshot;
    QHash<QString, Marked> m_marked;
};

} // namespace kiln::ui
