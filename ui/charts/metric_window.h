// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/metric_series.h"

#include <cstdint>
#include <vector>

namespace kiln::ui {

/// The seconds of one series in a stretch of time, without gaps: where nothing happened stands an empty second.
/// Points into the series it was made of.
class MetricWindow
{
public:
    MetricWindow() = default;
    /// The seconds `from` up to and with `to`, Unix time; at most a day.
    MetricWindow(const MetricSeries &series, std::int64_t from, std::int64_t to);

    [[nodiscard]] std::int64_t from() const { return m_from; }
    [[nodiscard]] const std::vector<const MetricSecond *> &seconds() const { return m_seconds; }
    [[nodiscard]] const MetricSecond &at(std::int64_t second) const; ///< An empty one outside.
    [[nodiscard]] bool empty() const { return !m_any; }              ///< Nothing happened in it.

private:
    std::int64_t m_from = 0;
    std::vector<const MetricSecond *> m_seconds;
    bool m_any = false;
};

} // namespace kiln::ui
