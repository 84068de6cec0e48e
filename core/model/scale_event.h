// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln {

/// Why a worker was started or stopped.
enum class ScaleCause {
    Waiting,     ///< Started: events waited.
    Provisioned, ///< Started: concurrency.min.
    Target,      ///< Started or stopped: concurrency.target.
    Idle,        ///< Stopped: keep_warm was over.
    NewRevision, ///< Stopped: a save made a new one.
    MadeWay,     ///< Stopped: the workspace's budget, or max, was needed for another.
    SingleUse,   ///< Stopped: reuse: never.
    ByHand,      ///< Stopped: by the user.
    Failed,      ///< Stopped: timed out, crashed, out of memory, did not start.
    Ended,       ///< Stopped: the function is gone, or the engine ends.
};

/// One start or stop of a worker, as it is shown.
struct ScaleEvent
{
    enum class What { Started, Stopped };

    WallTime time;
    std::uint64_t worker = 0;
    What what = What::Started;
    ScaleCause cause = ScaleCause::Waiting;
    std::string why; ///< "3 waiting, 0 idle, 2 of 20 running"; at most a line.
    int running = 0; ///< Workers of the function after it: starting, idle and busy.
    int limit = 0;   ///< concurrency.max.
    bool operator==(const ScaleEvent &) const = default;
};

[[nodiscard]] std::string_view toWord(ScaleEvent::What what); ///< "started", "stopped".
[[nodiscard]] std::string_view toWord(ScaleCause cause);      ///< "waiting", "provisioned", … as in `--json`.

/// How a function's workers stood at the moment of a second at which there were most of them.
struct WorkerCounts
{
    int busy = 0;
    int idle = 0;
    int starting = 0;
    int limit = 0; ///< How many there might be; 0: not known.

    [[nodiscard]] int alive() const { return busy + idle + starting; }
    bool operator==(const WorkerCounts &) const = default;
};

/// The fuller moment of two: more workers, or as many of which more are busy.
[[nodiscard]] WorkerCounts fuller(const WorkerCounts &a, const WorkerCounts &b);

} // namespace kiln
