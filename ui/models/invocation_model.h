// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/store/query.h"
#include "ui/models/text_match.h"

#include <QAbstractTableModel>

#include <deque>
#include <optional>
#include <vector>

namespace kiln::ui {

/// The recent invocations, live, sorted and filtered by itself: a proxy would move 1,500 rows one by one, this inserts
/// them as one. Never resets on live data, so that selection and place stay. GUI thread.
class InvocationModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        TimeColumn,
        FunctionColumn,
        TriggerColumn,
        OutcomeColumn,
        StartColumn,
        DurationColumn,
        PhasesColumn,
        MemoryColumn,
        AttemptColumn,
        IdColumn,
        ColumnCount
    };
    enum Role {
        InvocationRole = Qt::UserRole, ///< InvocationPtr
        ExactRole,                     ///< As it is copied: full precision, plain units.
    };

    /// Unset fields do not filter.
    struct Filter
    {
        std::string function;
        TextMatch text; ///< In function, trigger, error, id.
        std::optional<Outcome> outcome;
        bool errorsOnly = false; ///< What isError, and Throttled.
        std::optional<Start> start;
        bool operator==(const Filter &) const = default;
    };

    static constexpr int liveBound = 10'000; ///< Rows kept while the newest are looked at …
    static constexpr int heldBound = 20'000; ///< … and while the user is somewhere else in them.

    using QAbstractTableModel::QAbstractTableModel;

    /// Takes what is new in the feed. Answers how many rows were added to those shown.
    int append(const Feed<InvocationPtr> &feed);
    struct Added
    {
        int rows = 0;    ///< That were not here before.
        int shown = 0;   ///< Of them, those that pass the filter.
        bool all = true; ///< There was room for all.
    };
    /// Puts found ones that are not here yet in their place before the live ones. The newest come first in `found`:
    /// what there is no room for is further back.
    Added addFromHistory(const std::vector<InvocationPtr> &found);

    /// What to ask history for, for the rows that follow those here: nothing that passes the filter is left out in
    /// between, wherever the rows here came from.
    [[nodiscard]] InvocationQuery olderQuery(int limit) const;
    /// The answer to olderQuery(), as addFromHistory takes it, if the filter is still that one.
    Added addOlder(const InvocationQuery &query, const std::vector<InvocationPtr> &found);
    [[nodiscard]] bool atEndOfHistory() const { return m_historyEnded; } ///< Nothing older passes the filter.
    /// Whether another row of history can be held. Those that the filter hides give way.
    [[nodiscard]] bool hasRoom() const;

    /// How many rows may be kept; drops the oldest.
    void setBound(int rows);
    void setFilter(Filter filter); ///< Resets.

    [[nodiscard]] const Filter &filter() const { return m_filter; }
    /// Newest first or last: rows come and go at the ends only.
    [[nodiscard]] bool sortedByTime() const { return m_column == TimeColumn; }
    [[nodiscard]] int total() const { return int(m_all.size()); } ///< Of which rowCount() pass the filter.
    [[nodiscard]] InvocationPtr at(int row) const { return m_shown[std::size_t(row)].invocation; }
    [[nodiscard]] int rowOf(Uuid id) const; ///< -1 when it is not shown.

    void sort(int column, Qt::SortOrder order) override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        InvocationPtr invocation;
        std::int64_t sequence = 0; ///< Of the feed; those of history count down from the first live one.
        std::int64_t key = 0;      ///< Of the column sorted by, if that is a figure: saves following the pointer.
    };

    Row rowFor(InvocationPtr invocation, std::int64_t sequence) const;
    bool passes(const Invocation &invocation) const;
    bool before(const Row &a, const Row &b) const; ///< In the order shown.
    std::int64_t trim();                           ///< The sequence from which on rows are kept.
    void dropHidden();
    void forgetSearch();
    [[nodiscard]] std::deque<Row>::const_iterator firstLive() const;
    void takeInTimeOrder(std::vector<Row> fresh, std::int64_t keptFrom);
    void takeInOtherOrder(std::vector<Row> fresh, std::int64_t keptFrom);
    void reorder(std::deque<Row> next);
    void clear();

    std::deque<Row> m_all;   ///< Oldest first.
    std::deque<Row> m_shown; ///< Those that pass, in the order shown.
    std::uint64_t m_next = 0;
    std::int64_t m_liveFrom = 0; ///< From this sequence on all that ended is here; before it rows are of history.
    std::optional<WallTime> m_searched; ///< History was asked for all that passes the filter down to here.
    bool m_historyEnded = false;
    int m_bound = liveBound;
    Filter m_filter;
    int m_column = TimeColumn;
    Qt::SortOrder m_order = Qt::DescendingOrder;
};

} // namespace kiln::ui

Q_DECLARE_METATYPE(kiln::InvocationPtr)
