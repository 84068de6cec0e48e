// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/store/query.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace kiln::ui {

class EmptyHint;
class FunctionPicker;
class InvocationModel;

/// The recent invocations, live. At the top it follows; once the user scrolls, selects or sorts, rows keep their place
/// and a button says how many are new. Shows snapshots and emits wishes.
class InvocationsPane : public QWidget
{
    Q_OBJECT

public:
    explicit InvocationsPane(QWidget *parent = nullptr);

    void setSnapshot(const SnapshotPtr &snapshot);
    void setFunctionFilter(const QString &function); ///< Empty: all.
    /// The answer to olderRequested: nothing when history could not be searched.
    void showOlder(const InvocationQuery &query, const std::optional<std::vector<InvocationPtr>> &older);
    /// Others of history, beside those that are here.
    void showFound(const std::vector<InvocationPtr> &found);

Q_SIGNALS:
    void invocationActivated(const kiln::InvocationPtr &invocation);
    // Of a list's row, whose payloads may not be there: whoever hears of it asks for the whole.
    void fireAgainRequested(const kiln::InvocationPtr &invocation);
    void copyEventRequested(const kiln::InvocationPtr &invocation);
    void olderRequested(const kiln::InvocationQuery &query);

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *makeFilterRow();
    void makeTable();
    void makeMenu();
    void take();
    void keepPlace(const std::function<void()> &change);
    bool following() const;
    void jumpToNewest();
    void placeChanged();
    void applyFilter();
    void clearFilter();
    void loadOlder();
    void askForOlder();
    void showOlderState();
    void updateState();
    void copySelection();
    InvocationPtr current() const;

    SnapshotPtr m_snapshot;
    InvocationModel *const m_model;
    QTableView *const m_table;
    FunctionPicker *m_function = nullptr;
    QLineEdit *m_text = nullptr;
    QComboBox *m_outcome = nullptr;
    QComboBox *m_start = nullptr;
    QLabel *m_count = nullptr;
    QPushButton *m_older = nullptr;
    QPushButton *m_newer = nullptr;
    QStackedWidget *m_pages = nullptr;
    EmptyHint *m_hint = nullptr;
    QTimer m_merge;  ///< Spares the merging of a sorted table for a while.
    QTimer m_typing; ///< A filter counts once typing pauses.
    int m_new = 0;
    bool m_moving = false; ///< The place changes by our own hand.
    bool m_asking = false;
    bool m_askedFirst = false; ///< For what was recorded before this engine began.
    int m_searchLeft = 0;      ///< Rows of history to look through for some that pass the filter, after one click.
};

} // namespace kiln::ui
