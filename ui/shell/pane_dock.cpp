// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/pane_dock.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace kiln::ui {

namespace {

/// Takes the title line's place and no room.
QWidget *noTitle(QWidget *parent)
{
    auto *none = new QWidget(parent);
    auto *layout = new QHBoxLayout(none); // gives it a size, which a bare widget has not
    layout->setContentsMargins({});
    return none;
}

} // namespace

PaneDock::PaneDock(const QString &id, const QString &title, std::function<QWidget *()> make, QWidget *parent)
    : QDockWidget(title, parent)
    , m_make(std::move(make))
{
    setObjectName(id);
    setWidget(new QWidget(this));
    setTitleBarWidget(noTitle(this));
}

void PaneDock::build()
{
    if (!m_make)
        return;
    const auto make = std::exchange(m_make, nullptr);
    QWidget *before = widget();
    setWidget(make());
    before->deleteLater();
}

void PaneDock::updateTitleBar(bool tabbed)
{
    const bool titled = !tabbed && !isFloating();
    if (isFloating()) {
        // The window manager's frame, or Qt's own title line where there is none.
        if (titleBarWidget()) {
            titleBarWidget()->deleteLater();
            setTitleBarWidget(nullptr);
        }
        m_titled = false;
        return;
    }
    if (titleBarWidget() && m_titled == titled)
        return;
    QWidget *before = titleBarWidget();
    setTitleBarWidget(titled ? makeTitleBar() : noTitle(this));
    m_titled = titled;
    if (before)
        before->deleteLater();
}

/// One slim line: name, float, close. It passes the mouse on, so that the pane can be dragged by it.
QWidget *PaneDock::makeTitleBar()
{
    auto *bar = new QWidget(this);
    bar->setProperty("role", QStringLiteral("paneTitle"));
    bar->setAttribute(Qt::WA_StyledBackground);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(12, 0, 4, 0);
    layout->setSpacing(0);
    auto *name = new QLabel(windowTitle(), bar);
    name->setProperty("role", QStringLiteral("muted"));
    layout->addWidget(name, 1);
    const auto addButton = [&](const QString &iconName, const QString &what) {
        auto *button = new QToolButton(bar);
        button->setIcon(icon(iconName, theme().muted));
        button->setIconSize({12, 12});
        button->setToolTip(what);
        button->setAccessibleName(what);
        button->setFocusPolicy(Qt::NoFocus);
        layout->addWidget(button);
        connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, button,
                [button, iconName] { button->setIcon(icon(iconName, theme().muted)); });
        return button;
    };
    connect(addButton(QStringLiteral("fit"), tr("Float %1").arg(windowTitle())), &QToolButton::clicked, this,
            [this] { setFloating(true); });
    connect(addButton(QStringLiteral("close"), tr("Hide %1").arg(windowTitle())), &QToolButton::clicked, this,
            &PaneDock::hide);
    return bar;
}

} // namespace kiln::ui
