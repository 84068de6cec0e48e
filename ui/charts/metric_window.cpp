// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/metric_window.h"

#include <algorithm>

namespace kiln::ui {

static constexpr MetricSecond nothing{};

MetricWindow::MetricWindow(const MetricSeries &series, std::int64_t from, std::int64_t to)
    : m_from(from)
{
    const std::int64_t count = std::clamp<std::int64_t>(to - from + 1, 0, 86'400);
    m_seconds.assign(std::size_t(count), &nothing);
    for (const MetricSeries::Chunk &chunk : series.chunks) {
        const std::int64_t first = std::max(chunk.minute * 60, from);
        const std::int64_t last = std::min(chunk.minute * 60 + 60, from + count);
        for (std::int64_t second = first; second < last; ++second) {
            const MetricSecond &found = (*chunk.seconds)[std::size_t(second - chunk.minute * 60)];
            m_seconds[std::size_t(second - from)] = &found;
            m_any = m_any || found.invocations() > 0 || found.throttled > 0 || found.p50 > 0;
        }
    }
}

const MetricSecond &MetricWindow::at(std::int64_t second) const
{
    const bool inside = second >= m_from && second < m_from + std::int64_t(m_seconds.size());
    return inside ? *m_seconds[std::size_t(second - m_from)] : nothing;
}

} // namespace kiln::ui
