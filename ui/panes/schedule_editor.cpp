// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/schedule_editor.h"

#include "ui/panes/calm_combo_box.h"
#include "ui/panes/widget_state.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QCompleter>
#include <QDateTime>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QTimeZone>
#include <QVBoxLayout>

namespace kiln::ui {

namespace {

/// A run in the schedule's own timezone, where its expression can be checked against it.
QString runText(WallTime time, const QTimeZone &zone)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const QDateTime run = QDateTime::fromSecsSinceEpoch(seconds, zone);
    return QLocale().toString(run, ScheduleEditor::tr("ddd yyyy-MM-dd HH:mm")) + QLatin1Char(' ') +
           run.timeZoneAbbreviation();
}

} // namespace

ScheduleEditor::ScheduleEditor(const ScheduleTrigger &trigger, const TriggerChecks &checks, QWidget *parent)
    : TriggerEditor(parent)
    , m_checks(checks)
    , m_expression(new QLineEdit(this))
    , m_timezone(new CalmComboBox(this))
    , m_note(new QLabel(this))
{
    m_expression->setObjectName(QStringLiteral("expression"));
    m_expression->setAccessibleName(tr("Schedule"));
    m_expression->setFont(codeFont());
    m_expression->setPlaceholderText(tr("0 2 * * *  or  rate(5 minutes)"));
    m_expression->setText(QString::fromStdString(trigger.expression));
    m_timezone->setObjectName(QStringLiteral("timezone"));
    m_timezone->setAccessibleName(tr("Timezone"));
    fillTimezones(QString::fromStdString(trigger.timezone));
    m_note->setObjectName(QStringLiteral("note"));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    setFocusProxy(m_expression);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 4);
    layout->setSpacing(4);
    layout->addWidget(m_expression);
    layout->addWidget(m_timezone);
    layout->addWidget(m_note);
    layout->addWidget(makeButtons());

    connect(m_expression, &QLineEdit::textChanged, this, &ScheduleEditor::check);
    connect(m_expression, &QLineEdit::returnPressed, this, &ScheduleEditor::save);
    connect(m_timezone, &QComboBox::currentTextChanged, this, &ScheduleEditor::check);
    check();
}

void ScheduleEditor::fillTimezones(const QString &current)
{
    m_timezone->setEditable(true);
    m_timezone->setInsertPolicy(QComboBox::NoInsert);
    m_timezone->addItem(QStringLiteral("UTC"));
    const QString here = QString::fromUtf8(QTimeZone::systemTimeZoneId());
    if (here != QStringLiteral("UTC"))
        m_timezone->addItem(here);
    for (const QByteArray &id : QTimeZone::availableTimeZoneIds()) {
        if (id.contains('/') && !id.startsWith("Etc/"))
            m_timezone->addItem(QString::fromUtf8(id));
    }
    m_timezone->completer()->setFilterMode(Qt::MatchContains);
    m_timezone->completer()->setCompletionMode(QCompleter::PopupCompletion);
    m_timezone->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_timezone->setCurrentText(current);
}

ScheduleTrigger ScheduleEditor::schedule() const
{
    return {m_expression->text().trimmed().toStdString(), m_timezone->currentText().trimmed().toStdString()};
}

Trigger ScheduleEditor::trigger() const { return schedule(); }

void ScheduleEditor::check()
{
    const ScheduleTrigger now = schedule();
    const QString hint = tr("Minute, hour, day of month, month, day of week; or rate(5 minutes)");
    const SchedulePreview preview =
        m_checks.schedule && !now.expression.empty() ? m_checks.schedule(now) : SchedulePreview{};
    const bool bad = !preview.error.empty();
    setInvalid(*m_expression, bad);
    setRole(*m_note, bad ? "error" : "muted");
    setGood(!bad && !now.expression.empty());
    if (bad) {
        m_note->setText(QString::fromStdString(preview.error));
    } else if (preview.next.empty()) {
        m_note->setText(hint);
    } else {
        const QTimeZone zone(QByteArray::fromStdString(now.timezone));
        QStringList lines{tr("Next runs")};
        for (const WallTime &run : preview.next)
            lines << runText(run, zone.isValid() ? zone : QTimeZone::utc());
        m_note->setText(lines.join(QLatin1Char('\n')));
    }
}

} // namespace kiln::ui
