// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/load/load_run.h"

#include <algorithm>
#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

constexpr auto reportEvery = 200ms;
constexpr auto longestDelay = 5s;         ///< Of the last ones, by a loop that is busy.
constexpr int mostAtOnce = 200;           ///< Sent in one turn of the loop, which others need as well.
constexpr auto pauseWhenTurnedAway = 1ms; ///< A caller that is answered at once must not spin.

Instant after(Instant begin, std::chrono::nanoseconds span)
{
    return begin + std::chrono::duration_cast<Instant::duration>(span);
}

} // namespace

std::shared_ptr<LoadRun> LoadRun::make(Loop &loop, LoadPlan plan, std::uint64_t number, Ports ports)
{
    std::vector<LoadEvent> events = plan.events;
    return std::shared_ptr<LoadRun>(
        new LoadRun(loop, std::move(plan), number, std::move(events), nullptr, std::move(ports)));
}

std::shared_ptr<LoadRun> LoadRun::makeReplay(Loop &loop, LoadPlan plan, std::uint64_t number,
                                             std::vector<LoadEvent> events, ArrivalScript script, Ports ports)
{
    return std::shared_ptr<LoadRun>(
        new LoadRun(loop, std::move(plan), number, std::move(events), std::move(script), std::move(ports)));
}

LoadRun::LoadRun(Loop &loop, LoadPlan plan, std::uint64_t number, std::vector<LoadEvent> events, ArrivalScript script,
                 Ports ports)
    : m_loop(loop)
    , m_ports(std::move(ports))
    , m_events(std::move(events))
    , m_length(plan.duration)
    , m_toCome(plan, script)
    , m_waiting(m_toCome)
{
    if (script)
        m_length = script->empty() ? Span(0) : std::min<Span>(m_length, script->back().at);
    m_frame.run = number;
    m_frame.planned = m_length;
    m_frame.plan = std::move(plan);
    m_callers = std::get_if<load::Callers>(&m_frame.plan.shape);
}

LoadRun::~LoadRun()
{
    for (const TimerId timer : {m_pumpTimer, m_endTimer, m_ticker})
        m_loop.timers().cancel(timer);
}

void LoadRun::start()
{
    m_begin = m_kept = m_loop.clock().now();
    m_frame.began = m_loop.clock().wall();
    tick();
    m_endTimer = m_loop.timers().at(after(m_begin, m_length), [this] {
        m_endTimer = 0;
        sendLast();
    });
    if (m_callers) {
        for (int i = 0; i < m_callers->count; ++i)
            call(Span(0));
        return;
    }
    m_nextDue = m_toCome.next();
    m_nextSent = m_waiting.next();
    pump();
}

void LoadRun::countDue(Span until)
{
    for (; m_nextDue && m_nextDue->at <= until; m_nextDue = m_toCome.next())
        m_tally.due(m_nextDue->at);
}

/// Sends what is due, as far as the bound allows; the rest goes when answers come.
void LoadRun::pump()
{
    if (m_pumping || m_callers || m_state != LoadReport::State::Sending)
        return;
    m_pumping = true;
    int sent = 0;
    for (; m_nextSent && m_nextSent->at <= now() && sent < mostAtOnce; ++sent) {
        if (m_tally.inFlight() >= std::uint64_t(m_frame.plan.maxInFlight)) {
            m_heldUp = true;
            break;
        }
        const Arrival arrival = *m_nextSent;
        m_nextSent = m_waiting.next();
        countDue(arrival.at);
        send(arrival.event, arrival.at);
    }
    m_pumping = false;
    if (!m_nextSent || m_state != LoadReport::State::Sending)
        return;
    if (m_nextSent->at > now())
        m_heldUp = false;
    else if (sent < mostAtOnce)
        return; // held up: an answer pumps
    pumpAt(m_nextSent->at);
}

void LoadRun::pumpAt(Span due)
{
    m_loop.timers().cancel(std::exchange(m_pumpTimer, 0));
    if (due <= now()) { // a timer that is due already would run before the loop looks at anything else
        m_loop.post([self = weak_from_this()] {
            if (const auto run = self.lock())
                run->pump();
        });
        return;
    }
    m_pumpTimer = m_loop.timers().at(after(m_begin, due), [this] {
        m_pumpTimer = 0;
        pump();
    });
}

