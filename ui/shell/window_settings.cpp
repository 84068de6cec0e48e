// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/window_settings.h"

#include <QCryptographicHash>
#include <QStandardPaths>

namespace kiln::ui {

namespace {

/// Saved layouts of another arrangement of docks are not restored.
constexpr int layoutVersion = 2;
constexpr int keptCommands = 12;
constexpr int keptWorkspaces = 10;

} // namespace

QString WindowSettings::defaultFile()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + QStringLiteral("/kiln/window.ini");
}

WindowSettings::WindowSettings(const QString &file, const QString &workspace)
    : m_settings(file, QSettings::IniFormat)
    , m_group(
          QString::fromLatin1(QCryptographicHash::hash(workspace.toUtf8(), QCryptographicHash::Sha1).toHex().left(16)))
{
    m_settings.setValue(key(QStringLiteral("path")), workspace);
}

QString WindowSettings::key(const QString &name) const { return QStringLiteral("workspace-%1/%2").arg(m_group, name); }

WindowSettings::Layout WindowSettings::layout() const
{
    if (m_settings.value(key(QStringLiteral("layoutVersion"))).toInt() != layoutVersion)
        return {};
    return {m_settings.value(key(QStringLiteral("geometry"))).toByteArray(),
            m_settings.value(key(QStringLiteral("state"))).toByteArray()};
}

void WindowSettings::setLayout(const Layout &layout)
{
    m_settings.setValue(key(QStringLiteral("layoutVersion")), layoutVersion);
    m_settings.setValue(key(QStringLiteral("geometry")), layout.geometry);
    m_settings.setValue(key(QStringLiteral("state")), layout.state);
}

void WindowSettings::forgetLayout()
{
    m_settings.remove(key(QStringLiteral("geometry")));
    m_settings.remove(key(QStringLiteral("state")));
}

QStringList WindowSettings::openTabs() const { return m_settings.value(key(QStringLiteral("tabs"))).toStringList(); }

void WindowSettings::setOpenTabs(const QStringList &keys) { m_settings.setValue(key(QStringLiteral("tabs")), keys); }

QString WindowSettings::currentTab() const { return m_settings.value(key(QStringLiteral("tab"))).toString(); }

void WindowSettings::setCurrentTab(const QString &tab) { m_settings.setValue(key(QStringLiteral("tab")), tab); }

QString WindowSettings::selection() const { return m_settings.value(key(QStringLiteral("function"))).toString(); }

void WindowSettings::setSelection(const QString &function)
{
    m_settings.setValue(key(QStringLiteral("function")), function);
}

QString WindowSettings::eventOf(const QString &function) const
{
    return m_settings.value(key(QStringLiteral("event-") + function)).toString();
}

void WindowSettings::setEventOf(const QString &function, const QString &event)
{
    m_settings.setValue(key(QStringLiteral("event-") + function), event);
}

QStringList WindowSettings::recentCommands() const
{
    return m_settings.value(QStringLiteral("recentCommands")).toStringList();
}

void WindowSettings::addRecentCommand(const QString &id)
{
    QStringList recent = recentCommands();
    recent.removeAll(id);
    recent.prepend(id);
    m_settings.setValue(QStringLiteral("recentCommands"), recent.mid(0, keptCommands));
}

ThemeSwitch::Choice WindowSettings::theme() const
{
    const QString word = m_settings.value(QStringLiteral("theme")).toString();
    return word == QStringLiteral("dark")    ? ThemeSwitch::Choice::Dark
           : word == QStringLiteral("light") ? ThemeSwitch::Choice::Light
                                             : ThemeSwitch::Choice::System;
}

void WindowSettings::setTheme(ThemeSwitch::Choice choice)
{
    m_settings.setValue(QStringLiteral("theme"), choice == ThemeSwitch::Choice::Dark    ? QStringLiteral("dark")
                                                 : choice == ThemeSwitch::Choice::Light ? QStringLiteral("light")
                                                                                        : QStringLiteral("system"));
}

QStringList WindowSettings::recentWorkspaces() const
{
    return m_settings.value(QStringLiteral("recentWorkspaces")).toStringList();
}

void WindowSettings::addRecentWorkspace(const QString &folder)
{
    QStringList recent = recentWorkspaces();
    recent.removeAll(folder);
    recent.prepend(folder);
    m_settings.setValue(QStringLiteral("recentWorkspaces"), recent.mid(0, keptWorkspaces));
}

} // namespace kiln::ui
