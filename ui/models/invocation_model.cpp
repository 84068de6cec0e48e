// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/invocation_model.h"

#include "ui/models/invocation_text.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <unordered_set>

namespace kiln::ui {

namespace {

const std::string &functionOf(const Invocation &invocation)
{
    static const std::string none;
    return invocation.revision ? invocation.revision->settings.name : none;
}

/// What the column sorts by, when it is a figure.
std::int64_t keyOf(const Invocation &invocation, int column)
{
    switch (column) {
    case InvocationModel::OutcomeColumn: return std::int64_t(invocation.outcome);
    case InvocationModel::StartColumn: return std::int64_t(invocation.start);
    case InvocationModel::DurationColumn:
    case InvocationModel::PhasesColumn: return invocation.phases.total().count();
    case InvocationModel::MemoryColumn: return invocation.usage.maxMemory.count;
    case InvocationModel::AttemptColumn: return invocation.attempt;
    default: return 0;
    }
}

/// Negative, zero or positive, for the columns that are no figures.
int compare(const Invocation &a, const Invocation &b, int column)
{
    switch (column) {
    case InvocationModel::FunctionColumn: return functionOf(a).compare(functionOf(b));
    case InvocationModel::TriggerColumn: return a.triggerKind.compare(b.triggerKind);
    case InvocationModel::IdColumn: return a.id < b.id ? -1 : b.id < a.id ? 1 : 0;
    default: return 0;
    }
}

} // namespace

int InvocationModel::append(const Feed<InvocationPtr> &feed)
{
    if (feed.end() < m_next)
        clear(); // another engine's feed
    if (feed.end() == m_next)
        return 0;
    const std::uint64_t newest = feed.end() > std::uint64_t(m_bound) ? feed.end() - std::uint64_t(m_bound) : 0;
    const std::uint64_t from = std::max({m_next, newest, feed.chunks.front()->first});
    std::vector<Row> fresh;
    fresh.reserve(std::size_t(feed.end() - from));
    auto sequence = std::int64_t(from);
    feed.since(from, [&](const InvocationPtr &invocation) {
        m_all.push_back(rowFor(invocation, sequence));
        if (passes(*invocation))
            fresh.push_back(m_all.back());
        ++sequence;
    });
    m_next = feed.end();
    const std::int64_t keptFrom = trim();
    std::erase_if(fresh, [&](const Row &row) { return row.sequence < keptFrom; });
    const int added = int(fresh.size());
    if (sortedByTime())
        takeInTimeOrder(std::move(fresh), keptFrom);
    else
        takeInOtherOrder(std::move(fresh), keptFrom);
    return added;
}

int InvocationModel::appendOlder(const std::vector<InvocationPtr> &older)
{
    std::unordered_set<Uuid> here;
    for (const Row &row : m_all)
        here.insert(row.invocation->id);
    std::vector<InvocationPtr> added;
    for (const InvocationPtr &invocation : older) {
        if (invocation && here.insert(invocation->id).second)
            added.push_back(invocation);
    }
    std::stable_sort(added.begin(), added.end(),
                     [](const auto &a, const auto &b) { return endOf(*a) > endOf(*b); }); // newest first
    const std::size_t room = std::size_t(heldBound) - std::min(m_all.size(), std::size_t(heldBound));
    added.resize(std::min(added.size(), room));
    if (added.empty())
        return 0;
    m_bound = std::max(m_bound, int(m_all.size() + added.size()));

    std::deque<Row> fresh; // oldest first
    std::int64_t sequence = m_all.empty() ? std::int64_t(m_next) : m_all.front().sequence;
    for (const InvocationPtr &invocation : added) {
        m_all.push_front(rowFor(invocation, --sequence));
        if (passes(*invocation))
            fresh.push_front(m_all.front());
    }
    if (!sortedByTime()) {
        takeInOtherOrder({fresh.begin(), fresh.end()}, sequence);
    } else if (!fresh.empty()) {
        const bool newestFirst = m_order == Qt::DescendingOrder;
        const int first = newestFirst ? rowCount() : 0;
        beginInsertRows({}, first, first + int(fresh.size()) - 1);
        if (newestFirst)
            m_shown.insert(m_shown.end(), fresh.rbegin(), fresh.rend());
        else
            m_shown.insert(m_shown.begin(), fresh.begin(), fresh.end());
        endInsertRows();
    }
    return int(added.size());
}

void InvocationModel::setBound(int rows)
{
    m_bound = rows;
    if (total() <= m_bound)
        return;
    const std::int64_t keptFrom = trim();
    if (sortedByTime())
        takeInTimeOrder({}, keptFrom);
    else
        takeInOtherOrder({}, keptFrom);
}

std::int64_t InvocationModel::trim()
{
    while (total() > m_bound)
        m_all.pop_front();
    return m_all.empty() ? std::int64_t(m_next) : m_all.front().sequence;
}

void InvocationModel::takeInTimeOrder(std::vector<Row> fresh, std::int64_t keptFrom)
{
    const bool newestFirst = m_order == Qt::DescendingOrder;
    if (!fresh.empty()) {
        const int first = newestFirst ? 0 : rowCount();
        beginInsertRows({}, first, first + int(fresh.size()) - 1);
        if (newestFirst)
            m_shown.insert(m_shown.begin(), fresh.rbegin(), fresh.rend());
        else
            m_shown.insert(m_shown.end(), fresh.begin(), fresh.end());
        endInsertRows();
    }
    const auto gone = [&](const Row &row) { return row.sequence < keptFrom; };
    const int drop = int(newestFirst ? std::find_if_not(m_shown.rbegin(), m_shown.rend(), gone) - m_shown.rbegin()
                                     : std::find_if_not(m_shown.begin(), m_shown.end(), gone) - m_shown.begin());
    if (drop == 0)
        return;
    const int first = newestFirst ? rowCount() - drop : 0;
    beginRemoveRows({}, first, first + drop - 1);
    m_shown.erase(m_shown.begin() + first, m_shown.begin() + first + drop);
    endRemoveRows();
}

/// Three signals whatever the number of rows: insert at the end, bring into order with what is gone last, remove there.
void InvocationModel::takeInOtherOrder(std::vector<Row> fresh, std::int64_t keptFrom)
{
    const auto less = [this](const Row &a, const Row &b) { return before(a, b); };
    const int old = rowCount();
    if (!fresh.empty()) {
        std::sort(fresh.begin(), fresh.end(), less);
        beginInsertRows({}, old, old + int(fresh.size()) - 1);
        m_shown.insert(m_shown.end(), fresh.begin(), fresh.end());
        endInsertRows();
    }
    std::vector<Row> before, gone;
    for (int i = 0; i < old; ++i) {
        const Row &row = m_shown[std::size_t(i)];
        (row.sequence >= keptFrom ? before : gone).push_back(row);
    }
    if (fresh.empty() && gone.empty())
        return;
    std::deque<Row> next;
    std::merge(std::make_move_iterator(before.begin()), std::make_move_iterator(before.end()),
               std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()), std::back_inserter(next),
               less);
    const int left = int(next.size());
    next.insert(next.end(), gone.begin(), gone.end());
    reorder(std::move(next));
    if (!gone.empty()) {
        beginRemoveRows({}, left, rowCount() - 1);
        m_shown.resize(std::size_t(left));
        endRemoveRows();
    }
}

