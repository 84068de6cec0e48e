// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/worker_model.h"

#include "core/base/wall_time.h"
#include "ui/models/plain_text.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <map>

namespace kiln::ui {

struct WorkerModel::Group
{
    std::string function;
    std::vector<WorkerView> workers; ///< By id.
};

QString stateText(WorkerState state)
{
    switch (state) {
    case WorkerState::Starting: return WorkerModel::tr("Starting");
    case WorkerState::Idle: return WorkerModel::tr("Idle");
    case WorkerState::Busy: return WorkerModel::tr("Busy");
    case WorkerState::Stopping: return WorkerModel::tr("Stopping");
    }
    Q_UNREACHABLE();
}

QString runningText(const WorkerView &worker)
{
    return worker.perWorker > 1 ? WorkerModel::tr("%L1 of %L2").arg(worker.running).arg(worker.perWorker) : QString();
}

namespace {

/// "Busy, 3 of 10"
QString wholeStateText(const WorkerView &worker)
{
    if (worker.frozen)
        return WorkerModel::tr("Frozen");
    const bool shares = worker.state == WorkerState::Busy && worker.perWorker > 1;
    const QString state = stateText(worker.state);
    return shares ? WorkerModel::tr("%1, %2").arg(state, runningText(worker)) : state;
}

bool isFigure(int column)
{
    return column == WorkerModel::AgeColumn || column == WorkerModel::ServedColumn ||
           column == WorkerModel::MemoryColumn || column == WorkerModel::CpuColumn || column == WorkerModel::PidColumn;
}

/// "12 %"; of one processor, so that four busy threads are 400 %.
QString cpuText(double share)
{
    return WorkerModel::tr("%1 %").arg(share * 100, 0, 'f', share < 0.0995 && share > 0 ? 1 : 0);
}

} // namespace

WorkerModel::WorkerModel(QObject *parent)
    : QAbstractItemModel(parent)
{}

WorkerModel::~WorkerModel() = default;

void WorkerModel::setFunctionFilter(const std::string &function) { m_function = function; }

void WorkerModel::setWorkers(const std::vector<WorkerView> &workers, WallTime now)
{
    m_now = now;
    std::map<std::string, std::vector<WorkerView>> wanted;
    for (const WorkerView &worker : workers) {
        if (m_function.empty() || worker.function == m_function)
            wanted[worker.function].push_back(worker);
    }
    for (int row = int(m_groups.size()) - 1; row >= 0; --row) {
        if (wanted.contains(m_groups[std::size_t(row)]->function))
            continue;
        beginRemoveRows({}, row, row);
        m_groups.erase(m_groups.begin() + row);
        endRemoveRows();
    }
    int row = 0;
    for (auto &[function, list] : wanted) {
        std::sort(list.begin(), list.end(), [](const auto &a, const auto &b) { return a.id < b.id; });
        if (row == int(m_groups.size()) || m_groups[std::size_t(row)]->function != function) {
            beginInsertRows({}, row, row);
            m_groups.insert(m_groups.begin() + row, std::make_unique<Group>(Group{function, std::move(list)}));
            endInsertRows();
        } else {
            update(*m_groups[std::size_t(row)], std::move(list));
        }
        ++row;
    }
}

/// Removes, adds and changes rows of one group; both lists are ordered by id.
void WorkerModel::update(Group &group, std::vector<WorkerView> workers)
{
    const QModelIndex parent = indexOf(group);
    bool changed = false;
    std::size_t row = 0;
    for (const WorkerView &worker : workers) {
        while (row < group.workers.size() && group.workers[row].id < worker.id) {
            beginRemoveRows(parent, int(row), int(row));
            group.workers.erase(group.workers.begin() + std::ptrdiff_t(row));
            endRemoveRows();
            changed = true;
        }
        if (row == group.workers.size() || group.workers[row].id != worker.id) {
            beginInsertRows(parent, int(row), int(row));
            group.workers.insert(group.workers.begin() + std::ptrdiff_t(row), worker);
            endInsertRows();
            changed = true;
        } else if (group.workers[row] != worker) {
            group.workers[row] = worker;
            Q_EMIT dataChanged(index(int(row), 0, parent), index(int(row), ColumnCount - 1, parent));
            changed = true;
        }
        ++row;
    }
    if (row < group.workers.size()) {
        beginRemoveRows(parent, int(row), int(group.workers.size()) - 1);
        group.workers.resize(row);
        endRemoveRows();
        changed = true;
    }
    if (changed)
        Q_EMIT dataChanged(parent, parent.siblingAtColumn(ColumnCount - 1));
}

QModelIndex WorkerModel::indexOf(const Group &group) const
{
    for (std::size_t row = 0; row < m_groups.size(); ++row) {
        if (m_groups[row].get() == &group)
            return createIndex(int(row), 0, nullptr);
    }
    return {};
}

QModelIndex WorkerModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? m_groups[std::size_t(parent.row())].get() : nullptr);
}

QModelIndex WorkerModel::parent(const QModelIndex &index) const
{
    const auto *group = static_cast<const Group *>(index.internalPointer());
    return group ? indexOf(*group) : QModelIndex();
}

int WorkerModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_groups.size());
    const bool isGroup = !parent.internalPointer() && parent.column() == 0;
    return isGroup ? int(m_groups[std::size_t(parent.row())]->workers.size()) : 0;
}

int WorkerModel::columnCount(const QModelIndex &) const { return ColumnCount; }

int WorkerModel::workerCount() const
{
    int count = 0;
    for (const auto &group : m_groups)
        count += int(group->workers.size());
    return count;
}

std::optional<WorkerView> WorkerModel::workerAt(const QModelIndex &index) const
{
    const auto *group = index.isValid() ? static_cast<const Group *>(index.internalPointer()) : nullptr;
    return group ? std::optional(group->workers[std::size_t(index.row())]) : std::nullopt;
}

QString WorkerModel::functionAt(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    const auto *group = static_cast<const Group *>(index.internalPointer());
    return toQString(group ? group->function : m_groups[std::size_t(index.row())]->function);
}

QVariant WorkerModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (isFigure(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    if (const auto *group = static_cast<const Group *>(index.internalPointer()))
        return workerData(group->workers[std::size_t(index.row())], index.column(), role);
    return groupData(*m_groups[std::size_t(index.row())], index.column(), role);
}

QVariant WorkerModel::groupData(const Group &group, int column, int role) const
{
    if (role == StatesRole) {
        QList<int> states;
        for (const WorkerView &worker : group.workers)
            states.append(int(worker.state));
        return QVariant::fromValue(states);
    }
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole && role != ExactRole)
        return {};
    std::uint64_t served = 0;
    ByteSize memory;
    double cpu = 0;
    std::array<int, 4> count{};
    for (const WorkerView &worker : group.workers) {
        served += worker.served;
        memory.count += worker.memory.count;
        cpu += worker.cpu;
        ++count[std::size_t(worker.state)];
    }
    switch (column) {
    case NameColumn: return toQString(group.function);
    case StateColumn: {
        QStringList parts;
        for (const WorkerState state :
             {WorkerState::Busy, WorkerState::Idle, WorkerState::Starting, WorkerState::Stopping}) {
            if (count[std::size_t(state)] > 0)
                parts.append(tr("%1 %2").arg(count[std::size_t(state)]).arg(stateText(state).toLower()));
        }
        return parts.join(QStringLiteral(" · "));
    }
    case ServedColumn: return role == ExactRole ? QString::number(served) : countText(double(served));
    case MemoryColumn: return role == ExactRole ? QString::number(memory.count) : sizeText(memory);
    case CpuColumn: return role == ExactRole ? QString::number(cpu * 100) : cpuText(cpu);
    default: return {};
    }
}

QVariant WorkerModel::workerData(const WorkerView &worker, int column, int role) const
{
    if (role == StatesRole)
        return QVariant::fromValue(QList<int>{int(worker.state)});
    if (role == StartRole)
        return int(worker.start);
    if (role == Qt::FontRole && column == RevisionColumn)
        return codeFont();
    if (role == Qt::ForegroundRole && (column == RevisionColumn || column == PidColumn || column == WhyColumn))
        return theme().muted;
    if (role == Qt::ToolTipRole)
        return column == AgeColumn || column == WhyColumn
                   ? plainToolTip(tr("Started %1: %2").arg(dateTimeText(worker.started), toQString(worker.why)))
                   : QString();
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole && role != ExactRole)
        return {};
    const bool exact = role == ExactRole;
    switch (column) {
    case NameColumn: return tr("Worker %1").arg(worker.id);
    case StateColumn: return wholeStateText(worker);
    case StartColumn: return startText(worker.start);
    case AgeColumn: {
        const auto age = std::chrono::floor<std::chrono::seconds>(std::max(m_now, worker.started) - worker.started);
        return exact ? toQString(toIso8601(worker.started)) : age.count() == 0 ? tr("new") : durationText(age);
    }
    case ServedColumn: return exact ? QString::number(worker.served) : countText(double(worker.served));
    case MemoryColumn:
        return exact                     ? QString::number(worker.memory.count)
               : worker.memory.count > 0 ? sizeText(worker.memory)
                                         : QString();
    case CpuColumn: return exact ? QString::number(worker.cpu * 100) : cpuText(worker.cpu);
    case WhyColumn: return toQString(worker.why);
    case TierColumn: return tierText(worker.tier);
    case PidColumn: return worker.pid > 0 ? QString::number(worker.pid) : QString();
    case RevisionColumn: return exact ? toQString(worker.revision) : toQString(worker.revision).left(8);
    default: return {};
    }
}

QVariant WorkerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (isFigure(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn: return tr("Function");
    case StateColumn: return tr("State");
    case StartColumn: return tr("Start");
    case AgeColumn: return tr("Age");
    case ServedColumn: return tr("Served");
    case MemoryColumn: return tr("Memory");
    case CpuColumn: return tr("CPU");
    case WhyColumn: return tr("Started because");
    case TierColumn: return tr("Sandbox");
    case PidColumn: return tr("Process");
    case RevisionColumn: return tr("Revision");
    default: return {};
    }
}

} // namespace kiln::ui
