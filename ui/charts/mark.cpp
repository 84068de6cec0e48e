// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/mark.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace kiln::ui {

namespace {

void drawLine(QPainter *painter, const QRectF &box, Qt::PenStyle style, const QColor &colour)
{
    painter->setPen(QPen(colour, 2, style, Qt::FlatCap));
    painter->drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()));
}

void drawFilled(QPainter *painter, const QRectF &r, Mark mark, const QColor &colour)
{
    painter->setPen(Qt::NoPen);
    painter->setBrush(colour);
    switch (mark) {
    case Mark::Dot: painter->drawEllipse(r.adjusted(1, 1, -1, -1)); break;
    case Mark::Square: painter->drawRect(r.adjusted(1, 1, -1, -1)); break;
    case Mark::Diamond: {
        const QPointF c = r.center();
        painter->drawPolygon(QPolygonF({{c.x(), r.top()}, {r.right(), c.y()}, {c.x(), r.bottom()}, {r.left(), c.y()}}));
        break;
    }
    default: painter->drawPolygon(QPolygonF({{r.center().x(), r.top() + 0.5}, r.bottomRight(), r.bottomLeft()})); break;
    }
}

void drawStroked(QPainter *painter, const QRectF &r, Mark mark, const QColor &colour)
{
    painter->setPen(QPen(colour, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    const QRectF in = r.adjusted(1, 1, -1, -1);
    const QPointF c = r.center();
    switch (mark) {
    case Mark::Check:
        painter->drawPolyline(QPolygonF({{in.left(), c.y() + 0.5},
                                         {in.left() + in.width() * 0.38, in.bottom() - 0.5},
                                         {in.right(), in.top() + 1}}));
        break;
    case Mark::Cross:
        painter->drawLine(in.topLeft(), in.bottomRight());
        painter->drawLine(in.topRight(), in.bottomLeft());
        break;
    case Mark::Dash: painter->drawLine(QPointF(in.left(), c.y()), QPointF(in.right(), c.y())); break;
    case Mark::Clock:
        painter->drawEllipse(in);
        painter->drawPolyline(QPolygonF({{c.x(), in.top() + 2}, c, {c.x() + in.width() / 4, c.y()}}));
        break;
    case Mark::Bar:
        painter->drawEllipse(in);
        painter->drawLine(QPointF(in.left() + 2, c.y()), QPointF(in.right() - 2, c.y()));
        break;
    case Mark::Hatch:
        painter->setPen(QPen(colour, 1.2));
        painter->drawRect(in);
        painter->drawLine(in.bottomLeft(), in.topRight());
        painter->drawLine(QPointF(in.left(), c.y()), QPointF(c.x(), in.top()));
        painter->drawLine(QPointF(c.x(), in.bottom()), QPointF(in.right(), c.y()));
        break;
    default: painter->drawEllipse(in); break; // Ring
    }
}

} // namespace

Mark markOf(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Ok: return Mark::Check;
    case Outcome::HandlerError: return Mark::Cross;
    case Outcome::InitError: return Mark::Diamond;
    case Outcome::TimedOut: return Mark::Clock;
    case Outcome::OutOfMemory: return Mark::Square;
    case Outcome::Crashed: return Mark::Triangle;
    case Outcome::Blocked: return Mark::Bar;
    case Outcome::Throttled: return Mark::Ring;
    case Outcome::Cancelled: return Mark::Dash;
    }
    Q_UNREACHABLE();
}

Mark markOf(Start start)
{
    switch (start) {
    case Start::Cold: return Mark::Diamond;
    case Start::Parked: return Mark::Square;
    case Start::Zygote: return Mark::Triangle;
    case Start::Warm: return Mark::Dot;
    }
    Q_UNREACHABLE();
}

Mark markOf(WorkerState state)
{
    switch (state) {
    case WorkerState::Starting: return Mark::Diamond;
    case WorkerState::Idle: return Mark::Ring;
    case WorkerState::Busy: return Mark::Dot;
    case WorkerState::Stopping: return Mark::Square;
    }
    Q_UNREACHABLE();
}

void drawMark(QPainter *painter, const QRectF &box, Mark mark, const QColor &colour)
{
    if (mark == Mark::None)
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const double side = std::min({10.0, box.width(), box.height()});
    const QRectF r(box.center().x() - side / 2, box.center().y() - side / 2, side, side);
    switch (mark) {
    case Mark::Line: drawLine(painter, box, Qt::SolidLine, colour); break;
    case Mark::Dashed: drawLine(painter, box, Qt::DashLine, colour); break;
    case Mark::Dotted: drawLine(painter, box, Qt::DotLine, colour); break;
    case Mark::Dot:
    case Mark::Square:
    case Mark::Diamond:
    case Mark::Triangle: drawFilled(painter, r, mark, colour); break;
    default: drawStroked(painter, r, mark, colour); break;
    }
    painter->restore();
}

} // namespace kiln::ui
