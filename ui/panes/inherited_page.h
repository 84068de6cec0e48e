// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/invocation.h"
#include "core/model/worker_inspection.h"

#include <QWidget>

#include <optional>

class QLabel;

namespace kiln::ui {

class CarriedView;

/// Of two runs of one event, one right after the other: what the second found of the first. Values in; GUI thread.
class InheritedPage : public QWidget
{
    Q_OBJECT

public:
    explicit InheritedPage(QWidget *parent = nullptr);

    /// `between` was read after the first run and before the second; absent when the worker had ended by then.
    void setRuns(const Invocation &first, const Invocation &second, const std::optional<WorkerInspection> &between);

private:
    QLabel *m_meaning;
    CarriedView *m_carried;
};

} // namespace kiln::ui
