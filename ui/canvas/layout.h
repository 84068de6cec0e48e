// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/map_graph.h"

#include <QRectF>
#include <QSizeF>

#include <vector>

namespace kiln::ui {

/// Where the boxes of a graph stand. Everything is on a grid of 4.
struct MapLayout
{
    std::vector<QRectF> nodes; ///< In the order of MapGraph::nodes.
    QRectF bounds;             ///< Of all of them.
};

[[nodiscard]] QSizeF sizeOf(MapNode::Kind kind);

/// Lays a graph out: kinds in columns, what belongs together in rows beside each other, few crossings, no overlap;
/// groups that nothing connects stand below each other, then in further columns of `aspect` width to height. The same
/// graph always gives the same picture, and figures or states do not change it. About a millisecond for 300 boxes.
[[nodiscard]] MapLayout layOut(const MapGraph &graph, double aspect = 1.6);

/// How many pairs of edges between neighbouring columns cross in a layout: what layOut keeps low.
[[nodiscard]] int crossings(const MapGraph &graph, const MapLayout &layout);

} // namespace kiln::ui
