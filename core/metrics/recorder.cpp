// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/recorder.h"

#include <algorithm>
#include <utility>

namespace kiln {

using namespace std::chrono;

namespace {

constexpr std::size_t functionBound = 1000; ///< Past it the one idle longest makes room.
constexpr std::size_t earlyBound = 10'000;
constexpr std::size_t eventBound = 10'000;
constexpr std::int64_t stepBackBorne = 5; ///< Seconds; time servers set clocks back by less.
constexpr std::int64_t rateWindow = 10;

/// Of no second at all.
std::shared_ptr<const MetricsView> nothing()
{
    auto view = std::make_shared<MetricsView>();
    view->upTo = -1;
    return view;
}

std::string eventKey(const std::string &function, std::size_t trigger)
{
    return function + '\0' + std::to_string(trigger);
}

} // namespace

Recorder::Recorder(const Clock &clock)
    : m_clock(clock)
{
    forgetAll();
}

void Recorder::forgetAll()
{
    m_functions.clear();
    m_all = (m_functions[""] = std::make_unique<FunctionRecord>()).get();
    m_published = nothing();
}

Recorder::Moment Recorder::now()
{
    const auto wall = m_clock.wall();
    const auto whole = floor<seconds>(wall);
    const std::int64_t second = std::max<std::int64_t>(whole.time_since_epoch().count(), 0);
    const double partial = duration<double>(wall - whole).count();
    if (second >= m_second) {
        m_second = second;
        return {second, partial};
    }
    if (m_second - second <= stepBackBorne)
        return {m_second, 1};
    for (auto &[name, record] : m_functions)
        record->forget(second);
    std::erase_if(m_early, [&](const Early &early) { return early.second >= second; });
    for (auto &[key, rate] : m_events)
        rate = {};
    m_second = second;
    m_published = nothing();
    return {second, partial};
}

void Recorder::record(const Invocation &invocation)
{
    Early early;
    InvocationFigures &figures = early.figures;
    if (invocation.revision)
        figures.function = invocation.revision->settings.name;
    figures.outcome = invocation.outcome;
    figures.start = invocation.start;
    figures.phases = invocation.phases;
    figures.hadWorker = invocation.worker != 0;
    early.second = now().second;
    take(figures, early.second);
    if (!m_seedable)
        return;
    m_early.push_back(std::move(early));
    if (m_early.size() > earlyBound) {
        m_seedable = false;
        m_early = {};
    }
}

void Recorder::recordWorkers(const std::string &function, const WorkerCounts &counts)
{
    FunctionRecord *record = m_all;
    if (!function.empty()) {
        const auto known = m_functions.find(function);
        if (known == m_functions.end() && counts.alive() == 0)
            return;
        record = known == m_functions.end() ? &recordOf(function) : known->second.get();
    }
    record->recordWorkers(counts, now().second);
}

void Recorder::take(const InvocationFigures &figures, std::int64_t second)
{
    static const std::string nameless = "?"; // "" is all of them
    m_all->record(figures, second);
    recordOf(figures.function.empty() ? nameless : figures.function).record(figures, second);
}

void Recorder::seed(std::vector<InvocationFigures> past)
{
    const std::int64_t present = now().second;
    if (!std::exchange(m_seedable, false))
        return;
    const auto ended = [](const InvocationFigures &figures) {
        return floor<seconds>(figures.accepted + duration_cast<microseconds>(figures.phases.total()));
    };
    std::sort(past.begin(), past.end(),
              [&](const InvocationFigures &a, const InvocationFigures &b) { return ended(a) < ended(b); });
    // What ended since the start may be in history too. Of a future that the clock has taken back nothing is known.
    const std::int64_t until = m_early.empty() ? present : m_early.front().second - 1;
    forgetAll();
    for (const InvocationFigures &figures : past) {
        const std::int64_t second = ended(figures).time_since_epoch().count();
        if (second >= 0 && second <= until && second > present - 60 * FunctionRecord::minutesKept)
            take(figures, second);
    }
    for (const Early &early : m_early)
        take(early.figures, early.second);
    m_early = {};
}

FunctionRecord &Recorder::recordOf(const std::string &function)
{
    if (const auto known = m_functions.find(function); known != m_functions.end())
        return *known->second;
    if (m_functions.size() > functionBound) {
        auto oldest = m_functions.end();
        for (auto it = m_functions.begin(); it != m_functions.end(); ++it) {
            const bool older = oldest == m_functions.end() || it->second->lastActive() < oldest->second->lastActive();
            if (it->second.get() != m_all && older)
                oldest = it;
        }
        m_functions.erase(oldest);
    }
    return *(m_functions[function] = std::make_unique<FunctionRecord>());
}

std::shared_ptr<const MetricsView> Recorder::publish()
{
    const std::int64_t upTo = now().second - 1;
    if (m_published->upTo == upTo)
        return m_published;
    auto view = std::make_shared<MetricsView>();
    view->upTo = upTo;
    for (auto &[name, record] : m_functions) {
        record->advance(upTo + 1);
        if (const MetricSeries &series = record->series(); !series.chunks.empty())
            view->functions.emplace(name, series);
    }
    m_published = std::move(view);
    return m_published;
}

LiveFigures Recorder::live(const std::string &function)
{
    const Moment moment = now();
    const auto known = m_functions.find(function);
    return known == m_functions.end() ? LiveFigures{} : known->second->live(moment.second, moment.partial);
}

void Recorder::recordEvent(const std::string &function, std::size_t trigger)
{
    const std::int64_t second = now().second;
    if (m_events.size() >= eventBound)
        std::erase_if(m_events, [&](const auto &entry) { return entry.second.last + rateWindow < second; });
    std::string key = eventKey(function, trigger);
    if (m_events.size() >= eventBound && !m_events.contains(key))
        return; // ten thousand triggers fired within ten seconds: another's rate is not worth the memory
    EventRate &rate = m_events[std::move(key)];
    for (std::int64_t skipped = std::max(rate.last + 1, second - std::ssize(rate.counts) + 1); skipped <= second;
         ++skipped)
        rate.counts[std::size_t(skipped) % rate.counts.size()] = 0;
    rate.last = second;
    ++rate.counts[std::size_t(second) % rate.counts.size()];
}

double Recorder::eventRate(const std::string &function, std::size_t trigger) const
{
    const auto known = m_events.find(eventKey(function, trigger));
    if (known == m_events.end())
        return 0;
    const auto wall = m_clock.wall();
    const auto whole = floor<seconds>(wall);
    const std::int64_t second = std::max(known->second.last, whole.time_since_epoch().count());
    std::uint64_t events = 0;
    for (std::int64_t at = second - rateWindow + 1; at <= known->second.last; ++at)
        events += known->second.counts[std::size_t(at) % known->second.counts.size()];
    return double(events) / (double(rateWindow) - 1 + duration<double>(wall - whole).count());
}

} // namespace kiln
