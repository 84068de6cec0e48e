// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/invocation_model.h"

#include "ui/models/invocation_text.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace kiln::ui {

using namespace std::chrono_literals;

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
    if (from > m_next || m_all.empty()) {
        m_liveFrom = std::int64_t(from); // what was missed in between is in history
        forgetSearch();
    }
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

std::deque<InvocationModel::Row>::const_iterator InvocationModel::firstLive() const
{
    return std::lower_bound(m_all.begin(), m_all.end(), m_liveFrom,
                            [](const Row &row, std::int64_t sequence) { return row.sequence < sequence; });
}

InvocationQuery InvocationModel::olderQuery(int limit) const
{
    InvocationQuery query;
    query.function = m_filter.function;
    query.outcome = m_filter.outcome;
    query.errorsOnly = m_filter.errorsOnly;
    query.limit = limit;
    // The feed is in the order of ending and history in that of accepting: what is missing ended before the first live
    // one, so it was accepted before that as well. What comes twice is left out.
    if (m_searched)
        query.until = m_searched;
    else if (const auto live = firstLive(); live != m_all.end())
        query.until = endOf(*live->invocation) + 1ms;
    return query;
}

InvocationModel::Added InvocationModel::addOlder(const InvocationQuery &query, const std::vector<InvocationPtr> &found)
{
    const InvocationQuery now = olderQuery(query.limit);
    const bool inForce = query.function == now.function && query.outcome == now.outcome &&
                         query.errorsOnly == now.errorsOnly && (!query.until || query.until == now.until);
    const Added added = addFromHistory(found);
    if (!inForce || !added.all)
        return added;
    m_historyEnded = int(found.size()) < query.limit;
    if (!found.empty()) {
        // Others of the same moment may follow, unless all of these are of it.
        const WallTime oldest = found.back()->accepted;
        m_searched = query.until == oldest + 1us ? oldest : oldest + 1us;
    }
    return added;
}

InvocationModel::Added InvocationModel::addFromHistory(const std::vector<InvocationPtr> &found)
{
    std::unordered_set<Uuid> here;
    for (const Row &row : m_all)
        here.insert(row.invocation->id);
    std::vector<InvocationPtr> fresh;
    for (const InvocationPtr &invocation : found) {
        if (invocation && here.insert(invocation->id).second)
            fresh.push_back(invocation);
    }
    const auto room = [this] { return std::size_t(heldBound) - std::min(m_all.size(), std::size_t(heldBound)); };
    if (fresh.size() > room())
        dropHidden();
    Added added{.all = fresh.size() <= room()};
    fresh.resize(std::min(fresh.size(), room()));
    if (fresh.empty())
        return added;
    m_bound = std::max(m_bound, int(m_all.size() + fresh.size()));

    // All of history is put in order and numbered anew: what is found may belong between what was found before.
    const auto live = firstLive();
    std::vector<std::pair<InvocationPtr, bool>> past; // and whether it is fresh
    for (auto row = m_all.cbegin(); row != live; ++row)
        past.emplace_back(row->invocation, false);
    for (InvocationPtr &invocation : fresh)
        past.emplace_back(std::move(invocation), true);
    std::stable_sort(past.begin(), past.end(), [](const auto &a, const auto &b) {
        const WallTime first = endOf(*a.first), second = endOf(*b.first);
        return first != second ? first < second : a.first->id < b.first->id;
    });
    std::deque<Row> all;
    std::vector<Row> rows;
    std::unordered_map<const Invocation *, std::int64_t> numbers;
    std::int64_t sequence = m_liveFrom - std::int64_t(past.size());
    for (const auto &[invocation, isFresh] : past) {
        all.push_back(rowFor(invocation, sequence));
        numbers.emplace(invocation.get(), sequence++);
        if (isFresh && passes(*invocation))
            rows.push_back(all.back());
    }
    all.insert(all.end(), live, m_all.cend());
    m_all = std::move(all);
    for (Row &row : m_shown) {
        if (const auto number = numbers.find(row.invocation.get()); number != numbers.end())
            row.sequence = number->second;
    }
    added.rows = int(fresh.size());
    added.shown = int(rows.size());
    takeInOtherOrder(std::move(rows), m_all.front().sequence);
    return added;
}

bool InvocationModel::hasRoom() const
{
    if (total() < heldBound)
        return true;
    return std::any_of(m_all.cbegin(), firstLive(), [this](const Row &row) { return !passes(*row.invocation); });
}

/// Rows of history that the filter hides; they are found again when they are asked for.
void InvocationModel::dropHidden()
{
    const std::int64_t live = m_liveFrom;
    std::erase_if(m_all, [&](const Row &row) { return row.sequence < live && !passes(*row.invocation); });
}

void InvocationModel::forgetSearch()
{
    m_searched.reset();
    m_historyEnded = false;
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
    if (total() > m_bound) {
        m_all.erase(m_all.begin(), m_all.begin() + (total() - m_bound));
        // What went is older than the first that stays, so it is asked for from there on.
        if (m_searched && !m_all.empty())
            m_searched = std::max(*m_searched, endOf(*m_all.front().invocation) + 1ms);
        m_historyEnded = false;
    }
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
    forgetSearch(); // history was asked in the words of the other filter
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
    m_liveFrom = 0;
    forgetSearch();
    endResetModel();
}

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
