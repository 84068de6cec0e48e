// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/top_bar.h"

#include "ui/shell/actions.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>

namespace kiln::ui {

namespace {

QWidget *stretch(QWidget *parent)
{
    auto *space = new QWidget(parent);
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    return space;
}

QToolButton *barButton(QAction *action, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setProperty("bordered", true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(action->text());
    return button;
}

QString shortened(const QString &folder)
{
    const QString home = QDir::homePath();
    return folder.startsWith(home + QLatin1Char('/')) ? QLatin1Char('~') + folder.mid(home.size()) : folder;
}

} // namespace

TopBar::TopBar(const Actions &actions, QMenu *workspaceMenu, QWidget *parent)
    : QToolBar(tr("Top bar"), parent)
    , m_workspace(new QToolButton(this))
    , m_fire(barButton(actions.get(QStringLiteral("run.fire")), this))
    , m_event(new QComboBox(this))
    , m_cold(barButton(actions.get(QStringLiteral("run.cold")), this))
    , m_search(new QPushButton(this))
    , m_mark(new QLabel(this))
{
    setObjectName(QStringLiteral("topBar"));
    setIconSize({16, 16});
    setMovable(false);
    setFloatable(false);
    toggleViewAction()->setEnabled(false);

    auto *name = new QLabel(tr("Kiln"), this);
    name->setProperty("role", QStringLiteral("mark"));
    m_workspace->setObjectName(QStringLiteral("workspace"));
    m_workspace->setProperty("bordered", true);
    m_workspace->setPopupMode(QToolButton::InstantPopup);
    m_workspace->setMenu(workspaceMenu);
    m_workspace->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_workspace->setLayoutDirection(Qt::RightToLeft); // the arrow belongs at the right
    m_workspace->setAccessibleName(tr("Workspace"));

    m_fire->setObjectName(QStringLiteral("fire"));
    m_fire->setProperty("primary", true);
    m_fire->setProperty("bordered", {});

    m_event->setObjectName(QStringLiteral("event"));
    m_event->setAccessibleName(tr("Test event"));
    m_event->setToolTip(tr("The test event that Fire sends"));
    m_event->setMinimumWidth(180);
    m_event->setFocusPolicy(Qt::TabFocus);
    m_event->setSizeAdjustPolicy(QComboBox::AdjustToContents);

    m_search->setObjectName(QStringLiteral("search"));
    m_search->setProperty("search", true);
    m_search->setAccessibleName(tr("Search or run a command"));
    m_search->setText(
        tr("Search or run a command   %1")
            .arg(actions.get(QStringLiteral("view.palette"))->shortcut().toString(QKeySequence::NativeText)));
    m_search->setFocusPolicy(Qt::TabFocus);
    m_search->setMinimumWidth(280);
    m_search->setMaximumWidth(420);
    m_search->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);

    addWidget(m_mark);
    addWidget(name);
    addWidget(m_workspace);
    addWidget(m_fire);
    addWidget(m_event);
    addWidget(m_cold);
    addWidget(stretch(this));
    addWidget(m_search);
    addWidget(stretch(this));
    refreshIcons();

    connect(m_event, &QComboBox::activated, this, [this] { Q_EMIT eventChosen(m_event->currentData().toString()); });
    connect(m_search, &QPushButton::clicked, actions.get(QStringLiteral("view.palette")), &QAction::trigger);
}

void TopBar::refreshIcons()
{
    m_mark->setPixmap(icon(QStringLiteral("kiln"), theme().accent).pixmap(16, 16));
    m_fire->defaultAction()->setIcon(icon(QStringLiteral("fire"), theme().onAccent));
    m_workspace->setIcon(icon(QStringLiteral("down"), theme().muted));
    m_search->setIcon(icon(QStringLiteral("search"), theme().muted));
}

void TopBar::setWorkspace(const QString &name, const QString &folder)
{
    const QString text = name.isEmpty() ? tr("No workspace") : name;
    m_workspace->setText(text);
    m_workspace->setToolTip(shortened(folder));
}

void TopBar::setTarget(const QString &function, const QStringList &events, const QString &event)
{
    QStringList wanted{QString()};
    wanted += events;
    QStringList shown;
    for (int i = 0; i < m_event->count(); ++i)
        shown << m_event->itemData(i).toString();
    if (shown != wanted) {
        m_event->clear();
        for (const QString &each : wanted)
            m_event->addItem(each.isEmpty() ? tr("empty event {}") : each, each);
    }
    m_event->setCurrentIndex(std::max(0, m_event->findData(event)));
    m_event->setEnabled(!function.isEmpty());
    m_fire->setToolTip(
        function.isEmpty()
            ? tr("Select a function to fire")
            : tr("Fire %1 (%2)").arg(function, m_fire->defaultAction()->shortcut().toString(QKeySequence::NativeText)));
}

} // namespace kiln::ui
