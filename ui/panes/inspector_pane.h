// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/project/edit.h"
#include "ui/panes/trigger_editor.h"

#include <QWidget>

class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace kiln::ui {

class EnvironmentForm;
class LastResult;
class PermissionsForm;
class SecretsForm;
class Section;
class SettingsForm;
class TriggersForm;
class WorkerSquares;

/// The right side of the window: one function's problems, settings, triggers, permissions, secrets, environment,
/// workers and last result. Each change is a wish of its own; the files on disk stay the truth.
class InspectorPane : public QWidget
{
    Q_OBJECT

public:
    explicit InspectorPane(QWidget *parent = nullptr);

    void setChecks(TriggerChecks checks);
    void setSnapshot(SnapshotPtr snapshot);
    void setFunction(const QString &function);
    /// Shows a trigger of the function and opens its editor.
    void editTrigger(const QString &function, int trigger);
    void showPermissions(); ///< Scrolls to them.
    /// Shows what is on disk again, after an edit was refused.
    void restore();

Q_SIGNALS:
    void editRequested(const kiln::WorkspaceEdit &edit);
    void secretGiven(const QString &name, const QString &value);
    void secretForgotten(const QString &name);
    void runTriggerRequested(const QString &function, int trigger);
    void copyRequested(const QString &text);
    void problemOpened(const QString &file, int line); ///< `file` is relative to the workspace.
    void invocationOpened(const kiln::InvocationPtr &invocation);
    void workersRequested(const QString &function);

private:
    void build();
    void showFunction();
    void showLive();
    void showProblems(const FunctionView &view);
    [[nodiscard]] const FunctionView *view() const;
    [[nodiscard]] const FunctionLive *live() const;

    SnapshotPtr m_snapshot;
    std::shared_ptr<const WorkspaceView> m_shown; ///< What the forms were filled from.
    QString m_function;

    QScrollArea *m_scroll = nullptr;
    QLabel *m_empty = nullptr;
    Section *m_settingsSection = nullptr;
    Section *m_problemsSection = nullptr;
    Section *m_triggersSection = nullptr;
    Section *m_permissionsSection = nullptr;
    Section *m_workersSection = nullptr;
    Section *m_resultSection = nullptr;
    SettingsForm *m_settings = nullptr;
    TriggersForm *m_triggers = nullptr;
    PermissionsForm *m_permissions = nullptr;
    SecretsForm *m_secrets = nullptr;
    EnvironmentForm *m_environment = nullptr;
    WorkerSquares *m_workers = nullptr;
    QLabel *m_noWorkers = nullptr;
    LastResult *m_result = nullptr;
};

} // namespace kiln::ui
