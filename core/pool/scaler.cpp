// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pool/scaler.h"

#include <fmt/format.h>

#include <algorithm>

namespace kiln {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

constexpr nanoseconds firstBackoff = 1s;
constexpr nanoseconds longestBackoff = 60s;
constexpr nanoseconds shortestPause = 10ms; ///< Between two looks at a burst limit that grows fast.
constexpr int recentShare = 4;              ///< Of a mean, what is newest counts as much as one in so many.

nanoseconds mixed(nanoseconds before, nanoseconds now)
{
    return before == nanoseconds{} ? now : before + (now - before) / recentShare;
}

void sooner(std::optional<Instant> &when, Instant other) { when = std::min(when.value_or(other), other); }

} // namespace

Scaler::Scaler(ScalePolicy policy) { setPolicy(policy); }

void Scaler::setPolicy(const ScalePolicy &policy)
{
    m_policy = policy;
    const Concurrency &concurrency = policy.concurrency;
    if (!concurrency.burst)
        m_ramp.reset();
    else if (!m_ramp || m_ramp->limit() != *concurrency.burst)
        m_ramp.emplace(*concurrency.burst);
    if (!concurrency.target)
        m_target.reset();
    else if (!m_target || m_target->target() != *concurrency.target)
        m_target.emplace(*concurrency.target);
    m_decision.reset();
    m_backoff = {}; // what did not start may have been mended
    m_provisionFrom = {};
}

void Scaler::arrived(Instant now)
{
    if (m_policy.keepWarm.policy == KeepWarm::Policy::Adaptive)
        m_gaps.arrived(now);
    if (m_target)
        m_target->arrived(now);
}

void Scaler::started(Instant now)
{
    if (m_ramp)
        m_ramp->take(now);
}

void Scaler::ready(nanoseconds startTook)
{
    m_backoff = {};
    m_provisionFrom = {};
    m_cost.start = mixed(m_cost.start, startTook);
}

void Scaler::failed(Instant now)
{
    m_backoff = std::clamp(2 * m_backoff, firstBackoff, longestBackoff);
    m_provisionFrom = now + m_backoff;
}

void Scaler::answered(ByteSize memory)
{
    m_cost.memory.count += (memory.count - m_cost.memory.count) / (m_cost.memory.count == 0 ? 1 : recentShare);
}

Scaler::Plan Scaler::plan(Instant now, const Load &load, Provision provision)
{
    Plan plan;
    if (m_target)
        planTarget(plan, now, load);
    else
        plan.start = workersFor(load) - load.starting;
    if (provision == Provision::On)
        planProvisioned(plan, now, load);
    if (plan.start > 0 && m_ramp) {
        const int available = m_ramp->available(now);
        // At max it is the end of a worker that makes room.
        if (plan.start > available && load.alive() + available < m_policy.concurrency.max)
            sooner(plan.again, std::max(m_ramp->nextAt(now), now + shortestPause));
        plan.start = std::min(plan.start, available);
    }
    plan.start = std::max(plan.start, 0);
    return plan;
}

/// Of those who wait, each who wants a new worker needs one, and the others share as many as they fill.
int Scaler::workersFor(const Load &load) const
{
    const int each = m_policy.concurrency.perWorker;
    return load.waitingNew + (load.waiting - load.waitingNew + each - 1) / each;
}

void Scaler::planTarget(Plan &plan, Instant now, const Load &load)
{
    m_target->level(now, load.waiting + load.running);
    if (!m_decision || now >= m_decided + TargetScaler::interval) {
        m_decision = m_target->decide(now, load.idle + load.busy);
        m_decided = now;
    }
    plan.target = *m_decision;
    plan.cause = ScaleCause::Target;
    plan.start = m_decision->workers - load.alive();
    // The first event is not kept waiting for a mean, nor one that no worker there may serve.
    if (const int atOnce = std::max(load.waitingNew - load.starting, load.alive() == 0 ? std::min(load.waiting, 1) : 0);
        atOnce > plan.start) {
        plan.start = atOnce;
        plan.cause = ScaleCause::Waiting;
    }
    // The last one waits for keep_warm.
    plan.stop = std::clamp(load.alive() - std::max({m_decision->workers, m_policy.concurrency.min, 1}), 0, load.idle);
    if (load.waiting > 0)
        plan.stop = 0;
    if (load.alive() > 0 || load.waiting > 0)
        sooner(plan.again, m_decided + TargetScaler::interval);
}

void Scaler::planProvisioned(Plan &plan, Instant now, const Load &load)
{
    const int lacking = m_policy.concurrency.min - load.alive();
    if (lacking <= plan.start || lacking <= 0)
        return;
    if (now < m_provisionFrom) {
        sooner(plan.again, m_provisionFrom);
        return;
    }
    plan.start = lacking;
    plan.cause = ScaleCause::Provisioned;
}

std::chrono::milliseconds Scaler::keepAlive() const { return keepAliveOf(m_policy.keepWarm, m_gaps, m_cost); }

int Scaler::spared(Provision provision) const { return provision == Provision::On ? m_policy.concurrency.min : 0; }

std::string whyStarted(const Scaler::Plan &plan, const Scaler::Load &load, const ScalePolicy &policy)
{
    const Concurrency &concurrency = policy.concurrency;
    const int running = load.alive();
    switch (plan.cause) {
    case ScaleCause::Provisioned: return fmt::format("min is {}, {} running", concurrency.min, running);
    case ScaleCause::Target:
        return fmt::format(
            "target wants {}: {:.1f} {} on average{}, {} of {} running", plan.target.workers, plan.target.load,
            concurrency.target && concurrency.target->measure == ScaleTarget::Measure::Rate ? "events/s"
                                                                                            : "events in flight",
            plan.target.panic ? " (panic)" : "", running, concurrency.max);
    default:
        return fmt::format("{} waiting, {} idle, {} of {} running", load.waiting, load.idle, running, concurrency.max);
    }
}

} // namespace kiln
