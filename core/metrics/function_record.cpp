// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/function_record.h"

#include <algorithm>
#include <utility>

namespace kiln {

namespace {

constexpr std::int64_t lastMinute = 60;
constexpr std::int64_t rateWindow = 10;

double milliseconds(std::chrono::nanoseconds span) { return double(span.count()) / 1e6; }

} // namespace

FunctionRecord::Second &FunctionRecord::opened(std::int64_t second)
{
    advance(second);
    m_open = second;
    m_lastActive = second;
    Second &now = slot(second);
    if (now.at != second) {
        now.durations.clear();
        now = Second{.at = second, .durations = std::move(now.durations)};
    }
    return now;
}

void FunctionRecord::recordWorkers(const WorkerCounts &counts, std::int64_t second)
{
    if (std::exchange(m_hadWorkers, counts.alive() > 0) || counts.alive() > 0) {
        Second &now = opened(second);
        now.workers = fuller(counts, now.workers);
    }
}

void FunctionRecord::record(const InvocationFigures &figures, std::int64_t second)
{
    Second &now = opened(second);
    if (figures.outcome == Outcome::Throttled)
        ++now.throttled;
    if (!wasStarted(figures.outcome, figures.hadWorker))
        return;
    ++now.started;
    ++now.starts[std::size_t(figures.start)];
    now.errors += isError(figures.outcome) ? 1 : 0;
    now.durations.record(figures.phases.total());
    if (figures.start == Start::Warm)
        return;
    ++now.notWarm;
    const auto spans = figures.phases.spans();
    for (std::size_t i = 0; i < spans.size(); ++i)
        now.coldPhases[i] += milliseconds(spans[i]);
}

void FunctionRecord::advance(std::int64_t second)
{
    if (m_open >= 0 && m_open < second) {
        close(slot(m_open));
        m_open = -1;
    }
    dropOldMinutes(second);
}

void FunctionRecord::close(const Second &second)
{
    MetricSecond &closed = secondOf(second.at);
    closed.warm = second.starts[std::size_t(Start::Warm)];
    closed.parked = second.starts[std::size_t(Start::Parked)];
    closed.zygote = second.starts[std::size_t(Start::Zygote)];
    closed.cold = second.starts[std::size_t(Start::Cold)];
    closed.errors = second.errors;
    closed.throttled = second.throttled;
    closed.p50 = float(milliseconds(second.durations.percentile(0.50)));
    closed.p95 = float(milliseconds(second.durations.percentile(0.95)));
    closed.p99 = float(milliseconds(second.durations.percentile(0.99)));
    for (std::size_t i = 0; second.notWarm > 0 && i < second.coldPhases.size(); ++i)
        closed.coldPhases[i] = float(second.coldPhases[i] / second.notWarm);
    closed.busy = std::uint16_t(second.workers.busy);
    closed.idle = std::uint16_t(second.workers.idle);
    closed.starting = std::uint16_t(second.workers.starting);
    closed.workerLimit = std::uint16_t(second.workers.limit);
    m_seriesStale = true;
}

MetricSecond &FunctionRecord::secondOf(std::int64_t second)
{
    const std::int64_t minute = second / 60;
    if (m_minutes.empty() || m_minutes.back().minute < minute)
        m_minutes.push_back({minute, std::make_shared<MetricMinute>()});
    // A published minute is somebody's snapshot: the next second goes into a copy.
    auto &seconds = m_minutes.back().seconds;
    if (seconds.use_count() > 1)
        seconds = std::make_shared<MetricMinute>(*seconds);
    return (*seconds)[std::size_t(second % 60)];
}

void FunctionRecord::dropOldMinutes(std::int64_t second)
{
    while (!m_minutes.empty() && m_minutes.front().minute <= second / 60 - minutesKept) {
        m_minutes.pop_front();
        m_seriesStale = true;
    }
}

void FunctionRecord::forget(std::int64_t second)
{
    for (Second &slot : m_seconds) {
        if (slot.at >= second)
            slot.at = -1;
    }
    if (m_open >= second)
        m_open = -1;
    while (!m_minutes.empty() && m_minutes.back().minute * 60 >= second)
        m_minutes.pop_back();
    if (!m_minutes.empty() && m_minutes.back().minute == second / 60) {
        auto kept = std::make_shared<MetricMinute>(*m_minutes.back().seconds);
        std::fill(kept->begin() + second % 60, kept->end(), MetricSecond{});
        m_minutes.back().seconds = std::move(kept);
    }
    m_lastActive = std::min(m_lastActive, second);
    m_mergedFor = -1;
    m_seriesStale = true;
}

const MetricSeries &FunctionRecord::series()
{
    if (m_seriesStale) {
        m_series.chunks.clear();
        for (const Minute &minute : m_minutes)
            m_series.chunks.push_back({minute.minute, minute.seconds});
        m_seriesStale = false;
    }
    return m_series;
}

LiveFigures FunctionRecord::live(std::int64_t second, double partial)
{
    LiveFigures live;
    std::uint64_t minuteStarted = 0;
    std::uint64_t minuteNotWarm = 0;
    std::uint64_t lately = 0;
    const bool remerge = m_mergedFor != second;
    if (remerge)
        m_closedMinute.clear();
    const Histogram *current = nullptr;
    for (const Second &slot : m_seconds) {
        const std::int64_t age = second - slot.at;
        if (slot.at < 0 || age < 0 || age >= lastMinute)
            continue;
        minuteStarted += slot.started;
        minuteNotWarm += slot.notWarm;
        live.errors += slot.errors;
        lately += age < rateWindow ? slot.started : 0;
        if (age >= 1 && age <= std::int64_t(live.spark.size()))
            live.spark[live.spark.size() - std::size_t(age)] = float(slot.started);
        if (age == 0)
            current = &slot.durations;
        else if (remerge)
            m_closedMinute.merge(slot.durations);
    }
    m_mergedFor = second;
    live.rate = double(lately) / (double(rateWindow) - 1 + std::clamp(partial, 0.0, 1.0));
    live.coldShare = minuteStarted > 0 ? double(minuteNotWarm) / double(minuteStarted) : 0;

    Histogram whole = m_closedMinute;
    if (current)
        whole.merge(*current);
    live.p50 = milliseconds(whole.percentile(0.50));
    live.p95 = milliseconds(whole.percentile(0.95));
    live.p99 = milliseconds(whole.percentile(0.99));
    return live;
}

} // namespace kiln
