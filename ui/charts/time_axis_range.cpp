// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/time_axis_range.h"

#include <algorithm>

namespace kiln::ui {

void TimeAxisRange::setNow(double now)
{
    m_now = now;
    if (m_mode == Mode::Live)
        follow();
}

void TimeAxisRange::setLiveLength(double seconds)
{
    m_liveLength = std::clamp(seconds, shortest, longest);
    follow();
}

void TimeAxisRange::follow() { set({m_now - m_liveLength, m_now}, Mode::Live); }

void TimeAxisRange::hold(TimeSpan span)
{
    const double length = std::clamp(span.length(), shortest, longest);
    const double middle = (span.from + span.to) / 2;
    const double to =
        std::clamp(middle + length / 2, m_now - longest + length, std::max(m_now, m_now - longest + length));
    set({to - length, to}, Mode::Held);
}

void TimeAxisRange::zoom(double factor, double around)
{
    const double length = std::clamp(m_span.length() * factor, shortest, longest);
    const double scale = length / m_span.length();
    hold({around - (around - m_span.from) * scale, around + (m_span.to - around) * scale});
}

void TimeAxisRange::pan(double seconds) { hold({m_span.from + seconds, m_span.to + seconds}); }

void TimeAxisRange::setCrosshair(std::optional<double> time)
{
    if (time == m_crosshair)
        return;
    m_crosshair = time;
    Q_EMIT crosshairChanged();
}

void TimeAxisRange::set(TimeSpan span, Mode mode)
{
    if (span == m_span && mode == m_mode)
        return;
    m_span = span;
    m_mode = mode;
    Q_EMIT changed();
}

} // namespace kiln::ui
