// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/worker_view.h"

#include <QWidget>

#include <vector>

namespace kiln::ui {

/// A function's workers as squares, coloured by state and told apart by a letter as well; tooltips say more.
class WorkerSquares : public QWidget
{
    Q_OBJECT

public:
    explicit WorkerSquares(QWidget *parent = nullptr);

    void setWorkers(std::vector<WorkerView> workers);
    /// "4 idle · 2 busy"; empty when there are none.
    [[nodiscard]] QString summary() const;

    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRect squareAt(std::size_t index, int width) const;

    std::vector<WorkerView> m_workers;
};

[[nodiscard]] QString workerStateText(WorkerState state);

} // namespace kiln::ui
