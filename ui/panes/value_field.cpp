// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/value_field.h"

#include "ui/panes/widget_state.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace kiln::ui {

ValueField::ValueField(const QString &name, QWidget *parent)
    : QWidget(parent)
    , m_edit(new QLineEdit(this))
    , m_remarkLabel(new QLabel(m_edit))
    , m_problem(new QLabel(this))
{
    setFocusProxy(m_edit);
    m_edit->setAccessibleName(name);
    m_edit->installEventFilter(this);
    m_problem->setProperty("role", QStringLiteral("error"));
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_remarkLabel->setProperty("role", QStringLiteral("muted"));
    m_remarkLabel->setAttribute(Qt::WA_TransparentForMouseEvents);

    auto *inside = new QHBoxLayout(m_edit);
    inside->setContentsMargins(0, 0, 8, 0);
    inside->addStretch(1);
    inside->addWidget(m_remarkLabel);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(2);
    layout->addWidget(m_edit);
    layout->addWidget(m_problem);

    connect(m_edit, &QLineEdit::textChanged, this, &ValueField::showState);
    connect(m_edit, &QLineEdit::textEdited, this, &ValueField::edited);
    connect(m_edit, &QLineEdit::editingFinished, this, &ValueField::finish);
}

void ValueField::setRemark(Remark remark)
{
    m_remark = std::move(remark);
    showState();
}

void ValueField::setPlaceholder(const QString &text) { m_edit->setPlaceholderText(text); }

void ValueField::setReadOnly(bool readOnly) { m_edit->setReadOnly(readOnly); }

void ValueField::useCodeFont() { m_edit->setFont(codeFont()); }

void ValueField::setValue(const QString &value)
{
    const bool typing = m_edit->hasFocus() && m_edit->text() != m_value;
    m_value = value;
    if (!typing && m_edit->text() != value) {
        m_edit->setText(value);
        m_edit->setCursorPosition(0);
    }
}

void ValueField::restore() { m_edit->setText(m_value); }

QString ValueField::text() const { return m_keepSpaces ? m_edit->text() : m_edit->text().trimmed(); }

bool ValueField::isGood() const { return !m_check || m_check(text()).isEmpty(); }

void ValueField::showState()
{
    const QString problem = m_check && text() != m_value ? m_check(text()) : QString();
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    m_edit->setAccessibleDescription(problem);
    setInvalid(*m_edit, !problem.isEmpty());
    const QString remark = m_remark ? m_remark(text()) : QString();
    m_remarkLabel->setText(remark);
    // Typed text must not run under the remark.
    m_edit->setTextMargins(0, 0, remark.isEmpty() ? 0 : m_remarkLabel->sizeHint().width() + 8, 0);
}

void ValueField::finish()
{
    const QString typed = text();
    if (typed == m_value || !isGood())
        return;
    m_value = typed;
    showState();
    Q_EMIT committed(typed);
}

bool ValueField::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape &&
        m_edit->text() != m_value) {
        restore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace kiln::ui
