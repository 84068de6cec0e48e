// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/model/scale_event.h"
#include "core/model/scaling.h"
#include "core/pool/arrival_histogram.h"
#include "core/pool/burst_ramp.h"
#include "core/pool/keep_alive.h"
#include "core/pool/target_scaler.h"

#include <optional>
#include <string>

namespace kiln {

/// Decides how many workers one function should have and how long idle ones wait, by its policy.
///
/// It knows no worker, no loop and no clock: what happened and when is passed in, so the live engine and a simulation
/// of it use the same. What it has learned of a function's events outlasts its revisions.
class Scaler
{
public:
    /// How the function stands: of the revision that takes events.
    struct Load
    {
        int waiting = 0;    ///< Events.
        int waitingNew = 0; ///< Of them, those that want a worker that has served nothing.
        int running = 0;    ///< Events that are under way.
        int idle = 0;       ///< Workers; those that take no more events are left out.
        int busy = 0;
        int starting = 0;

        [[nodiscard]] int alive() const { return idle + busy + starting; }
    };
    enum class Provision {
        Off, ///< No code runs but for an event.
        On,
    };
    struct Plan
    {
        int start = 0; ///< Workers to start now; those who start them mind the limits.
        ScaleCause cause = ScaleCause::Waiting;
        int stop = 0;                 ///< Idle ones that are too many for the target.
        std::optional<Instant> again; ///< When to plan anew, though nothing happens.
        TargetScaler::Decision target{};
    };

    explicit Scaler(ScalePolicy policy = {});

    /// From now on. A burst or a target that stays the same goes on where it was.
    void setPolicy(const ScalePolicy &policy);
    [[nodiscard]] const ScalePolicy &policy() const { return m_policy; }

    void arrived(Instant now);                      ///< An event for the function.
    void started(Instant now);                      ///< A worker is being started.
    void ready(std::chrono::nanoseconds startTook); ///< It can serve.
    void failed(Instant now);                       ///< It did not come to that.
    void answered(ByteSize memory);                 ///< An invocation, whose worker holds so much.

    [[nodiscard]] Plan plan(Instant now, const Load &load, Provision provision);

    /// How long an idle worker waits from now on.
    [[nodiscard]] std::chrono::milliseconds keepAlive() const;
    /// Idle workers that stay, however long they have waited.
    [[nodiscard]] int spared(Provision provision) const;

private:
    [[nodiscard]] int workersFor(const Load &load) const;
    void planTarget(Plan &plan, Instant now, const Load &load);
    void planProvisioned(Plan &plan, Instant now, const Load &load);

    ScalePolicy m_policy;
    std::optional<BurstRamp> m_ramp;
    std::optional<TargetScaler> m_target;
    std::optional<TargetScaler::Decision> m_decision; ///< The last one of the target.
    Instant m_decided{};
    ArrivalHistogram m_gaps;
    WorkerCost m_cost;
    std::chrono::nanoseconds m_backoff{}; ///< Of provisioned workers that do not start.
    Instant m_provisionFrom{};
};

/// "3 waiting, 0 idle, 2 of 20 running", or what the target or the minimum asked for. Of the worker about to be
/// started.
[[nodiscard]] std::string whyStarted(const Scaler::Plan &plan, const Scaler::Load &load, const ScalePolicy &policy);

} // namespace kiln