/// The time is over. What a busy loop has not come to yet is sent all the same, late; but not what the bound holds up.
void LoadRun::sendLast()
{
    pump();
    const bool behind = m_nextSent && m_nextSent->at <= m_length && !m_heldUp;
    if (m_state != LoadReport::State::Sending)
        return;
    if (!behind || now() - m_length > longestDelay) {
        endSending(LoadReport::End::Whole);
        return;
    }
    m_loop.post([self = weak_from_this()] {
        if (const auto run = self.lock())
            run->sendLast();
    });
}

/// One caller of a closed loop calls; it wanted to at `due`.
void LoadRun::call(Span due)
{
    if (m_state != LoadReport::State::Sending || due > m_length)
        return;
    m_tally.due(due);
    send(m_waiting.chooseEvent(), due);
}

void LoadRun::send(std::size_t event, Span due)
{
    const Span sent = now();
    const bool late = sent - due > LoadReport::inTime;
    m_tally.sent(sent, m_heldUp ? LoadTally::Sending::HeldUp
                       : late   ? LoadTally::Sending::Behind
                                : LoadTally::Sending::InTime);
    m_ports.fire(m_events.at(event), [self = weak_from_this(), due, sent](const Result<InvocationPtr> &answer) {
        if (const auto run = self.lock())
            run->answered(due, sent, answer);
    });
}

void LoadRun::answered(Span due, Span sent, const Result<InvocationPtr> &answer)
{
    if (hasEnded())
        return;
    m_tally.answered(due, sent, now(), answer);
    if (m_state == LoadReport::State::Draining) {
        if (m_tally.inFlight() == 0)
            end();
        return;
    }
    if (!m_callers) {
        pump();
        return;
    }
    const bool turnedAway = !answer || (*answer)->outcome == Outcome::Throttled;
    const Span pause = std::max<Span>(m_callers->think, turnedAway ? Span(pauseWhenTurnedAway) : Span(0));
    const auto next = [self = weak_from_this(), wanted = now() + pause] {
        if (const auto run = self.lock())
            run->call(wanted);
    };
    if (pause > Span(0))
        m_loop.timers().after(pause, next);
    else
        m_loop.post(next); // not on the stack of the one that answered
}

void LoadRun::tick()
{
    m_ticker = m_loop.timers().after(reportEvery, [this] { tick(); });
    m_ports.changed();
    const auto patience = m_frame.plan.abandonedAfter;
    if (patience.count() > 0 && m_loop.clock().now() - m_kept >= patience)
        stop(LoadReport::End::Abandoned);
}

void LoadRun::stop(LoadReport::End why)
{
    if (m_state != LoadReport::State::Sending) {
        end();
        return;
    }
    pump(); // what is due is sent: else it would look as if it could not be
    endSending(why);
}

void LoadRun::abort()
{
    if (m_state == LoadReport::State::Sending)
        endSending(LoadReport::End::Engine);
    end();
}

void LoadRun::endSending(LoadReport::End why)
{
    const Span at = std::min(now(), m_length);
    countDue(at);
    m_frame.elapsed = at;
    m_frame.end = why;
    m_frame.unsent = m_tally.waiting();
    m_state = LoadReport::State::Draining;
    m_loop.timers().cancel(m_pumpTimer);
    m_loop.timers().cancel(m_endTimer);
    if (m_tally.inFlight() == 0) {
        end();
        return;
    }
    m_endTimer = m_loop.timers().after(m_frame.plan.patience, [this] { end(); });
}

void LoadRun::end()
{
    if (hasEnded())
        return;
    const auto self = shared_from_this(); // who is told may let go of it
    m_state = LoadReport::State::Ended;
    for (const TimerId timer : {m_pumpTimer, m_endTimer, m_ticker})
        m_loop.timers().cancel(timer);
    refreshReport();
    m_ports.changed();
    m_ports.ended();
}

LoadReportPtr LoadRun::report()
{
    const bool untold = !m_report || m_report->state != m_state;
    if (untold || (!hasEnded() && m_loop.clock().now() - m_reported >= reportEvery))
        refreshReport();
    return m_report;
}

void LoadRun::refreshReport()
{
    if (m_state == LoadReport::State::Sending) {
        countDue(std::min(now(), m_length));
        m_frame.elapsed = std::min(now(), m_length);
    }
    auto report = std::make_shared<LoadReport>(m_frame);
    report->state = m_state;
    m_tally.fill(*report);
    m_report = std::move(report);
    m_reported = m_loop.clock().now();
}

} // namespace kiln
