// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDockWidget>

#include <functional>

namespace kiln::ui {

/// A pane of the window: can be moved, hidden, floated and tabbed with others. What it shows is made when it is first
/// needed, since some panes take long to make and the window is to be painted at once.
class PaneDock : public QDockWidget
{
    Q_OBJECT

public:
    PaneDock(const QString &id, const QString &title, std::function<QWidget *()> make, QWidget *parent = nullptr);

    /// Makes the pane, if that has not happened.
    void build();
    [[nodiscard]] bool isBuilt() const { return !m_make; }
    /// Tabbed with others its tab tells its name, so that the title line would say it twice.
    void updateTitleBar(bool tabbed);

private:
    QWidget *makeTitleBar();

    std::function<QWidget *()> m_make;
    bool m_titled = false;
};

} // namespace kiln::ui
