// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"
#include "core/store/query.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace kiln::ui {

class EmptyHint;
class FunctionPicker;
class LogModel;
class LogTable;

/// What functions print, live or as found in history. Follows the end until the user scrolls away; End resumes.
class LogsPane : public QWidget
{
    Q_OBJECT

public:
    explicit LogsPane(QWidget *parent = nullptr);

    void setSnapshot(const SnapshotPtr &snapshot);
    void setFunctionFilter(const QString &function);    ///< Empty: all.
    void showFound(const std::vector<LogEntry> &found); ///< The answer to searchRequested; any order.

Q_SIGNALS:
    void invocationRequested(kiln::Uuid id);
    void searchRequested(const kiln::LogQuery &query);

protected:
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    enum class Source { Live, Found };

    QWidget *makeFilterRow();
    QWidget *makeFoundBanner();
    QWidget *makeDetail();
    void take();
    void setFollowing(bool following);
    void scrolled();
    void applyFilter();
    void clearFilter();
    void search();
    void backToLive();
    void showCurrent();
    void updateState();
    const LogEntry *current() const;
    LogTable *table() const;
    LogModel *model() const;

    SnapshotPtr m_snapshot;
    Source m_source = Source::Live;
    LogModel *const m_live;
    LogModel *const m_found;
    LogTable *m_liveTable = nullptr;
    LogTable *m_foundTable = nullptr;
    FunctionPicker *m_function = nullptr;
    QLineEdit *m_text = nullptr;
    QToolButton *m_regex = nullptr;
    QLabel *m_flaw = nullptr;
    QComboBox *m_level = nullptr;
    QToolButton *m_system = nullptr;
    QLabel *m_count = nullptr;
    QPushButton *m_search = nullptr;
    QToolButton *m_follow = nullptr;
    QWidget *m_banner = nullptr;
    QLabel *m_bannerText = nullptr;
    QStackedWidget *m_pages = nullptr;
    EmptyHint *m_hint = nullptr;
    QWidget *m_detail = nullptr;
    QPlainTextEdit *m_detailText = nullptr;
    QPushButton *m_open = nullptr;
    QTimer m_typing;
    bool m_following = true;
    bool m_moving = false;
    bool m_searching = false;
};

} // namespace kiln::ui
