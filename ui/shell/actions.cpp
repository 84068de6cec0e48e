// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/actions.h"

#include "ui/theme/icons.h"

#include <QWidget>

namespace kiln::ui {

Actions::Actions(QWidget *window)
    : QObject(window)
    , m_window(window)
{}

QAction *Actions::add(const Spec &spec, std::function<void(bool)> run)
{
    Q_ASSERT_X(!m_byId.contains(spec.id), "Actions::add", qPrintable(spec.id));
    auto *action = new QAction(spec.text, this);
    action->setObjectName(spec.id);
    action->setShortcut(spec.shortcut);
    action->setShortcutContext(Qt::WindowShortcut);
    action->setCheckable(spec.kind == Kind::Checkable);
    action->setProperty("iconName", spec.icon);
    if (!spec.icon.isEmpty())
        action->setIcon(icon(spec.icon));
    connect(action, &QAction::triggered, this, std::move(run));
    m_window->addAction(action);
    m_all << action;
    m_byId.insert(spec.id, action);
    return action;
}

QAction *Actions::get(const QString &id) const
{
    QAction *action = m_byId.value(id);
    Q_ASSERT_X(action, "Actions::get", qPrintable(id));
    return action;
}

void Actions::refreshIcons()
{
    for (QAction *action : m_all) {
        const QString name = action->property("iconName").toString();
        if (!name.isEmpty())
            action->setIcon(icon(name));
    }
}

} // namespace kiln::ui
