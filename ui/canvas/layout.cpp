// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/layout.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace kiln::ui {

namespace {

constexpr int ranks = 4;
constexpr double grid = 4;
constexpr double gap = 28;          // between boxes of a column
constexpr double channel = 136;     // between columns, for the edges and their labels
constexpr double groupGap = 48;     // between groups of a column of groups
constexpr double columnGap = 104;   // between columns of groups
constexpr double oneColumn = 1'040; // up to this height everything stays in one column of groups
constexpr int sweeps = 12;

double snapped(double value) { return std::floor(value / grid) * grid; }

/// The graph by numbers, with neighbours on either side.
struct Net
{
    explicit Net(const MapGraph &graph)
        : rank(graph.nodes.size())
        , height(graph.nodes.size())
        , left(graph.nodes.size())
        , right(graph.nodes.size())
    {
        QHash<QString, int> byId;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            byId.insert(graph.nodes[i].id, int(i));
            rank[i] = int(graph.nodes[i].kind);
            height[i] = sizeOf(graph.nodes[i].kind).height();
        }
        for (const MapEdge &edge : graph.edges) {
            const int from = byId.value(edge.from, -1), to = byId.value(edge.to, -1);
            if (from < 0 || to < 0 || from == to)
                continue;
            const bool forward = rank[std::size_t(from)] <= rank[std::size_t(to)];
            const int a = forward ? from : to, b = forward ? to : from;
            right[std::size_t(a)].push_back(b);
            left[std::size_t(b)].push_back(a);
        }
    }

    std::vector<int> rank;
    std::vector<double> height;
    std::vector<std::vector<int>> left;
    std::vector<std::vector<int>> right;
};

/// Boxes that edges connect, in the order of their first one.
std::vector<std::vector<int>> groupsOf(const Net &net)
{
    std::vector<std::vector<int>> groups;
    std::vector<char> seen(net.rank.size(), 0);
    // Begun with functions, so that their order leads.
    std::vector<int> order(net.rank.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_partition(order.begin(), order.end(),
                          [&](int i) { return net.rank[std::size_t(i)] == int(MapNode::Kind::Function); });
    for (const int first : order) {
        if (seen[std::size_t(first)])
            continue;
        std::vector<int> group{first};
        seen[std::size_t(first)] = 1;
        for (std::size_t i = 0; i < group.size(); ++i) {
            for (const auto *side : {&net.left, &net.right}) {
                for (const int next : (*side)[std::size_t(group[i])]) {
                    if (!seen[std::size_t(next)]) {
                        seen[std::size_t(next)] = 1;
                        group.push_back(next);
                    }
                }
            }
        }
        std::sort(group.begin(), group.end());
        groups.push_back(std::move(group));
    }
    return groups;
}

using Columns = std::array<std::vector<int>, ranks>; ///< Boxes from top to bottom.

int crossingsBetween(const Net &net, const std::vector<int> &a, const std::vector<double> &place)
{
    std::vector<std::pair<double, double>> lines;
    for (const int i : a) {
        for (const int j : net.right[std::size_t(i)])
            lines.emplace_back(place[std::size_t(i)], place[std::size_t(j)]);
    }
    int count = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (std::size_t j = i + 1; j < lines.size(); ++j)
            count += (lines[i].first - lines[j].first) * (lines[i].second - lines[j].second) < 0 ? 1 : 0;
    }
    return count;
}

int crossingsOf(const Net &net, const Columns &columns, const std::vector<double> &place)
{
    int count = 0;
    for (const auto &column : columns)
        count += crossingsBetween(net, column, place);
    return count;
}

