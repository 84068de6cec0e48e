// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/go_to_line_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QRegularExpressionValidator>

#include <algorithm>

namespace kiln::ui {

GoToLineBar::GoToLineBar(QWidget *parent)
    : QWidget(parent)
    , m_label(new QLabel(this))
    , m_edit(new QLineEdit(this))
{
    setObjectName(QStringLiteral("goToLineBar"));
    setAutoFillBackground(true);
    m_edit->setObjectName(QStringLiteral("line"));
    m_edit->setAccessibleName(tr("Line, or line:column"));
    m_edit->setFixedWidth(120);
    m_edit->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("\\d{0,9}(:\\d{0,9})?")), m_edit));
    m_label->setBuddy(m_edit);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(8);
    layout->addWidget(m_label);
    layout->addWidget(m_edit);
    layout->addStretch();
    hide();
}

void GoToLineBar::open(int line, int lines)
{
    m_lines = lines;
    m_label->setText(tr("Go to line (1 to %1)").arg(QLocale().toString(lines)));
    m_edit->setText(QString::number(line));
    show();
    m_edit->setFocus();
    m_edit->selectAll();
}

void GoToLineBar::close()
{
    hide();
    Q_EMIT closed();
}

void GoToLineBar::keyPressEvent(QKeyEvent *event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape)
        close();
    else if (enter && (event->modifiers() & Qt::ControlModifier) == 0)
        choose();
    else
        QWidget::keyPressEvent(event);
}

void GoToLineBar::choose()
{
    const QStringList parts = m_edit->text().split(QLatin1Char(':'));
    const int line = std::clamp(parts.front().toInt(), 1, m_lines);
    const int column = parts.size() > 1 ? std::max(1, parts[1].toInt()) : 1;
    hide();
    Q_EMIT lineChosen(line, column);
    Q_EMIT closed();
}

} // namespace kiln::ui
