// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/map_graph.h"
#include "ui/canvas/shaped_text.h"

#include <QGraphicsItem>

namespace kiln::ui {

/// One box of the Map. Its words are shaped when they change, not when they are painted.
class NodeItem : public QGraphicsItem
{
public:
    explicit NodeItem(MapNode node);

    void setNode(const MapNode &node); ///< Paints again only if something changed.
    [[nodiscard]] const MapNode &node() const { return m_node; }
    void setChosen(bool chosen);
    [[nodiscard]] bool isChosen() const { return m_chosen; }
    void themeChanged();

    /// All that the box shows, in words: for the tooltip and for screen readers.
    [[nodiscard]] QString description() const;

    [[nodiscard]] QRectF box() const { return {QPointF(), m_size}; }
    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

    enum { Type = UserType + 1 };
    [[nodiscard]] int type() const override { return Type; }

private:
    void shapeWords();
    [[nodiscard]] QColor kindColour() const;
    void paintFrame(QPainter &painter) const;
    void paintState(QPainter &painter) const;
    void paintSpark(QPainter &painter) const;

    MapNode m_node;
    QSizeF m_size;
    bool m_chosen = false;
    ShapedText m_title, m_detail, m_note, m_problem;
};

[[nodiscard]] QString stateText(MapNode::State state); ///< "ready", "last run failed", …

} // namespace kiln::ui