/// Sorts each column by the mean place of its neighbours, to and fro, and keeps the best that was seen.
void order(const Net &net, Columns &columns)
{
    std::vector<double> place(net.rank.size(), 0);
    const auto number = [&place](const std::vector<int> &column) {
        for (std::size_t i = 0; i < column.size(); ++i)
            place[std::size_t(column[i])] = double(i);
    };
    for (const auto &column : columns)
        number(column);
    Columns best = columns;
    int fewest = crossingsOf(net, columns, place);
    const auto settle = [&](std::vector<int> &column, const std::vector<std::vector<int>> &side) {
        std::vector<double> wanted(net.rank.size(), 0);
        for (const int i : column) {
            const auto &neighbours = side[std::size_t(i)];
            double sum = 0;
            for (const int j : neighbours)
                sum += place[std::size_t(j)];
            wanted[std::size_t(i)] = neighbours.empty() ? place[std::size_t(i)] : sum / double(neighbours.size());
        }
        std::stable_sort(column.begin(), column.end(),
                         [&](int a, int b) { return wanted[std::size_t(a)] < wanted[std::size_t(b)]; });
        number(column);
    };
    for (int sweep = 0; sweep < sweeps && fewest > 0; ++sweep) {
        for (int rank = 1; rank < ranks; ++rank)
            settle(columns[std::size_t(rank)], net.left);
        for (int rank = ranks - 2; rank >= 0; --rank)
            settle(columns[std::size_t(rank)], net.right);
        const int now = crossingsOf(net, columns, place);
        if (now < fewest) {
            fewest = now;
            best = columns;
        }
    }
    columns = std::move(best);
}

/// Moves the boxes of one column as near as possible to their wanted tops (least squares), keeping order and gaps:
/// boxes that would overlap are pooled and move as one.
void place(const Net &net, const std::vector<int> &column, const std::vector<double> &wanted, std::vector<double> &top)
{
    struct Block
    {
        double sum = 0; ///< Of wanted tops, less the offset in the block.
        int count = 0;
        double length = 0;
        [[nodiscard]] double top() const { return sum / count; }
    };
    std::vector<Block> blocks;
    for (const int i : column) {
        Block block{wanted[std::size_t(i)], 1, net.height[std::size_t(i)] + gap};
        while (!blocks.empty() && blocks.back().top() + blocks.back().length > block.top()) {
            const Block &above = blocks.back();
            block = Block{above.sum + block.sum - block.count * above.length, above.count + block.count,
                          above.length + block.length};
            blocks.pop_back();
        }
        blocks.push_back(block);
    }
    std::size_t next = 0;
    for (const Block &block : blocks) {
        double y = block.top();
        for (int n = 0; n < block.count; ++n, ++next) {
            const int i = column[next];
            top[std::size_t(i)] = y;
            y += net.height[std::size_t(i)] + gap;
        }
    }
}

/// Tops of the boxes of one group, from 0 on; returns its height.
double settleGroup(const Net &net, const Columns &columns, std::vector<double> &top)
{
    std::vector<double> wanted(net.rank.size(), 0);
    for (const auto &column : columns)
        place(net, column, wanted, top);
    const auto middle = [&](int i) { return top[std::size_t(i)] + net.height[std::size_t(i)] / 2; };
    const auto pull = [&](const std::vector<int> &column, bool toLeft, bool toRight) {
        for (const int i : column) {
            double sum = 0;
            int count = 0;
            for (const int j : net.left[std::size_t(i)]) {
                sum += toLeft ? middle(j) : 0;
                count += toLeft ? 1 : 0;
            }
            for (const int j : net.right[std::size_t(i)]) {
                sum += toRight ? middle(j) : 0;
                count += toRight ? 1 : 0;
            }
            wanted[std::size_t(i)] = count == 0 ? top[std::size_t(i)] : sum / count - net.height[std::size_t(i)] / 2;
        }
        place(net, column, wanted, top);
    };
    for (int sweep = 0; sweep < 3; ++sweep) {
        for (int rank = 1; rank < ranks; ++rank)
            pull(columns[std::size_t(rank)], true, false);
        for (int rank = ranks - 2; rank >= 0; --rank)
            pull(columns[std::size_t(rank)], false, true);
    }
    double first = 1e18, last = -1e18;
    for (const auto &column : columns) {
        for (const int i : column) {
            first = std::min(first, top[std::size_t(i)]);
            last = std::max(last, top[std::size_t(i)] + net.height[std::size_t(i)]);
        }
    }
    for (const auto &column : columns) {
        for (const int i : column)
            top[std::size_t(i)] = snapped(top[std::size_t(i)] - first);
    }
    return std::ceil((last - first) / grid) * grid;
}

