// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPointF>

#include <vector>

namespace kiln::ui {

/// At most this many points go into one series of a chart; more than the pixels they stand on show nothing more.
inline constexpr int chartPoints = 1000;

/// `points` (by rising x) in at most `most` points: cut into stretches, of each the lowest and the highest in their
/// order, so that no peak and no dip is lost. The first and the last stay.
[[nodiscard]] QList<QPointF> decimate(const QList<QPointF> &points, int most);

/// Layers over one another at the same places: layers[i][k] is the upper edge of layer i at x[k], so that each layer
/// is everywhere at or above the one before it.
struct Stack
{
    std::vector<double> x;
    std::vector<std::vector<double>> layers;
};

/// The same for a stack: edges keep their own peaks and dips, and never cross where they did not.
[[nodiscard]] Stack decimate(const Stack &stack, int most);

} // namespace kiln::ui
