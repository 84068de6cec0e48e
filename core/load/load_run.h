// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/result.h"
#include "core/load/arrivals.h"
#include "core/load/load_tally.h"
#include "core/model/invocation.h"
#include "core/model/load_report.h"

#include <functional>
#include <memory>

namespace kiln {

/// Fires the events of a plan and reports what came of them.
///
/// Engine thread only; held by a shared pointer, since answers may come when it is gone. An open loop sends an event
/// when it is due; while the plan's bound is in flight, those that are due wait in order and are sent late, which the
/// corrected latency tells. What still waits when the run ends is counted as unsent.
class LoadRun : public std::enable_shared_from_this<LoadRun>
{
public:
    using Answer = std::function<void(Result<InvocationPtr>)>;
    struct Ports
    {
        /// Fires one; answers once, possibly before it returns.
        std::function<void(const LoadEvent &, Answer)> fire;
        std::function<void()> changed; ///< There is something new to report.
        std::function<void()> ended;   ///< Once, at the end.
    };

    /// A plan without problems. For a replay the script, whose events are then those of `events`.
    [[nodiscard]] static std::shared_ptr<LoadRun> make(Loop &loop, LoadPlan plan, std::uint64_t number, Ports ports);
    [[nodiscard]] static std::shared_ptr<LoadRun> makeReplay(Loop &loop, LoadPlan plan, std::uint64_t number,
                                                             std::vector<LoadEvent> events, ArrivalScript script,
                                                             Ports ports);
    ~LoadRun();

    void start();
    /// Sends nothing more and waits for answers; called once more, waits no longer.
    void stop(LoadReport::End why);
    /// Waits for nothing: the engine ends.
    void abort();

    /// How it stands. Made anew a few times a second at most while it runs; the same object until then.
    [[nodiscard]] LoadReportPtr report();
    /// Whoever began it still wants it; see LoadPlan::abandonedAfter.
    void keep() { m_kept = m_loop.clock().now(); }
    [[nodiscard]] bool hasEnded() const { return m_state == LoadReport::State::Ended; }

private:
    using Span = std::chrono::nanoseconds;
    LoadRun(Loop &loop, LoadPlan plan, std::uint64_t number, std::vector<LoadEvent> events, ArrivalScript script,
            Ports ports);

    [[nodiscard]] Span now() const { return m_loop.clock().now() - m_begin; }
    void pump();
    void pumpAt(Span due);
    void sendLast();
    void countDue(Span until);
    void call(Span due);
    void send(std::size_t event, Span due);
    void answered(Span due, Span sent, const Result<InvocationPtr> &answer);
    void tick();
    void endSending(LoadReport::End why);
    void end();
    void refreshReport();

    Loop &m_loop;
    const Ports m_ports;
    const std::vector<LoadEvent> m_events;
    const load::Callers *m_callers = nullptr; ///< Of a closed loop.
    Instant m_begin{};
    Instant m_kept{};
    Span m_length{};    ///< Of sending.
    LoadReport m_frame; ///< What does not come from counting.
    LoadReport::State m_state = LoadReport::State::Sending;

    Arrivals m_toCome;  ///< Those that are not due yet …
    Arrivals m_waiting; ///< … and not sent: the same sequence, behind it while sending is held up.
    std::optional<Arrival> m_nextDue;
    std::optional<Arrival> m_nextSent;
    bool m_pumping = false;
    bool m_heldUp = false; ///< The bound in flight kept something from being sent.
    LoadTally m_tally;

    TimerId m_pumpTimer = 0;
    TimerId m_endTimer = 0;
    TimerId m_ticker = 0;
    Instant m_reported{};
    LoadReportPtr m_report;
};

} // namespace kiln
