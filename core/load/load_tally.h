// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/histogram.h"
#include "core/base/result.h"
#include "core/model/invocation.h"
#include "core/model/load_report.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kiln {

/// Counts what a load run sends and gets, and makes its report. Knows no clock: all times are given, from the run's
/// begin on. Engine thread only; memory is bounded, however long the run.
class LoadTally
{
public:
    using Span = std::chrono::nanoseconds;
    enum class Sending {
        InTime,
        HeldUp, ///< Late, by the bound on what is in flight.
        Behind, ///< Late, since the machine was busy with other things.
    };

    static constexpr std::size_t mostIntervals = 300;
    static constexpr std::size_t mostErrorKinds = 100; ///< Kept apart.
    static constexpr std::size_t errorsTold = 10;

    void due(Span at);
    void sent(Span at, Sending sending);
    /// An answer: of an event that was due and sent at these times.
    void answered(Span due, Span sent, Span now, const Result<InvocationPtr> &answer);

    [[nodiscard]] std::uint64_t inFlight() const { return m_sent - m_answered; }
    [[nodiscard]] std::uint64_t waiting() const { return m_due - m_sent; } ///< Due, and not sent.

    /// Fills in all that was counted.
    void fill(LoadReport &report) const;

private:
    /// Many durations, with what a histogram rounds away.
    struct Durations
    {
        Histogram histogram;
        double sum = 0; ///< Nanoseconds: of a billion that wait for minutes.
        Span max{};
        void record(Span value);
        [[nodiscard]] LatencyFigures figures() const;
    };
    struct Interval
    {
        std::uint64_t due = 0, sent = 0, answered = 0, failed = 0;
        Histogram corrected;
        Span max{};
    };

    Interval &intervalAt(Span at);
    void recordLatency(Span due, Span sent, Span now);
    void countError(std::string outcome, std::string type, const std::string &message);
    [[nodiscard]] std::vector<LoadReport::Bin> bins() const;

    std::uint64_t m_due = 0, m_sent = 0, m_late = 0, m_behind = 0, m_answered = 0, m_refused = 0;
    Span m_lastSent{}, m_lastAnswer{};
    std::array<std::uint64_t, outcomeCount> m_outcomes{};
    std::array<std::uint64_t, 4> m_starts{};
    Durations m_corrected, m_service;
    std::array<Durations, 6> m_phases;
    std::map<std::pair<std::string, std::string>, LoadReport::ErrorKind> m_errors; ///< By outcome and type.
    std::uint64_t m_otherErrors = 0;
    Span m_length = std::chrono::milliseconds(100); ///< Of an interval; doubled when they become too many.
    std::vector<Interval> m_intervals;
};

} // namespace kiln
