// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"

#include <QWidget>

class QLabel;

namespace kiln::ui {

/// The last invocation in short: outcome, how long its phases took, and the beginning of what it answered.
class LastResult : public QWidget
{
    Q_OBJECT

public:
    explicit LastResult(QWidget *parent = nullptr);

    void setInvocation(InvocationPtr invocation);
    /// "OK · 1.70 ms · warm"; empty when there is none.
    [[nodiscard]] QString summary() const;

Q_SIGNALS:
    void openRequested(const kiln::InvocationPtr &invocation);

private:
    InvocationPtr m_invocation;
    QLabel *const m_hint;
    QLabel *const m_outcome;
    QLabel *const m_phases;
    QLabel *const m_text;
    QLabel *const m_open;
};

} // namespace kiln::ui