void InvocationModel::reorder(std::deque<Row> next)
{
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    const QModelIndexList from = persistentIndexList();
    std::vector<std::pair<std::int64_t, int>> wanted; // sequence, and where it went
    for (const QModelIndex &index : from)
        wanted.emplace_back(m_shown[std::size_t(index.row())].sequence, 0);
    m_shown = std::move(next);
    if (!wanted.empty()) {
        std::vector<std::pair<std::int64_t, int>> sorted = wanted;
        std::sort(sorted.begin(), sorted.end());
        const auto find = [&](std::int64_t sequence) {
            return std::lower_bound(sorted.begin(), sorted.end(), std::pair(sequence, std::numeric_limits<int>::min()));
        };
        for (std::size_t row = 0; row < m_shown.size(); ++row) {
            for (auto it = find(m_shown[row].sequence); it != sorted.end() && it->first == m_shown[row].sequence; ++it)
                it->second = int(row);
        }
        QModelIndexList to;
        for (qsizetype i = 0; i < from.size(); ++i)
            to.append(index(find(wanted[std::size_t(i)].first)->second, from[i].column()));
        changePersistentIndexList(from, to);
    }
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

void InvocationModel::setFilter(Filter filter)
{
    if (filter == m_filter)
        return;
    beginResetModel();
    m_filter = std::move(filter);
    m_shown.clear();
    for (const Row &row : m_all) {
        if (passes(*row.invocation))
            m_shown.push_back(row);
    }
    if (!sortedByTime())
        std::stable_sort(m_shown.begin(), m_shown.end(), [this](const Row &a, const Row &b) { return before(a, b); });
    else if (m_order == Qt::DescendingOrder)
        std::reverse(m_shown.begin(), m_shown.end());
    endResetModel();
}

void InvocationModel::clear()
{
    beginResetModel();
    m_all.clear();
    m_shown.clear();
    m_next = 0;
    endResetModel();
}

InvocationPtr InvocationModel::oldest() const { return m_all.empty() ? nullptr : m_all.front().invocation; }

int InvocationModel::rowOf(Uuid id) const
{
    const auto found =
        std::find_if(m_shown.begin(), m_shown.end(), [&](const Row &row) { return row.invocation->id == id; });
    return found == m_shown.end() ? -1 : int(found - m_shown.begin());
}

InvocationModel::Row InvocationModel::rowFor(InvocationPtr invocation, std::int64_t sequence) const
{
    const std::int64_t key = keyOf(*invocation, m_column);
    return {std::move(invocation), sequence, key};
}

bool InvocationModel::passes(const Invocation &invocation) const
{
    if (!m_filter.function.empty() && functionOf(invocation) != m_filter.function)
        return false;
    if (m_filter.outcome && invocation.outcome != *m_filter.outcome)
        return false;
    if (m_filter.errorsOnly && !isError(invocation.outcome) && invocation.outcome != Outcome::Throttled)
        return false;
    if (m_filter.start && (invocation.start != *m_filter.start || invocation.worker == 0))
        return false;
    const TextMatch &text = m_filter.text;
    return text.matchesAll() || text.matches(functionOf(invocation)) || text.matches(invocation.triggerKind) ||
           text.matches(invocation.error.type) || text.matches(invocation.error.message) ||
           text.matches(invocation.id.text());
}

bool InvocationModel::before(const Row &a, const Row &b) const
{
    int order = a.key != b.key ? (a.key < b.key ? -1 : 1) : compare(*a.invocation, *b.invocation, m_column);
    if (m_order == Qt::DescendingOrder)
        order = -order;
    if (order != 0)
        return order < 0;
    const bool ascending = m_column == TimeColumn && m_order == Qt::AscendingOrder;
    return ascending ? a.sequence < b.sequence : a.sequence > b.sequence; // else the newest first among equals
}

void InvocationModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    m_column = column;
    m_order = order;
    for (Row &row : m_all)
        row.key = keyOf(*row.invocation, column);
    std::deque<Row> next = m_shown;
    for (Row &row : next)
        row.key = keyOf(*row.invocation, column);
    std::sort(next.begin(), next.end(), [this](const Row &a, const Row &b) { return before(a, b); });
    reorder(std::move(next));
}

int InvocationModel::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : int(m_shown.size()); }

int InvocationModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : int(ColumnCount); }

} // namespace kiln::ui
