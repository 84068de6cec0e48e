// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/panes/trigger_editor.h"

class QComboBox;
class QLabel;
class QLineEdit;

namespace kiln::ui {

/// Edits a schedule: expression and timezone, with the next five runs, or why there are none.
class ScheduleEditor : public TriggerEditor
{
    Q_OBJECT

public:
    ScheduleEditor(const ScheduleTrigger &trigger, const TriggerChecks &checks, QWidget *parent = nullptr);

    [[nodiscard]] Trigger trigger() const override;

private:
    [[nodiscard]] ScheduleTrigger schedule() const;
    void fillTimezones(const QString &current);
    void check();

    TriggerChecks m_checks;
    QLineEdit *const m_expression;
    QComboBox *const m_timezone;
    QLabel *const m_note;
};

} // namespace kiln::ui
