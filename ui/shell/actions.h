// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>

#include <functional>

class QMenu;
class QWidget;

namespace kiln::ui {

/// Every action of the window in one place: menus, command palette and shortcuts take them from here, so that none is
/// reachable by one way only. GUI thread; actions belong to the registry.
class Actions : public QObject
{
    Q_OBJECT

public:
    enum class Kind { Plain, Checkable };

    struct Spec
    {
        QString id;   ///< "run.fire": named in settings and tests.
        QString text; ///< As in the menu, without an ampersand.
        QKeySequence shortcut = {};
        QString icon = {};
        Kind kind = Kind::Plain;
    };

    /// Shortcuts work while a widget of `window` has the focus.
    explicit Actions(QWidget *window);

    /// `run` gets whether it is checked; false for plain actions.
    QAction *add(const Spec &spec, std::function<void(bool)> run);
    /// An id that was never added is a programming error and asserts.
    [[nodiscard]] QAction *get(const QString &id) const;
    [[nodiscard]] const QList<QAction *> &all() const { return m_all; } ///< In the order of adding.

    /// Draws the icons again in the colours of the theme.
    void refreshIcons();

private:
    QWidget *const m_window;
    QList<QAction *> m_all;
    QHash<QString, QAction *> m_byId;
};

} // namespace kiln::ui
