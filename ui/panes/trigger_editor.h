// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/trigger.h"

#include <QWidget>

#include <functional>
#include <string>
#include <vector>

namespace kiln::ui {

/// When a schedule will run, or why it never can.
struct SchedulePreview
{
    std::string error; ///< Empty when the schedule is good.
    std::vector<WallTime> next;
};

/// The rules of triggers belong to the engine; the window lends them to the editors.
struct TriggerChecks
{
    std::function<SchedulePreview(const ScheduleTrigger &)> schedule;
    std::function<std::string(const HttpTrigger &)> route; ///< What is wrong with it; empty when nothing is.
};

/// Edits one trigger in place: fields, what is wrong under them, and Save and Cancel.
class TriggerEditor : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;

    /// The editor of that kind of trigger, filled with it; null for kinds that have nothing to edit.
    [[nodiscard]] static TriggerEditor *make(const Trigger &trigger, const TriggerChecks &checks, QWidget *parent);

    [[nodiscard]] virtual Trigger trigger() const = 0;

Q_SIGNALS:
    void saved(const kiln::Trigger &trigger);
    void cancelled();

protected:
    /// The row of buttons; Save is only enabled while `setGood(true)`.
    QWidget *makeButtons();
    void setGood(bool good);
    void save();
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *m_save = nullptr;
    bool m_good = true;
};

} // namespace kiln::ui
