// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/load/load_tally.h"

#include "core/base/utf8.h"

#include <algorithm>

namespace kiln {

namespace {

constexpr std::size_t longestMessage = 300;
constexpr int binsPerOctave = 4; ///< Of the histogram that is told: enough for a picture, few enough for a table.

/// Whether an invocation went through this phase even if that took no time. A warm one has no sandbox, runtime and
/// init: as zeros they would hide what these take. But a worker that was free at once, or an answer that was there
/// already, belongs to its figures.
bool hasWithoutTime(std::size_t phase, Outcome outcome)
{
    const bool ofStart = phase >= 1 && phase <= 3;
    return !ofStart && (phase == 0 || outcome == Outcome::Ok || outcome == Outcome::HandlerError);
}

LatencyFigures::Span within(LatencyFigures::Span value, LatencyFigures::Span max) { return std::min(value, max); }

/// The first nanosecond of the bin that holds this duration: an octave in four equal parts.
std::int64_t binOf(std::int64_t nanoseconds)
{
    std::int64_t octave = 1;
    while (octave <= nanoseconds / 2)
        octave *= 2;
    if (octave < binsPerOctave)
        return nanoseconds;
    const std::int64_t part = octave / binsPerOctave;
    return octave + (nanoseconds - octave) / part * part;
}

std::int64_t binEnd(std::int64_t begin)
{
    std::int64_t octave = 1;
    while (octave <= begin / 2)
        octave *= 2;
    return begin + std::max<std::int64_t>(1, octave / binsPerOctave);
}

} // namespace

void LoadTally::Durations::record(Span value)
{
    histogram.record(value);
    sum += double(value.count());
    max = std::max(max, value);
}

LatencyFigures LoadTally::Durations::figures() const
{
    LatencyFigures figures;
    figures.count = histogram.count();
    if (figures.count == 0)
        return figures;
    // A bucket answers with its middle, which may lie above all that was counted.
    const auto at = [&](double share) { return within(histogram.percentile(share), max); };
    figures.mean = Span(Span::rep(sum / double(figures.count)));
    figures.p50 = at(0.5);
    figures.p90 = at(0.9);
    figures.p95 = at(0.95);
    figures.p99 = at(0.99);
    figures.p999 = at(0.999);
    figures.max = max;
    return figures;
}

LoadTally::Interval &LoadTally::intervalAt(Span at)
{
    const auto index = [&] { return std::size_t(std::max<Span::rep>(at.count(), 0) / m_length.count()); };
    while (index() >= mostIntervals) {
        for (std::size_t i = 0; i < m_intervals.size(); ++i) {
            if (i % 2 == 0) {
                if (i > 0)
                    m_intervals[i / 2] = std::move(m_intervals[i]);
                continue;
            }
            Interval &into = m_intervals[i / 2];
            const Interval &from = m_intervals[i];
            into.due += from.due;
            into.sent += from.sent;
            into.answered += from.answered;
            into.failed += from.failed;
            into.corrected.merge(from.corrected);
            into.max = std::max(into.max, from.max);
        }
        m_intervals.resize((m_intervals.size() + 1) / 2);
        m_length *= 2;
    }
    if (index() >= m_intervals.size())
        m_intervals.resize(index() + 1);
    return m_intervals[index()];
}

void LoadTally::due(Span at)
{
    ++m_due;
    ++intervalAt(at).due;
}

void LoadTally::sent(Span at, Sending sending)
{
    ++m_sent;
    ++intervalAt(at).sent;
    m_lastSent = std::max(m_lastSent, at);
    if (sending == Sending::HeldUp)
        ++m_late;
    else if (sending == Sending::Behind)
        ++m_behind;
}

void LoadTally::answered(Span due, Span sent, Span now, const Result<InvocationPtr> &answer)
{
    ++m_answered;
    m_lastAnswer = std::max(m_lastAnswer, now);
    if (answer && (*answer)->worker != 0)
        recordLatency(due, sent, now);
    Interval &in = intervalAt(now);
    ++in.answered;
    if (!answer) {
        ++m_refused;
        ++in.failed;
        countError("Refused", {}, answer.error().text());
        return;
    }
    const Invocation &invocation = **answer;
    ++m_outcomes[std::size_t(invocation.outcome)];
    if (invocation.outcome != Outcome::Ok) {
        ++in.failed;
        countError(std::string(toWord(invocation.outcome)), invocation.error.type, invocation.error.message);
    }
    if (invocation.worker == 0)
        return;
    ++m_starts[std::size_t(invocation.start)];
    const auto spans = invocation.phases.spans();
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (spans[i].count() > 0 || hasWithoutTime(i, invocation.outcome))
            m_phases[i].record(spans[i]);
    }
}

