// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/empty_hint.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace kiln::ui {

EmptyHint::EmptyHint(const QString &iconName, QWidget *parent)
    : QWidget(parent)
    , m_iconName(iconName)
    , m_icon(new QLabel(this))
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_action(new QPushButton(this))
{
    m_title->setProperty("role", QStringLiteral("title"));
    m_text->setProperty("role", QStringLiteral("muted"));
    m_text->setWordWrap(true);
    m_text->setMaximumWidth(520);
    m_text->setMinimumWidth(200);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(8);
    layout->addStretch();
    for (QLabel *label : {m_icon, m_title, m_text}) {
        label->setAlignment(Qt::AlignCenter);
        label->setTextFormat(Qt::PlainText);
    }
    layout->addWidget(m_icon);
    layout->addWidget(m_title);
    auto *row = new QHBoxLayout; // a wrapping label that is aligned by the layout loses its height for width
    row->addStretch();
    row->addWidget(m_text, 10);
    row->addStretch();
    layout->addLayout(row);
    layout->addWidget(m_action, 0, Qt::AlignCenter);
    layout->addStretch();
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &EmptyHint::actionRequested);
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, this, &EmptyHint::drawIcon);
    drawIcon();
}

void EmptyHint::setText(const QString &title, const QString &text, const QString &action)
{
    m_title->setText(title);
    m_text->setText(text);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    setAccessibleName(title);
    setAccessibleDescription(text);
}

QString EmptyHint::title() const { return m_title->text(); }

void EmptyHint::drawIcon() { m_icon->setPixmap(icon(m_iconName, theme().muted).pixmap(28, 28)); }

} // namespace kiln::ui
