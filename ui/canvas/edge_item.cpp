// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/edge_item.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>
#include <QStyleOptionGraphicsItem>

#include <algorithm>
#include <cmath>

namespace kiln::ui {

namespace {

constexpr double widest = 6, widestLabel = 120, labelHeight = 16;

QFont labelFont()
{
    QFont font = QApplication::font();
    font.setPixelSize(11);
    return font;
}

} // namespace

EdgeItem::EdgeItem(MapEdge edge)
    : m_edge(std::move(edge))
{
    m_label.set(m_edge.label, labelFont(), widestLabel);
    setZValue(0);
}

void EdgeItem::setEdge(const MapEdge &edge)
{
    if (edge == m_edge)
        return;
    prepareGeometryChange();
    m_label.set(edge.label, labelFont(), widestLabel);
    m_edge = edge;
    update();
}

void EdgeItem::setEnds(QPointF from, QPointF to)
{
    prepareGeometryChange();
    const double reach = to.x() > from.x() ? std::max(48.0, (to.x() - from.x()) / 2)
                                           : std::max(96.0, (from.x() - to.x()) / 3); // a way back swings around
    m_curve = {from, from + QPointF(reach, 0), to - QPointF(reach, 0), to};
    m_path = QPainterPath(from);
    m_path.cubicTo(m_curve[1], m_curve[2], m_curve[3]);
}

QPointF EdgeItem::pointAt(double share) const
{
    const double t = share, s = 1 - t;
    return s * s * s * m_curve[0] + 3 * s * s * t * m_curve[1] + 3 * s * t * t * m_curve[2] + t * t * t * m_curve[3];
}

QColor EdgeItem::colour() const
{
    switch (m_edge.flow) {
    case MapEdge::Flow::Off: return theme().line;
    case MapEdge::Flow::Idle: return theme().muted;
    case MapEdge::Flow::Live: return theme().warm;
    case MapEdge::Flow::Failing: return theme().error;
    }
    Q_UNREACHABLE();
}

double EdgeItem::width() const
{
    if (m_edge.flow == MapEdge::Flow::Off || m_edge.flow == MapEdge::Flow::Idle)
        return 1;
    return std::min(widest, 1.5 + 1.25 * std::log10(1 + m_edge.rate));
}

QRectF EdgeItem::labelBox() const
{
    // Above the curve where it is still flat, near the box that it comes from: several ways into one box end together.
    return {pointAt(0.22) - QPointF(m_label.width() / 2, labelHeight + width() / 2 + 1),
            QSizeF(m_label.width(), labelHeight)};
}

QRectF EdgeItem::boundingRect() const
{
    return m_path.controlPointRect().adjusted(-widest, -widest, widest, widest).united(labelBox());
}

void EdgeItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *)
{
    const bool dashed = m_edge.flow == MapEdge::Flow::Idle || m_edge.flow == MapEdge::Flow::Off;
    QPen pen(colour(), width(), dashed ? Qt::CustomDashLine : Qt::SolidLine, Qt::FlatCap);
    if (dashed)
        pen.setDashPattern({5, 4});
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawPath(m_path);
    if (m_edge.label.isEmpty() || option->levelOfDetailFromTransform(painter->worldTransform()) < 0.4)
        return;
    painter->setPen(m_edge.flow == MapEdge::Flow::Failing ? theme().error : dashed ? theme().muted : theme().text);
    m_label.draw(*painter, labelBox().topLeft());
}

} // namespace kiln::ui
