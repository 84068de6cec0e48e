// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/section.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace kiln::ui {

Section::Section(const QString &heading, QWidget *parent)
    : QWidget(parent)
    , m_heading(new QLabel(heading.toUpper(), this))
    , m_note(new QLabel(this))
    , m_top(new QHBoxLayout)
    , m_body(new QVBoxLayout)
{
    m_heading->setProperty("role", QStringLiteral("heading"));
    m_note->setProperty("role", QStringLiteral("heading"));
    m_note->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_note->setWordWrap(true); // a long one must not make the pane wider than its place
    m_top->addWidget(m_heading);
    m_top->addWidget(m_note, 1);
    m_top->setContentsMargins({});

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(8);
    layout->addLayout(m_top);
    layout->addLayout(m_body);
    m_body->setSpacing(4);
}

void Section::setHeading(const QString &heading) { m_heading->setText(heading.toUpper()); }

void Section::setNote(const QString &note) { m_note->setText(note); } // as it is: "µs" in capitals reads "MS"

QToolButton *Section::addButton(const QString &what)
{
    auto *button = new QToolButton(this);
    button->setIcon(icon(QStringLiteral("add"), theme().muted));
    connect(&ThemeSwitch::instance(), &ThemeSwitch::changed, button,
            [button] { button->setIcon(icon(QStringLiteral("add"), theme().muted)); });
    button->setToolTip(what);
    button->setAccessibleName(what);
    m_top->addWidget(button);
    return button;
}

QString breakable(const std::string &text)
{
    constexpr int longest = 28; // what fits beside other words in a narrow pane
    if (text.size() <= longest)
        return QString::fromStdString(text);
    QString shown;
    int run = 0;
    for (const QChar c : QString::fromStdString(text)) {
        shown += c;
        ++run;
        const bool end = c == QLatin1Char('/') || c == QLatin1Char('.') || c == QLatin1Char(':');
        if ((end && run >= longest / 2) || run >= longest) {
            shown += QChar(0x200b); // zero width
            run = 0;
        }
    }
    return shown;
}

QLabel *hintLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("muted"));
    label->setWordWrap(true);
    return label;
}

} // namespace kiln::ui
