// SPDX-License-Identifier: GPL-3.0-or-later
// What InvocationModel says of a row; how it keeps rows is in invocation_model.cpp.
#include "core/base/wall_time.h"
#include "ui/models/invocation_model.h"
#include "ui/models/invocation_text.h"
#include "ui/models/plain_text.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

namespace kiln::ui {

namespace {

QString milliseconds(std::chrono::nanoseconds duration)
{
    return QString::number(double(duration.count()) / 1e6, 'f', 6) + QStringLiteral(" ms");
}

QString shownText(const Invocation &invocation, int column)
{
    switch (column) {
    case InvocationModel::TimeColumn: return momentText(endOf(invocation));
    case InvocationModel::FunctionColumn: return functionNameOf(invocation);
    case InvocationModel::TriggerColumn: return triggerText(invocation.triggerKind);
    case InvocationModel::OutcomeColumn: return outcomeText(invocation.outcome);
    case InvocationModel::StartColumn:
        return invocation.worker == 0 ? InvocationModel::tr("none") : startText(invocation.start);
    case InvocationModel::DurationColumn: return durationText(invocation.phases.total());
    case InvocationModel::MemoryColumn:
        return invocation.usage.maxMemory.count > 0 ? sizeText(invocation.usage.maxMemory) : QString();
    case InvocationModel::AttemptColumn: return QString::number(invocation.attempt);
    case InvocationModel::IdColumn: return shortId(invocation.id);
    default: return {};
    }
}

QString exactText(const Invocation &invocation, int column)
{
    switch (column) {
    case InvocationModel::TimeColumn: return toQString(toIso8601(endOf(invocation)));
    case InvocationModel::TriggerColumn: return toQString(invocation.triggerKind);
    case InvocationModel::OutcomeColumn: return toQString(toWord(invocation.outcome));
    case InvocationModel::StartColumn: return toQString(toWord(invocation.start));
    case InvocationModel::DurationColumn: return milliseconds(invocation.phases.total());
    case InvocationModel::PhasesColumn: {
        QStringList parts;
        const auto spans = invocation.phases.spans();
        for (std::size_t i = 0; i < spans.size(); ++i)
            parts.append(toQString(Phases::names[i]) + QLatin1Char(' ') + milliseconds(spans[i]));
        return parts.join(QStringLiteral(", "));
    }
    case InvocationModel::MemoryColumn: return QString::number(invocation.usage.maxMemory.count);
    case InvocationModel::IdColumn: return idText(invocation.id);
    default: return shownText(invocation, column);
    }
}

QString toolTip(const Invocation &invocation, int column)
{
    switch (column) {
    case InvocationModel::TimeColumn:
        return InvocationModel::tr("Ended %1, accepted %2")
            .arg(dateTimeText(endOf(invocation)), clockText(invocation.accepted));
    case InvocationModel::OutcomeColumn:
        return invocation.error ? toQString(invocation.error.type) + QStringLiteral(": ") +
                                      toQString(invocation.error.message).left(500)
                                : QString();
    case InvocationModel::PhasesColumn: {
        QStringList parts;
        const auto spans = invocation.phases.spans();
        for (std::size_t i = 0; i < spans.size(); ++i) {
            if (spans[i].count() > 0)
                parts.append(toQString(Phases::names[i]) + QLatin1Char(' ') + durationText(spans[i]));
        }
        return parts.join(QLatin1Char('\n'));
    }
    case InvocationModel::IdColumn: return idText(invocation.id);
    default: return {};
    }
}

bool isFigure(int column)
{
    return column == InvocationModel::DurationColumn || column == InvocationModel::MemoryColumn ||
           column == InvocationModel::AttemptColumn;
}

} // namespace

QVariant InvocationModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const InvocationPtr &invocation = m_shown[std::size_t(index.row())].invocation;
    switch (role) {
    case Qt::DisplayRole: return shownText(*invocation, index.column());
    case ExactRole: return exactText(*invocation, index.column());
    case InvocationRole: return QVariant::fromValue(invocation);
    case Qt::ToolTipRole: return plainToolTip(toolTip(*invocation, index.column()));
    case Qt::AccessibleTextRole:
        return index.column() == TimeColumn
                   ? shownText(*invocation, TimeColumn) + QStringLiteral(", ") + sentenceOf(*invocation)
               : index.column() == PhasesColumn ? toolTip(*invocation, PhasesColumn)
                                                : shownText(*invocation, index.column());
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter | (isFigure(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::FontRole: return index.column() == IdColumn ? QVariant(codeFont()) : QVariant();
    case Qt::ForegroundRole:
        if (index.column() == OutcomeColumn && invocation->outcome != Outcome::Ok)
            return theme().of(invocation->outcome);
        return index.column() == IdColumn || index.column() == TimeColumn ? QVariant(theme().muted) : QVariant();
    default: return {};
    }
}

QVariant InvocationModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (isFigure(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role == Qt::ToolTipRole && section == TimeColumn)
        return tr("When it ended");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn: return tr("Time");
    case FunctionColumn: return tr("Function");
    case TriggerColumn: return tr("Trigger");
    case OutcomeColumn: return tr("Outcome");
    case StartColumn: return tr("Start");
    case DurationColumn: return tr("Duration");
    case PhasesColumn: return tr("Phases");
    case MemoryColumn: return tr("Memory");
    case AttemptColumn: return tr("Attempt");
    case IdColumn: return tr("Id");
    default: return {};
    }
}

} // namespace kiln::ui
