// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/http_editor.h"

#include "ui/panes/calm_combo_box.h"
#include "ui/panes/widget_state.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace kiln::ui {

HttpEditor::HttpEditor(const HttpTrigger &trigger, const TriggerChecks &checks, QWidget *parent)
    : TriggerEditor(parent)
    , m_checks(checks)
    , m_method(new CalmComboBox(this))
    , m_path(new QLineEdit(this))
    , m_note(new QLabel(this))
{
    m_method->setObjectName(QStringLiteral("method"));
    m_method->setAccessibleName(tr("HTTP method"));
    for (const char *method : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"})
        m_method->addItem(QString::fromLatin1(method));
    m_method->setCurrentText(QString::fromStdString(trigger.method));
    m_path->setObjectName(QStringLiteral("path"));
    m_path->setAccessibleName(tr("Path"));
    m_path->setFont(codeFont());
    m_path->setPlaceholderText(QStringLiteral("/orders/{id}"));
    m_path->setText(QString::fromStdString(trigger.path));
    m_note->setWordWrap(true);
    setFocusProxy(m_path);

    auto *fields = new QHBoxLayout;
    fields->setSpacing(4);
    fields->addWidget(m_method);
    fields->addWidget(m_path, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 4);
    layout->setSpacing(4);
    layout->addLayout(fields);
    layout->addWidget(m_note);
    layout->addWidget(makeButtons());

    connect(m_path, &QLineEdit::textChanged, this, &HttpEditor::check);
    connect(m_path, &QLineEdit::returnPressed, this, &HttpEditor::save);
    connect(m_method, &QComboBox::currentIndexChanged, this, &HttpEditor::check);
    check();
}

HttpTrigger HttpEditor::route() const
{
    return {m_method->currentText().toStdString(), m_path->text().trimmed().toStdString()};
}

Trigger HttpEditor::trigger() const { return route(); }

void HttpEditor::check()
{
    const std::string problem = m_checks.route ? m_checks.route(route()) : std::string();
    const bool empty = m_path->text().trimmed().isEmpty();
    const bool bad = !problem.empty() && !empty;
    setRole(*m_note, bad ? "error" : "muted");
    m_note->setText(bad ? QString::fromStdString(problem)
                        : tr("{id} takes a segment of the path, {rest+} all that follows"));
    setInvalid(*m_path, bad);
    setGood(problem.empty() && !empty);
}

} // namespace kiln::ui
