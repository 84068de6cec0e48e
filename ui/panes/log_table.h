// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "ui/models/log_model.h"

#include <QTableView>

class QLabel;

namespace kiln::ui {

/// Log lines in rows of one height; long ones are cut at the edge. Copies whole lines.
class LogTable : public QTableView
{
    Q_OBJECT

public:
    explicit LogTable(LogModel *model, QWidget *parent = nullptr);

    [[nodiscard]] bool atEnd() const;

private:
    void copySelection();
};

/// The lines of one invocation.
class LogList : public QWidget
{
    Q_OBJECT

public:
    explicit LogList(QWidget *parent = nullptr);

    void setInvocation(const InvocationPtr &invocation); ///< Null shows none.
    [[nodiscard]] LogModel *model() const { return m_model; }

private:
    LogModel *const m_model;
    LogTable *const m_table;
    QLabel *const m_note;
};

} // namespace kiln::ui
