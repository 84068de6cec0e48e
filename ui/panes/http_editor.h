// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/panes/trigger_editor.h"

class QComboBox;
class QLabel;
class QLineEdit;

namespace kiln::ui {

/// Edits an HTTP route: method and path.
class HttpEditor : public TriggerEditor
{
    Q_OBJECT

public:
    HttpEditor(const HttpTrigger &trigger, const TriggerChecks &checks, QWidget *parent = nullptr);

    [[nodiscard]] Trigger trigger() const override;

private:
    [[nodiscard]] HttpTrigger route() const;
    void check();

    TriggerChecks m_checks;
    QComboBox *const m_method;
    QLineEdit *const m_path;
    QLabel *const m_note;
};

} // namespace kiln::ui
