// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <QElapsedTimer>
#include <QWidget>

class QAction;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTreeView;

namespace kiln::ui {

class EmptyHint;
class FunctionPicker;
class ScalingView;
class WorkerModel;

/// The live workers under their functions and what can be done to them; and how they came and went, and why.
class WorkersPane : public QWidget
{
    Q_OBJECT

public:
    explicit WorkersPane(QWidget *parent = nullptr);

    void setSnapshot(const SnapshotPtr &snapshot);
    void setFunctionFilter(const QString &function); ///< Empty: all.

    /// Ends the selected workers; false when none is.
    bool stopSelected();
    /// The page of the first selected worker is asked for; false when none is selected.
    bool inspectSelected();

Q_SIGNALS:
    void stopRequested(quint64 worker);
    void inspectRequested(quint64 worker);
    void retireIdleRequested(const QString &function); ///< So that its next event starts one.

protected:
    void showEvent(QShowEvent *event) override;

private:
    enum class Page { Now, OverTime };

    QWidget *makeHead();
    QWidget *makePageSwitch(QWidget *parent);
    void makeTree();
    void showPage(Page page);
    void take();
    void updateState();
    void retireCurrent();
    void copySelection();

    SnapshotPtr m_snapshot;
    std::vector<WorkerView> m_shown;
    int m_waiting = 0;                 ///< Processes that wait for a function, as shown.
    std::vector<ZygoteView> m_zygotes; ///< As shown.
    QElapsedTimer m_aged;              ///< Since ages were last brought up to date.
    WorkerModel *const m_model;
    QTreeView *const m_tree;
    ScalingView *m_scaling = nullptr; ///< Made when it is first looked at: a chart takes its time.
    Page m_page = Page::Now;
    FunctionPicker *m_function = nullptr;
    QLabel *m_summary = nullptr;
    QPushButton *m_inspect = nullptr;
    QPushButton *m_stop = nullptr;
    QPushButton *m_retire = nullptr;
    QStackedWidget *m_pages = nullptr;
    EmptyHint *m_hint = nullptr;
};

} // namespace kiln::ui
