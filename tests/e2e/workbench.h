// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "tests/support/engine_harness.h"
#include "ui/editor/code_editor.h"

#include <QAbstractItemModel>
#include <QString>
#include <QTemporaryDir>

#include <memory>
#include <string>

namespace kiln::ui {
class CodeDocument;
class Documents;
class EngineBridge;
class MainWindow;
} // namespace kiln::ui

namespace kiln::test {

/// A window on a real engine in a workspace of its own, and the hand that works it: by mouse and keys only. What takes
/// time waits for what comes of it, and returns what did not come: nothing when all is well. GUI thread.
class Workbench
{
public:
    Workbench();
    ~Workbench();

    /// The window first, then the engine, as the program does, until the engine has read the workspace.
    [[nodiscard]] QString open();
    /// By the key for it; until the engine has ended.
    [[nodiscard]] QString close();

    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier); ///< Where the focus is.
    void type(const QString &text);                                            ///< Line breaks are Return.
    /// All text of the editor in front gives way to this, typed.
    void retype(const QString &text);
    /// Ctrl+S, until the new revision is ready.
    [[nodiscard]] QString saveAndWait(const QString &function);
    /// Ctrl+N and the dialog, until its code has the focus and a revision is ready.
    [[nodiscard]] QString newPythonFunction(const QString &name);
    [[nodiscard]] QString newTestEvent(const QString &function, const QString &name, const QString &json);
    /// Ctrl+Return, until there is a result.
    [[nodiscard]] QString fire(int milliseconds = 20'000);
    /// Ctrl+P, the name, Return, until it is in front.
    [[nodiscard]] QString quickOpen(const QString &name);
    /// Brings a pane to the front by its key.
    [[nodiscard]] QString showPane(const char *id, Qt::Key key);
    void picture(const char *name);

    [[nodiscard]] EngineHarness &workspace() { return m_workspace; }
    [[nodiscard]] ui::MainWindow &window() { return *m_window; }
    [[nodiscard]] ui::Documents *documents() const;
    [[nodiscard]] ui::CodeEditor *editor() const; ///< Of the tab in front; null when that is no code.
    [[nodiscard]] SnapshotPtr snapshot() const;
    [[nodiscard]] const FunctionView *viewOf(const QString &function) const;
    [[nodiscard]] QString outcome() const; ///< As the result pane's summary says it.
    /// The rows of a pane's table that can be seen; null when there is none.
    [[nodiscard]] QAbstractItemModel *table(const char *pane) const;
    /// Whether some cell of that column has that text.
    [[nodiscard]] bool hasCell(const char *pane, int column, const QString &text) const;

private:
    [[nodiscard]] std::string revisionOf(const QString &function) const;

    EngineHarness m_workspace;
    QTemporaryDir m_own; ///< Settings and unsaved text.
    std::unique_ptr<ui::EngineBridge> m_bridge;
    std::unique_ptr<ui::MainWindow> m_window;
};

} // namespace kiln::test
