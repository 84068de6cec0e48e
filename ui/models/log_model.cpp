// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/log_model.h"

#include "core/base/wall_time.h"
#include "ui/models/invocation_text.h"
#include "ui/models/plain_text.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <algorithm>

namespace kiln::ui {

namespace {

constexpr std::size_t shownBytes = 1000; // of a line in its row; more never fits

QColor colourOf(LogLevel level)
{
    switch (level) {
    case LogLevel::Error:
    case LogLevel::Fatal: return theme().error;
    case LogLevel::Warn: return theme().warm;
    case LogLevel::Info: return theme().ok;
    case LogLevel::System: return theme().cold;
    case LogLevel::Trace:
    case LogLevel::Debug: return theme().muted;
    }
    Q_UNREACHABLE();
}

QString shownText(const std::string &text)
{
    QString shown = toQString(std::string_view(text).substr(0, shownBytes));
    shown.replace(QLatin1Char('\t'), QStringLiteral("    "));
    return shown;
}

} // namespace

LogModel::Change LogModel::append(const Feed<LogEntry> &feed)
{
    Change change;
    if (feed.end() < m_next) { // another engine's feed
        setEntries({});
        m_next = 0;
    }
    if (feed.end() == m_next)
        return change;
    const std::uint64_t newest = feed.end() > std::uint64_t(bound) ? feed.end() - std::uint64_t(bound) : 0;
    std::vector<Row> fresh;
    for (const auto &chunk : feed.chunks) {
        const std::uint64_t last = chunk->first + chunk->items.size();
        for (std::uint64_t i = std::max({m_next, newest, chunk->first}); i < last; ++i) {
            const LogEntry &entry = chunk->items[std::size_t(i - chunk->first)];
            m_all.push_back({std::shared_ptr<const LogEntry>(chunk, &entry), i});
            if (passes(entry))
                fresh.push_back(m_all.back());
        }
    }
    m_next = feed.end();
    if (!fresh.empty()) {
        change.added = int(fresh.size());
        beginInsertRows({}, rowCount(), rowCount() + change.added - 1);
        m_shown.insert(m_shown.end(), fresh.begin(), fresh.end());
        endInsertRows();
    }
    while (total() > bound)
        m_all.pop_front();
    const std::uint64_t keptFrom = m_all.front().sequence;
    change.removed =
        int(std::find_if(m_shown.begin(), m_shown.end(), [&](const Row &row) { return row.sequence >= keptFrom; }) -
            m_shown.begin());
    if (change.removed > 0) {
        beginRemoveRows({}, 0, change.removed - 1);
        m_shown.erase(m_shown.begin(), m_shown.begin() + change.removed);
        endRemoveRows();
    }
    return change;
}

void LogModel::setEntries(std::vector<LogEntry> entries)
{
    beginResetModel();
    m_all.clear();
    const auto shared = std::make_shared<const std::vector<LogEntry>>(std::move(entries));
    const std::size_t skip = shared->size() - std::min(shared->size(), std::size_t(bound));
    for (std::size_t i = skip; i < shared->size(); ++i)
        m_all.push_back({std::shared_ptr<const LogEntry>(shared, &(*shared)[i]), i});
    refill();
    endResetModel();
}

void LogModel::setFilter(Filter filter)
{
    if (filter == m_filter)
        return;
    beginResetModel();
    m_filter = std::move(filter);
    refill();
    endResetModel();
}

void LogModel::refill()
{
    m_shown.clear();
    std::copy_if(m_all.begin(), m_all.end(), std::back_inserter(m_shown),
                 [this](const Row &row) { return passes(*row.entry); });
}

bool LogModel::passes(const LogEntry &entry) const
{
    const bool level = entry.line.level == LogLevel::System ? m_filter.system : entry.line.level >= m_filter.least;
    return level && (m_filter.function.empty() || entry.function == m_filter.function) &&
           m_filter.text.matches(entry.line.text);
}

int LogModel::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : int(m_shown.size()); }

int LogModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : int(ColumnCount); }

QVariant LogModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto &[line, function, invocation] = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        switch (index.column()) {
        case TimeColumn: return momentText(line.time);
        case LevelColumn: return levelText(line.level);
        case FunctionColumn: return toQString(function);
        case TextColumn: return shownText(line.text);
        }
        return {};
    case EntryRole: return toQString(line.text);
    case ExactRole:
        return QStringList({toQString(toIso8601(line.time)), levelText(line.level).toUpper(), toQString(function),
                            toQString(line.text)})
            .join(QLatin1Char('\t'));
    case Qt::FontRole: return codeFont();
    case Qt::ForegroundRole:
        if (index.column() == LevelColumn || (index.column() == TextColumn && line.level == LogLevel::System))
            return index.column() == TextColumn ? theme().muted : colourOf(line.level);
        if (index.column() == TextColumn)
            return line.level == LogLevel::Error || line.level == LogLevel::Fatal ? theme().error : theme().text;
        return theme().muted;
    default: return {};
    }
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | Qt::AlignLeft);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn: return tr("Time");
    case LevelColumn: return tr("Level");
    case FunctionColumn: return tr("Function");
    case TextColumn: return tr("Text");
    default: return {};
    }
}

} // namespace kiln::ui