/// Of an answer that a worker gave. To be turned away takes microseconds: among the rest it would make an overload look
/// fast.
void LoadTally::recordLatency(Span due, Span sent, Span now)
{
    m_corrected.record(now - due);
    m_service.record(now - sent);
    Interval &of = intervalAt(due);
    of.corrected.record(now - due);
    of.max = std::max(of.max, now - due);
}

void LoadTally::countError(std::string outcome, std::string type, const std::string &message)
{
    const auto key = std::make_pair(std::move(outcome), std::move(type));
    auto known = m_errors.find(key);
    if (known == m_errors.end()) {
        if (m_errors.size() >= mostErrorKinds) {
            ++m_otherErrors;
            return;
        }
        LoadReport::ErrorKind kind{key.first, key.second, toUtf8(std::string_view(message).substr(0, longestMessage)),
                                   0};
        known = m_errors.emplace(key, std::move(kind)).first;
    }
    ++known->second.count;
}

std::vector<LoadReport::Bin> LoadTally::bins() const
{
    std::map<std::int64_t, LoadReport::Bin> bins;
    const auto add = [&](const Histogram &histogram, std::uint64_t LoadReport::Bin::*count) {
        for (const Histogram::Bucket &bucket : histogram.buckets()) {
            const std::int64_t begin = binOf(bucket.from.count());
            LoadReport::Bin &bin = bins[begin];
            bin.from = Span(begin);
            bin.to = Span(binEnd(begin));
            bin.*count += bucket.count;
        }
    };
    add(m_corrected.histogram, &LoadReport::Bin::corrected);
    add(m_service.histogram, &LoadReport::Bin::service);
    std::vector<LoadReport::Bin> all;
    for (const auto &[begin, bin] : bins)
        all.push_back(bin);
    return all;
}

void LoadTally::fill(LoadReport &report) const
{
    report.due = m_due;
    report.sent = m_sent;
    report.late = m_late;
    report.behind = m_behind;
    report.lastSent = m_lastSent;
    report.answered = m_answered;
    report.lastAnswer = m_lastAnswer;
    report.inFlight = inFlight();
    report.refused = m_refused;
    report.outcomes = m_outcomes;
    report.starts = m_starts;
    report.corrected = m_corrected.figures();
    report.service = m_service.figures();
    for (std::size_t i = 0; i < m_phases.size(); ++i)
        report.phases[i] = m_phases[i].figures();

    report.errors.clear();
    report.otherErrors = m_otherErrors;
    for (const auto &[key, kind] : m_errors)
        report.errors.push_back(kind);
    std::stable_sort(report.errors.begin(), report.errors.end(),
                     [](const auto &a, const auto &b) { return a.count > b.count; });
    for (; report.errors.size() > errorsTold; report.errors.pop_back())
        report.otherErrors += report.errors.back().count;

    report.interval = m_length;
    report.timeline.clear();
    for (const Interval &interval : m_intervals) {
        const auto at = [&](double share) { return within(interval.corrected.percentile(share), interval.max); };
        report.timeline.push_back({interval.due, interval.sent, interval.answered, interval.failed, at(0.5), at(0.95),
                                   at(0.99), interval.max});
    }
    report.histogram = bins();
}

} // namespace kiln
