// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/map_graph.h"
#include "ui/canvas/shaped_text.h"

#include <QGraphicsItem>
#include <QPainterPath>

#include <array>

namespace kiln::ui {

/// The curve between two boxes: wide and bright by rate, dashed while nothing comes.
class EdgeItem : public QGraphicsItem
{
public:
    explicit EdgeItem(MapEdge edge);

    void setEdge(const MapEdge &edge); ///< Paints again only if something changed.
    [[nodiscard]] const MapEdge &edge() const { return m_edge; }
    void setEnds(QPointF from, QPointF to);
    void themeChanged() { update(); }

    [[nodiscard]] QPointF pointAt(double share) const; ///< 0 … 1 of the way.
    [[nodiscard]] QColor colour() const;

    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    [[nodiscard]] double width() const;
    [[nodiscard]] QRectF labelBox() const;

    MapEdge m_edge;
    std::array<QPointF, 4> m_curve; ///< A cubic Bézier.
    QPainterPath m_path;
    ShapedText m_label;
};

} // namespace kiln::ui
