// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/trigger_editor.h"

#include "ui/panes/http_editor.h"
#include "ui/panes/schedule_editor.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>

namespace kiln::ui {

TriggerEditor *TriggerEditor::make(const Trigger &trigger, const TriggerChecks &checks, QWidget *parent)
{
    if (const auto *http = std::get_if<HttpTrigger>(&trigger))
        return new HttpEditor(*http, checks, parent);
    if (const auto *schedule = std::get_if<ScheduleTrigger>(&trigger))
        return new ScheduleEditor(*schedule, checks, parent);
    return nullptr;
}

QWidget *TriggerEditor::makeButtons()
{
    auto *row = new QWidget(this);
    auto *save = new QPushButton(tr("Save"), row);
    save->setObjectName(QStringLiteral("save"));
    save->setProperty("primary", true);
    auto *cancel = new QPushButton(tr("Cancel"), row);
    cancel->setObjectName(QStringLiteral("cancel"));
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->addStretch(1);
    layout->addWidget(cancel);
    layout->addWidget(save);
    connect(save, &QPushButton::clicked, this, &TriggerEditor::save);
    connect(cancel, &QPushButton::clicked, this, &TriggerEditor::cancelled);
    m_save = save;
    return row;
}

void TriggerEditor::setGood(bool good)
{
    m_good = good;
    m_save->setEnabled(good);
}

void TriggerEditor::save()
{
    if (m_good)
        Q_EMIT saved(trigger());
}

void TriggerEditor::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT cancelled();
    else
        QWidget::keyPressEvent(event);
}

} // namespace kiln::ui
