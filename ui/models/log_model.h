// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "ui/models/text_match.h"

#include <QAbstractTableModel>

#include <deque>
#include <memory>
#include <vector>

namespace kiln::ui {

/// Log lines, oldest first, live or given. Lines are not copied: a row shares the chunk of the feed it came in.
/// Rows come at the end and go at the beginning, both as one. GUI thread.
class LogModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { TimeColumn, LevelColumn, FunctionColumn, TextColumn, ColumnCount };
    enum Role {
        EntryRole = Qt::UserRole, ///< QVariant of the whole line's text, however long.
        ExactRole,                ///< As it is copied: "2026-03-01T12:00:00.000Z\tINFO\tcheckout\t…"
    };

    struct Filter
    {
        std::string function; ///< Empty: all.
        TextMatch text;
        LogLevel least = LogLevel::Trace;
        bool system = true; ///< START, END, REPORT and Kiln's own lines.
        bool operator==(const Filter &) const = default;
    };

    static constexpr int bound = 20'000;

    using QAbstractTableModel::QAbstractTableModel;

    struct Change
    {
        int added = 0;   ///< Rows at the end.
        int removed = 0; ///< Rows at the beginning.
    };
    /// Takes what is new in the feed.
    Change append(const Feed<LogEntry> &feed);
    /// Shows these lines instead of a feed's; at most `bound`, the last ones.
    void setEntries(std::vector<LogEntry> entries);
    void setFilter(Filter filter); ///< Resets.

    [[nodiscard]] const Filter &filter() const { return m_filter; }
    [[nodiscard]] int total() const { return int(m_all.size()); }
    [[nodiscard]] const LogEntry &at(int row) const { return *m_shown[std::size_t(row)].entry; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        std::shared_ptr<const LogEntry> entry;
        std::uint64_t sequence = 0;
    };

    bool passes(const LogEntry &entry) const;
    void refill();

    std::deque<Row> m_all;
    std::deque<Row> m_shown;
    std::uint64_t m_next = 0;
    Filter m_filter;
};

} // namespace kiln::ui
