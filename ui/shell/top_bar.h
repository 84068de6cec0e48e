// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QToolBar>

class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace kiln::ui {

class Actions;

/// The line at the top: workspace, Fire with its test event, the next start cold or not, and the way to everything
/// else.
class TopBar : public QToolBar
{
    Q_OBJECT

public:
    TopBar(const Actions &actions, QMenu *workspaceMenu, QWidget *parent = nullptr);

    void setWorkspace(const QString &name, const QString &folder);
    /// What Fire fires; an empty event stands for {}.
    void setTarget(const QString &function, const QStringList &events, const QString &event);
    void refreshIcons();

Q_SIGNALS:
    void eventChosen(const QString &event);

private:
    QToolButton *const m_workspace;
    QToolButton *const m_fire;
    QComboBox *const m_event;
    QToolButton *const m_cold;
    QPushButton *const m_search;
    QLabel *m_mark = nullptr;
};

} // namespace kiln::ui
