// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_view.h"

#include <QAbstractItemModel>

#include <memory>
#include <optional>
#include <vector>

namespace kiln::ui {

/// The workers, under the functions they serve. Each setWorkers changes only what differs. GUI thread.
class WorkerModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column {
        NameColumn, ///< The function, or "Worker 12".
        StateColumn,
        StartColumn,
        AgeColumn,
        ServedColumn,
        MemoryColumn,
        CpuColumn, ///< Of one processor, over the last second.
        WhyColumn, ///< It was started.
        TierColumn,
        PidColumn,
        RevisionColumn,
        ColumnCount
    };
    enum Role {
        StatesRole = Qt::UserRole, ///< QList<int> of WorkerState: of a function's workers, or of the one worker.
        StartRole,                 ///< int(Start); only of a worker.
        ExactRole,                 ///< As it is copied.
    };

    explicit WorkerModel(QObject *parent = nullptr);
    ~WorkerModel() override;

    void setWorkers(const std::vector<WorkerView> &workers, WallTime now);
    void setFunctionFilter(const std::string &function); ///< Empty: all. Counts from the next setWorkers on.

    [[nodiscard]] std::optional<WorkerView> workerAt(const QModelIndex &index) const;
    [[nodiscard]] QString functionAt(const QModelIndex &index) const;
    [[nodiscard]] int workerCount() const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Group;
    void update(Group &group, std::vector<WorkerView> workers);
    QModelIndex indexOf(const Group &group) const;
    QVariant groupData(const Group &group, int column, int role) const;
    QVariant workerData(const WorkerView &worker, int column, int role) const;

    std::vector<std::unique_ptr<Group>> m_groups; ///< By function name.
    std::string m_function;
    WallTime m_now;
};

[[nodiscard]] QString stateText(WorkerState state); ///< "Starting", "Idle", …
/// "3 of 10": invocations under way; empty for a worker that has one at a time.
[[nodiscard]] QString runningText(const WorkerView &worker);

} // namespace kiln::ui
