// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/decimate.h"

#include <algorithm>

namespace kiln::ui {

QList<QPointF> decimate(const QList<QPointF> &points, int most)
{
    const qsizetype count = points.size();
    if (count <= most || most < 4)
        return points;
    QList<QPointF> result;
    result.reserve(most);
    result.append(points.first());
    const qsizetype inner = count - 2, stretches = (most - 2) / 2;
    for (qsizetype i = 0; i < stretches; ++i) {
        const auto begin = points.begin() + 1 + inner * i / stretches;
        const auto end = points.begin() + 1 + inner * (i + 1) / stretches;
        if (begin == end)
            continue;
        const auto [low, high] =
            std::minmax_element(begin, end, [](const QPointF &a, const QPointF &b) { return a.y() < b.y(); });
        result.append(low < high ? *low : *high);
        if (low != high)
            result.append(low < high ? *high : *low);
    }
    result.append(points.last());
    return result;
}

Stack decimate(const Stack &stack, int most)
{
    const std::size_t count = stack.x.size();
    if (count <= std::size_t(most) || most < 2 || stack.layers.empty())
        return stack;
    Stack result;
    result.layers.resize(stack.layers.size());
    const std::size_t stretches = std::size_t(most) / 2;
    const std::vector<double> &top = stack.layers.back();
    for (std::size_t i = 0; i < stretches; ++i) {
        const std::size_t begin = count * i / stretches, end = count * (i + 1) / stretches;
        // All edges take the order of the topmost: mixed orders would cross.
        const auto topPair =
            std::minmax_element(top.begin() + std::ptrdiff_t(begin), top.begin() + std::ptrdiff_t(end));
        const bool lowFirst = topPair.first <= topPair.second;
        result.x.push_back(stack.x[begin]);
        result.x.push_back(stack.x[end - 1]);
        for (std::size_t layer = 0; layer < stack.layers.size(); ++layer) {
            const auto first = stack.layers[layer].begin();
            const auto [low, high] = std::minmax_element(first + std::ptrdiff_t(begin), first + std::ptrdiff_t(end));
            result.layers[layer].push_back(lowFirst ? *low : *high);
            result.layers[layer].push_back(lowFirst ? *high : *low);
        }
    }
    return result;
}

} // namespace kiln::ui
