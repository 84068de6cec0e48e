// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/explorer_model.h"

#include <QWidget>

class QMenu;
class QTreeView;

namespace kiln::ui {

/// The left side of the window: functions with triggers and files, test events, problems. Shows snapshots and emits
/// wishes. One click selects, a double click or Return opens.
class ExplorerPane : public QWidget
{
    Q_OBJECT

public:
    explicit ExplorerPane(QWidget *parent = nullptr);

    void setSnapshot(SnapshotPtr snapshot);
    /// Selects a row without telling it (the wish came from elsewhere).
    void select(const QString &function, int trigger = -1);

Q_SIGNALS:
    void functionSelected(const QString &function);
    void triggerSelected(const QString &function, int trigger);
    void functionOpened(const QString &function);
    /// `file` is relative to the function's folder, `line` 1-based or 0.
    void fileOpened(const QString &function, const QString &file, int line);
    void problemOpened(const QString &file, int line); ///< `file` is relative to the workspace.
    void testEventOpened(const QString &function, const QString &name);

    void newFunctionRequested();
    void newTestEventRequested(const QString &function); ///< Empty: of whichever is selected in the window.
    void newTestEventFromLastRequested(const QString &function);
    void fireRequested(const QString &function);
    void fireColdRequested(const QString &function);
    void loadRequested(const QString &function);
    void fireEventRequested(const QString &function, const QString &name);
    void runTriggerRequested(const QString &function, int trigger);
    void deleteFunctionRequested(const QString &function);
    void deleteTestEventRequested(const QString &function, const QString &name);
    void openFolderRequested(const QString &function);

private:
    void dressSections();
    void expandNew(const QModelIndex &parent, int first, int last);
    void tellCurrent(const QModelIndex &index);
    void openIndex(const QModelIndex &index);
    void showMenu(const QPoint &at);
    void fillFunctionMenu(QMenu &menu, const QString &function);
    void fillEventMenu(QMenu &menu, const QModelIndex &index);

    ExplorerModel *const m_model;
    QTreeView *const m_view;
    bool m_selecting = false;
};

} // namespace kiln::ui
