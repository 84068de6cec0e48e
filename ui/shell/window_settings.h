// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>

namespace kiln::ui {

/// What the window remembers: layout, tabs and selection of each workspace, by its path, and what holds for all
/// (theme, recent workspaces). Kept in the user's XDG config folder, never in the workspace. GUI thread.
class WindowSettings
{
public:
    /// `file` is where it is kept; defaultFile() except in tests.
    WindowSettings(const QString &file, const QString &workspace);
    [[nodiscard]] static QString defaultFile();

    struct Layout
    {
        QByteArray geometry;
        QByteArray state;
    };
    [[nodiscard]] Layout layout() const;
    void setLayout(const Layout &layout);
    void forgetLayout();

    [[nodiscard]] QStringList openTabs() const;
    void setOpenTabs(const QStringList &keys);
    [[nodiscard]] QString currentTab() const;
    void setCurrentTab(const QString &key);
    [[nodiscard]] QString selection() const;
    void setSelection(const QString &function);
    [[nodiscard]] QString eventOf(const QString &function) const;
    void setEventOf(const QString &function, const QString &event);
    [[nodiscard]] QStringList recentCommands() const;
    void addRecentCommand(const QString &id);

    [[nodiscard]] ThemeSwitch::Choice theme() const;
    void setTheme(ThemeSwitch::Choice choice);
    [[nodiscard]] QStringList recentWorkspaces() const;
    void addRecentWorkspace(const QString &folder);

private:
    [[nodiscard]] QString key(const QString &name) const;

    mutable QSettings m_settings;
    QString m_group;
};

} // namespace kiln::ui
