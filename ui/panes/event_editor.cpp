// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/event_editor.h"

#include "ui/editor/json_editor.h"
#include "ui/panes/event_file.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

namespace kiln::ui {

EventEditor::EventEditor(QWidget *parent)
    : QWidget(parent)
    , m_editor(new JsonEditor(this))
{
    setObjectName(QStringLiteral("eventEditor"));
    setFocusProxy(m_editor);
    m_warning = new QLabel(
        tr("This is not JSON. A function may take any bytes: it is saved and fired as it stands here."), this);
    m_warning->setObjectName(QStringLiteral("warning"));
    m_warning->setProperty("role", QStringLiteral("error"));
    m_warning->setContentsMargins(12, 0, 12, 8);
    m_warning->setWordWrap(true);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(0);
    column->addWidget(makeHead());
    column->addWidget(m_warning);
    column->addWidget(m_editor, 1);
    connect(m_editor, &CodeEditor::saveRequested, this, &EventEditor::save);
    connect(m_editor, &JsonEditor::errorChanged, this, &EventEditor::showState);
    connect(m_editor, &CodeEditor::modifiedChanged, this, [this] {
        showState();
        Q_EMIT modifiedChanged(isModified());
    });
    showState();
}

QWidget *EventEditor::makeHead()
{
    auto *head = new QWidget(this);
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(12, 8, 12, 8);
    row->setSpacing(8);
    m_title = new QLabel(head);
    m_title->setProperty("role", QStringLiteral("muted"));
    m_title->setTextFormat(Qt::PlainText);
    m_name = new QLineEdit(head);
    m_name->setObjectName(QStringLiteral("eventName"));
    m_name->setAccessibleName(tr("Name of the test event"));
    m_name->setPlaceholderText(tr("name.json"));
    m_name->setMinimumWidth(120);
    m_name->setMaximumWidth(280);
    m_nameProblem = new QLabel(head);
    m_nameProblem->setObjectName(QStringLiteral("nameProblem"));
    m_nameProblem->setProperty("role", QStringLiteral("error"));
    auto *formatButton = makeButton(tr("Format"), QStringLiteral("format"), tr("Lay the JSON out (Ctrl+Shift+I)"));
    m_save = makeButton(tr("Save"), QStringLiteral("save"), tr("Save the test event (Ctrl+S)"));
    auto *fireButton =
        makeButton(tr("Fire"), QStringLiteral("fire"), tr("Fire this event at the function (Ctrl+Enter)"));
    fireButton->setProperty("primary", true);
    row->addWidget(m_title);
    row->addWidget(m_name, 1);
    row->addWidget(m_nameProblem);
    row->addStretch();
    for (QPushButton *button : {formatButton, m_save, fireButton})
        row->addWidget(button);
    connect(formatButton, &QPushButton::clicked, m_editor, &JsonEditor::format);
    connect(m_save, &QPushButton::clicked, this, &EventEditor::save);
    connect(fireButton, &QPushButton::clicked, this, &EventEditor::fire);
    connect(m_name, &QLineEdit::textChanged, this, &EventEditor::checkName);
    connect(m_name, &QLineEdit::returnPressed, this, &EventEditor::save);
    return head;
}

QPushButton *EventEditor::makeButton(const QString &text, const QString &name, const QString &tip)
{
    auto *button = new QPushButton(text, this);
    button->setObjectName(name);
    button->setToolTip(tip);
    return button;
}

void EventEditor::setEvent(const QString &function, const QString &name, const QByteArray &data)
{
    m_draft = false;
    load(function, name, data);
}

void EventEditor::setDraft(const QString &function, const QString &name, const QByteArray &data)
{
    m_draft = true;
    load(function, name, data);
}

void EventEditor::load(const QString &function, const QString &name, const QByteArray &data)
{
    m_function = function;
    m_title->setText(m_draft ? tr("New test event for %1").arg(function) : tr("Test event of %1").arg(function));
    m_name->setText(name);
    // Whatever the file is called, it is edited as JSON.
    m_editor->setBytes(data, QStringLiteral("event.json"));
    showState();
    Q_EMIT modifiedChanged(isModified());
}

void EventEditor::setSaved()
{
    m_draft = false;
    m_title->setText(tr("Test event of %1").arg(m_function));
    m_editor->setModified(false);
    showState();
    Q_EMIT modifiedChanged(isModified());
}

void EventEditor::setDataFromDisk(const QByteArray &data)
{
    if (isModified() || data == m_editor->bytes())
        return;
    m_editor->setText(QString::fromUtf8(data));
    m_editor->setModified(false);
}

QString EventEditor::name() const { return m_name->text().trimmed(); }

QByteArray EventEditor::data() const { return m_editor->bytes(); }

bool EventEditor::isModified() const { return m_draft || m_editor->isModified(); }

void EventEditor::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    m_editor->setReadOnly(readOnly);
    showState();
}

void EventEditor::save()
{
    checkName();
    if (m_readOnly || !m_nameProblem->text().isEmpty()) {
        m_name->setFocus();
        return;
    }
    const QByteArray bytes = data();
    Q_EMIT saveRequested({m_function.toStdString(), name().toStdString(), bytes.toStdString()});
}

void EventEditor::fire() { Q_EMIT fireRequested(m_function, data()); }

void EventEditor::checkName()
{
    const QString problem = m_draft ? eventNameProblem(name()) : QString();
    m_nameProblem->setText(problem);
    m_nameProblem->setVisible(!problem.isEmpty());
    m_name->setProperty("invalid", !problem.isEmpty());
    m_name->style()->unpolish(m_name);
    m_name->style()->polish(m_name);
}

void EventEditor::showState()
{
    m_name->setReadOnly(!m_draft || m_readOnly);
    m_save->setEnabled(!m_readOnly && isModified());
    m_warning->setVisible(m_editor->error().has_value());
    checkName();
}

} // namespace kiln::ui
