// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/triggers_form.h"

#include "ui/panes/section.h"
#include "ui/panes/widget_state.h"
#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

QToolButton *iconButton(const QString &name, const QString &what, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(icon(name, theme().muted));
    button->setToolTip(what);
    button->setAccessibleName(what);
    return button;
}

} // namespace

TriggersForm::TriggersForm(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins({});
    m_layout->setSpacing(2);
}

void TriggersForm::setTriggers(const std::string &function, const std::vector<Trigger> &triggers)
{
    if (function == m_function && triggers == m_triggers)
        return;
    m_function = function;
    m_triggers = triggers;
    rebuild();
}

void TriggersForm::setReadOnly(bool readOnly)
{
    if (m_readOnly == readOnly)
        return;
    m_readOnly = readOnly;
    rebuild();
}

void TriggersForm::rebuild()
{
    m_editor = nullptr;
    m_rows.clear();
    while (QLayoutItem *item = m_layout->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (std::size_t i = 0; i < m_triggers.size(); ++i)
        m_layout->addWidget(makeLine(i));
    if (m_triggers.empty())
        m_layout->addWidget(hintLabel(tr("Fired by hand only. + wires an HTTP route, a URL or a schedule."), this));
}

QString TriggersForm::urlOf(std::size_t index) const
{
    if (m_address.isEmpty())
        return {};
    if (const auto *http = std::get_if<HttpTrigger>(&m_triggers[index]))
        return m_address + QString::fromStdString(http->path);
    if (std::holds_alternative<UrlTrigger>(m_triggers[index]))
        return m_address + QStringLiteral("/fn/") + QString::fromStdString(m_function);
    return {};
}

QWidget *TriggersForm::makeLine(std::size_t index)
{
    const Trigger &trigger = m_triggers[index];
    const std::string_view kind = kindOf(trigger);
    auto *row = new QWidget(this);
    auto *sign = new QLabel(row);
    sign->setPixmap(icon(QString::fromLatin1(kind.data(), int(kind.size())), theme().muted).pixmap(16, 16));
    const QString text = QString::fromStdString(labelOf(trigger));
    auto *label = new QLabel(row);
    label->setTextFormat(Qt::PlainText);
    label->setText(label->fontMetrics().elidedText(text, Qt::ElideRight, 136));
    label->setToolTip(text);
    auto *state = new QLabel(row);
    state->setProperty("role", QStringLiteral("muted"));
    auto *line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(sign);
    line->addWidget(label, 1);
    line->addWidget(state);

    if (kind == "schedule") {
        auto *run = iconButton(QStringLiteral("fire"), tr("Run %1 now").arg(text), row);
        run->setObjectName(QStringLiteral("runTrigger-%1").arg(index));
        line->addWidget(run);
        connect(run, &QToolButton::clicked, this,
                [=, this] { Q_EMIT runRequested(QString::fromStdString(m_function), int(index)); });
    } else {
        auto *copy = iconButton(QStringLiteral("copy"), tr("Copy the address of %1").arg(text), row);
        line->addWidget(copy);
        connect(copy, &QToolButton::clicked, this, [=, this] { Q_EMIT copyRequested(urlOf(index)); });
    }
    if (kind != "url") {
        auto *edit = iconButton(QStringLiteral("edit"), tr("Edit %1").arg(text), row);
        edit->setObjectName(QStringLiteral("editTrigger-%1").arg(index));
        edit->setEnabled(!m_readOnly);
        line->addWidget(edit);
        connect(edit, &QToolButton::clicked, this, [=, this] { editTrigger(int(index)); });
    }
    auto *remove = iconButton(QStringLiteral("close"), tr("Remove %1").arg(text), row);
    remove->setObjectName(QStringLiteral("removeTrigger-%1").arg(index));
    remove->setEnabled(!m_readOnly);
    line->addWidget(remove);
    connect(remove, &QToolButton::clicked, this, [=, this] { Q_EMIT editRequested(RemoveTrigger{m_function, index}); });

    auto *layout = new QVBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(line);
    m_rows.push_back({row, state});
    return row;
}

void TriggersForm::setLive(const std::vector<TriggerLive> &live, WallTime now, const QString &address)
{
    m_address = address;
    for (std::size_t i = 0; i < m_rows.size() && i < live.size(); ++i) {
        const TriggerLive &trigger = live[i];
        QLabel &state = *m_rows[i].state;
        setRole(state, trigger.problem.empty() ? "muted" : "error");
        state.setToolTip(QString::fromStdString(trigger.problem));
        state.setText(!trigger.problem.empty() ? tr("not working")
                      : trigger.nextRun        ? untilText(*trigger.nextRun, now)
                      : trigger.rate > 0       ? rateText(trigger.rate)
                                               : QString());
    }
}

void TriggersForm::editTrigger(int index)
{
    if (m_readOnly || index < 0 || std::size_t(index) >= m_triggers.size())
        return;
    closeEditor();
    QWidget *line = m_rows[std::size_t(index)].line;
    openEditor(TriggerEditor::make(m_triggers[std::size_t(index)], m_checks, line), line,
               [=, this](const Trigger &trigger) {
                   Q_EMIT editRequested(ReplaceTrigger{m_function, std::size_t(index), trigger});
               });
}

void TriggersForm::beginAdd(const Trigger &trigger)
{
    closeEditor();
    TriggerEditor *editor = TriggerEditor::make(trigger, m_checks, this);
    if (!editor) {
        Q_EMIT editRequested(AddTrigger{m_function, trigger});
        return;
    }
    openEditor(editor, this, [this](const Trigger &made) { Q_EMIT editRequested(AddTrigger{m_function, made}); });
}

void TriggersForm::openEditor(TriggerEditor *editor, QWidget *in, std::function<void(const Trigger &)> save)
{
    if (!editor)
        return;
    m_editor = editor;
    in->layout()->addWidget(editor);
    editor->setFocus();
    Q_EMIT editorOpened(editor);
    connect(editor, &TriggerEditor::cancelled, this, &TriggersForm::closeEditor);
    connect(editor, &TriggerEditor::saved, this, [this, save = std::move(save)](const Trigger &trigger) {
        closeEditor();
        save(trigger);
    });
}

void TriggersForm::closeEditor()
{
    if (!m_editor)
        return;
    m_editor->hide();
    m_editor->deleteLater();
    m_editor = nullptr;
}

void TriggersForm::fillAddMenu(QMenu &menu)
{
    menu.addAction(icon(QStringLiteral("http")), tr("HTTP route…"), this, [this] {
        beginAdd(HttpTrigger{"POST", ""});
    });
    menu.addAction(icon(QStringLiteral("url")), tr("Function URL"), this, [this] { beginAdd(UrlTrigger{}); });
    menu.addAction(icon(QStringLiteral("schedule")), tr("Schedule…"), this, [this] { beginAdd(ScheduleTrigger{}); });
}

} // namespace kiln::ui
