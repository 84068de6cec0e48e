// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/load/arrivals.h"

#include <algorithm>
#include <cmath>

namespace kiln {

namespace {

double secondsIn(std::chrono::nanoseconds span) { return std::chrono::duration<double>(span).count(); }

/// When the event of this number is due, in seconds from the begin; nullopt: never.
std::optional<double> due(const load::Constant &shape, double index, double) { return index / shape.rate; }

std::optional<double> due(const load::Ramp &shape, double index, double seconds)
{
    if (index == 0)
        return 0;
    // Of the root's two forms the one that does not lose its digits where the slope is small.
    const double slope = (shape.to - shape.from) / seconds;
    const double root = shape.from * shape.from + 2 * slope * index;
    if (root < 0)
        return std::nullopt; // the rate is down to nothing before
    return 2 * index / (shape.from + std::sqrt(root));
}

std::optional<double> due(const load::Spike &shape, double index, double seconds)
{
    const double width = secondsIn(shape.width), before = (seconds - width) / 2;
    // Each stretch begins anew, with an event at its begin.
    const double inBefore = std::ceil(shape.base * before), inPeak = std::ceil(shape.peak * width);
    if (index < inBefore)
        return index / shape.base;
    if (index < inBefore + inPeak)
        return before + (index - inBefore) / shape.peak;
    if (shape.base <= 0)
        return std::nullopt;
    return before + width + (index - inBefore - inPeak) / shape.base;
}

} // namespace

Arrivals::Arrivals(const LoadPlan &plan, ArrivalScript script)
    : m_shape(plan.shape)
    , m_duration(plan.duration)
    , m_script(std::move(script))
    , m_choice(plan.seed)
    , m_gaps(plan.seed ^ 0x9E3779B97F4A7C15U)
{
    double sum = 0;
    for (const LoadEvent &event : plan.events)
        m_weights.push_back(sum += event.weight);
}

/// From 0 up to, but not with, 1: the generator's upper 53 bits, the same on every machine.
double Arrivals::share(std::mt19937_64 &random) const { return double(random() >> 11) * 0x1p-53; }

std::size_t Arrivals::chooseEvent()
{
    if (m_weights.size() < 2)
        return 0;
    const double drawn = share(m_choice) * m_weights.back();
    const auto at = std::upper_bound(m_weights.begin(), m_weights.end(), drawn);
    return std::min(std::size_t(at - m_weights.begin()), m_weights.size() - 1);
}

std::optional<double> Arrivals::secondsOf(std::uint64_t index)
{
    const double seconds = secondsIn(m_duration);
    if (const auto *constant = std::get_if<load::Constant>(&m_shape))
        return due(*constant, double(index), seconds);
    if (const auto *ramp = std::get_if<load::Ramp>(&m_shape))
        return due(*ramp, double(index), seconds);
    if (const auto *spike = std::get_if<load::Spike>(&m_shape))
        return due(*spike, double(index), seconds);
    if (const auto *poisson = std::get_if<load::Poisson>(&m_shape))
        return m_poisson -= std::log1p(-share(m_gaps)) / poisson->rate;
    return std::nullopt;
}

std::optional<Arrival> Arrivals::next()
{
    if (m_script) {
        if (m_index >= m_script->size() || (*m_script)[m_index].at >= m_duration)
            return std::nullopt;
        return (*m_script)[m_index++];
    }
    const std::optional<double> seconds = secondsOf(m_index++);
    if (!seconds || *seconds >= secondsIn(m_duration))
        return std::nullopt;
    return Arrival{Span(std::llround(*seconds * 1e9)), chooseEvent()};
}

} // namespace kiln
