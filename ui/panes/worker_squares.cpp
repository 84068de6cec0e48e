// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/worker_squares.h"

#include "ui/models/worker_model.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace kiln::ui {

namespace {

constexpr int side = 20;
constexpr int step = side + 4;
constexpr std::size_t shownAtMost = 200;

} // namespace

QString workerStateText(WorkerState state)
{
    switch (state) {
    case WorkerState::Starting: return WorkerSquares::tr("starting");
    case WorkerState::Idle: return WorkerSquares::tr("idle");
    case WorkerState::Busy: return WorkerSquares::tr("busy");
    case WorkerState::Stopping: return WorkerSquares::tr("stopping");
    }
    Q_UNREACHABLE();
}

WorkerSquares::WorkerSquares(QWidget *parent)
    : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setAccessibleName(tr("Workers"));
}

void WorkerSquares::setWorkers(std::vector<WorkerView> workers)
{
    if (workers == m_workers)
        return;
    const bool resized = workers.size() != m_workers.size();
    m_workers = std::move(workers);
    setAccessibleDescription(summary());
    if (resized)
        updateGeometry();
    update();
}

QString WorkerSquares::summary() const
{
    QStringList parts;
    for (const WorkerState state :
         {WorkerState::Busy, WorkerState::Idle, WorkerState::Starting, WorkerState::Stopping}) {
        const auto count = std::count_if(m_workers.begin(), m_workers.end(),
                                         [state](const WorkerView &worker) { return worker.state == state; });
        if (count > 0)
            parts << tr("%1 %2").arg(count).arg(workerStateText(state));
    }
    return parts.join(QStringLiteral(" · "));
}

QRect WorkerSquares::squareAt(std::size_t index, int width) const
{
    const int columns = std::max(1, (width + 4) / step);
    const int at = int(index);
    return {at % columns * step, at / columns * step, side, side};
}

QSize WorkerSquares::sizeHint() const { return {240, heightForWidth(240)}; }

int WorkerSquares::heightForWidth(int width) const
{
    const std::size_t count = std::min(m_workers.size(), shownAtMost);
    return count == 0 ? 0 : squareAt(count - 1, width).bottom() + 1;
}

void WorkerSquares::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QFont small = font();
    small.setPixelSize(11);
    small.setBold(true);
    painter.setFont(small);
    for (std::size_t i = 0; i < std::min(m_workers.size(), shownAtMost); ++i) {
        const WorkerState state = m_workers[i].state;
        const QRectF box = QRectF(squareAt(i, width())).adjusted(0.5, 0.5, -0.5, -0.5);
        const QColor colour = theme().of(state);
        const bool filled = state == WorkerState::Busy;
        painter.setPen(QPen(colour, 1.2));
        painter.setBrush(filled ? colour : theme().raised);
        painter.drawRoundedRect(box, 4, 4);
        painter.setPen(filled ? theme().background : colour);
        painter.drawText(box, Qt::AlignCenter, workerStateText(state).left(1).toUpper());
    }
}

bool WorkerSquares::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        for (std::size_t i = 0; i < std::min(m_workers.size(), shownAtMost); ++i) {
            if (!squareAt(i, width()).contains(help->pos()))
                continue;
            const WorkerView &worker = m_workers[i];
            QString text = tr("Worker %1, %2: served %L3, %4")
                               .arg(worker.id)
                               .arg(workerStateText(worker.state))
                               .arg(worker.served)
                               .arg(sizeText(worker.memory));
            if (worker.perWorker > 1)
                text += tr(", %1 under way").arg(runningText(worker));
            QToolTip::showText(help->globalPos(), text, this);
            return true;
        }
        QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace kiln::ui
