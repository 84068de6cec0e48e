// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/scale_event.h"

#include <QAbstractTableModel>

#include <vector>

namespace kiln::ui {

/// Starts and stops of workers with their reasons, newest first. GUI thread.
class ScaleModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { TimeColumn, FunctionColumn, WhatColumn, WorkerColumn, WhyColumn, ColumnCount };
    enum Role {
        WhatRole = Qt::UserRole, ///< int(ScaleEvent::What).
        FailedRole,              ///< bool: it did not stop of the engine's will.
        ExactRole,               ///< As it is copied.
    };
    struct Row
    {
        std::string function;
        ScaleEvent event;
        bool operator==(const Row &) const = default;
    };

    explicit ScaleModel(QObject *parent = nullptr);

    /// Oldest first. What was added since the last call is inserted, so that a selection stays where it is.
    void setRows(std::vector<Row> rows);
    [[nodiscard]] const Row &rowAt(int row) const { return m_rows[m_rows.size() - 1 - std::size_t(row)]; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<Row> m_rows; ///< Oldest first.
};

} // namespace kiln::ui