/// How many columns of groups give a picture nearest to the wanted shape.
std::size_t columnsFor(const std::vector<double> &heights, double width, double aspect)
{
    double total = 0;
    for (const double height : heights)
        total += height + groupGap;
    if (total <= oneColumn)
        return 1;
    std::size_t best = 1;
    double nearest = 1e18;
    for (std::size_t count = 1; count <= std::min<std::size_t>(heights.size(), 64); ++count) {
        const double shape = double(count) * (width + columnGap) / (total / double(count));
        const double distance = std::abs(std::log(shape / aspect));
        if (distance < nearest) {
            nearest = distance;
            best = count;
        }
    }
    return best;
}

} // namespace

QSizeF sizeOf(MapNode::Kind kind) { return kind == MapNode::Kind::Function ? QSizeF(236, 88) : QSizeF(208, 64); }

MapLayout layOut(const MapGraph &graph, double aspect)
{
    const Net net(graph);
    const auto groups = groupsOf(net);
    std::vector<double> top(graph.nodes.size(), 0), heights;
    std::array<double, ranks> widths{};
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        widths[std::size_t(net.rank[i])] = sizeOf(graph.nodes[i].kind).width();
    for (const auto &group : groups) {
        Columns columns;
        for (const int i : group)
            columns[std::size_t(net.rank[std::size_t(i)])].push_back(i);
        order(net, columns);
        heights.push_back(settleGroup(net, columns, top));
    }
    std::array<double, ranks> x{};
    double width = 0;
    for (std::size_t rank = 0; rank < ranks; ++rank) {
        x[rank] = width;
        width += widths[rank] > 0 ? widths[rank] + channel : 0;
    }
    width = std::max(0.0, width - channel);

    const std::size_t count = columnsFor(heights, width, aspect);
    const double total = std::accumulate(heights.begin(), heights.end(), 0.0) + groupGap * double(heights.size());
    MapLayout layout;
    layout.nodes.resize(graph.nodes.size());
    double x0 = 0, y0 = 0, filled = 0;
    std::size_t column = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        // A group whose middle is beyond the column's share of the height begins the next one.
        if (column + 1 < count && y0 > 0 && filled + heights[g] / 2 > total * double(column + 1) / double(count)) {
            ++column;
            x0 += width + columnGap;
            y0 = 0;
        }
        for (const int i : groups[g]) {
            const auto n = std::size_t(i);
            layout.nodes[n] =
                QRectF(QPointF(x0 + x[std::size_t(net.rank[n])], y0 + top[n]), sizeOf(graph.nodes[n].kind));
            layout.bounds |= layout.nodes[n];
        }
        y0 += heights[g] + groupGap;
        filled += heights[g] + groupGap;
    }
    return layout;
}

int crossings(const MapGraph &graph, const MapLayout &layout)
{
    const Net net(graph);
    std::vector<double> place(graph.nodes.size());
    std::vector<int> all(graph.nodes.size());
    std::iota(all.begin(), all.end(), 0);
    for (std::size_t i = 0; i < place.size(); ++i)
        place[i] = layout.nodes[i].center().y();
    // Edges of different columns of groups cannot cross: each is inside its own.
    std::vector<std::vector<int>> columns(ranks);
    int count = 0;
    for (const auto &group : groupsOf(net)) {
        for (auto &column : columns)
            column.clear();
        for (const int i : group)
            columns[std::size_t(net.rank[std::size_t(i)])].push_back(i);
        for (const auto &column : columns)
            count += crossingsBetween(net, column, place);
    }
    return count;
}

} // namespace kiln::ui
