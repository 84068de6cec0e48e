// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_inspection.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QTreeWidget;

namespace kiln::ui {

class CarriedView;

/// One worker whole: its walls, each with what was read of the running process, and what it keeps for its next
/// invocation. Shows what it is given and asks for more by `refreshRequested`; not modal. GUI thread.
class WorkerPage : public QDialog
{
    Q_OBJECT

public:
    explicit WorkerPage(quint64 worker, QWidget *parent = nullptr);

    void showInspection(const WorkerInspection &inspection);
    void showProblem(const QString &text); ///< "There is no such worker any more": what was read last stays.

    [[nodiscard]] quint64 worker() const { return m_worker; }

Q_SIGNALS:
    void refreshRequested(quint64 worker);

private:
    void build();
    void fillLayers(const std::vector<IsolationLayer> &layers);
    void copyAll();

    const quint64 m_worker;
    QLabel *m_facts = nullptr;
    QLabel *m_note = nullptr;
    QTreeWidget *m_layers = nullptr;
    CarriedView *m_carried = nullptr;
    QPushButton *m_refresh = nullptr;
};

} // namespace kiln::ui
