// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/scale_model.h"

#include "core/base/wall_time.h"
#include "ui/models/plain_text.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <algorithm>

namespace kiln::ui {

namespace {

/// "started: 3 waiting, 0 idle, 2 of 20 running"
QString sentence(const ScaleEvent &event)
{
    return event.what == ScaleEvent::What::Started ? ScaleModel::tr("Started: %1").arg(toQString(event.why))
                                                   : ScaleModel::tr("Stopped: %1").arg(toQString(event.why));
}

} // namespace

ScaleModel::ScaleModel(QObject *parent)
    : QAbstractTableModel(parent)
{}

void ScaleModel::setRows(std::vector<Row> rows)
{
    if (rows == m_rows)
        return;
    // Where the newest known stands in the new list: what is after it is new, what is before its oldest is gone.
    const auto known = m_rows.empty() ? rows.rend() : std::find(rows.rbegin(), rows.rend(), m_rows.back());
    const auto kept = std::size_t(rows.rend() - known);
    if (kept == 0 || kept > m_rows.size() ||
        !std::equal(rows.begin(), rows.begin() + std::ptrdiff_t(kept), m_rows.end() - std::ptrdiff_t(kept))) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    if (kept < m_rows.size()) {
        beginRemoveRows({}, int(kept), int(m_rows.size()) - 1);
        m_rows.erase(m_rows.begin(), m_rows.end() - std::ptrdiff_t(kept));
        endRemoveRows();
    }
    if (const int added = int(rows.size() - kept); added > 0) {
        beginInsertRows({}, 0, added - 1);
        m_rows = std::move(rows);
        endInsertRows();
    }
}

int ScaleModel::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : int(m_rows.size()); }
int ScaleModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant ScaleModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto &[function, event] = rowAt(index.row());
    switch (role) {
    case WhatRole: return int(event.what);
    case FailedRole: return event.cause == ScaleCause::Failed;
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter | (index.column() == WorkerColumn ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole: return index.column() == TimeColumn ? QVariant(theme().muted) : QVariant();
    case Qt::ToolTipRole:
        return plainToolTip(tr("%1\nWorker %2 of %3 at %4; after it %L5 of %L6 workers")
                                .arg(sentence(event))
                                .arg(event.worker)
                                .arg(toQString(function), dateTimeText(event.time))
                                .arg(event.running)
                                .arg(event.limit));
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
    case ExactRole: break;
    default: return {};
    }
    switch (index.column()) {
    case TimeColumn: return role == ExactRole ? toQString(toIso8601(event.time)) : clockText(event.time);
    case FunctionColumn: return toQString(function);
    case WhatColumn: return event.what == ScaleEvent::What::Started ? tr("Started") : tr("Stopped");
    case WorkerColumn: return QString::number(event.worker);
    case WhyColumn: return toQString(event.why);
    default: return {};
    }
}

QVariant ScaleModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (section == WorkerColumn ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn: return tr("Time");
    case FunctionColumn: return tr("Function");
    case WhatColumn: return tr("What");
    case WorkerColumn: return tr("Worker");
    case WhyColumn: return tr("Why");
    default: return {};
    }
}

} // namespace kiln::ui
