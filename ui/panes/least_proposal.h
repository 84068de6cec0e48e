// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/grant_use.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;

namespace kiln::ui {

/// Which of a function's permissions were not seen in use, and on request the least that would do. Hidden while there
/// is nothing to say.
class LeastProposal : public QWidget
{
    Q_OBJECT

public:
    explicit LeastProposal(QWidget *parent = nullptr);

    void setUses(const std::vector<GrantUse> &uses);
    void setReadOnly(bool readOnly);
    void dismiss(); ///< Takes the proposal back from view.

Q_SIGNALS:
    void wanted(const kiln::Narrowing &narrowing);

private:
    void refresh();

    Narrowing m_narrowing;
    Narrowing m_shown; ///< What the user sees and agrees to: it does not change under the pointer.
    bool m_open = false;
    bool m_readOnly = false;
    QLabel *const m_idle;
    QLabel *const m_changes;
    QPushButton *const m_propose;
    QPushButton *const m_apply;
    QPushButton *const m_cancel;
};

} // namespace kiln::ui
