// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/byte_size.h"
#include "core/base/clock.h"
#include "core/model/outcome.h"

#include <cstdint>
#include <string>

namespace kiln {

enum class WorkerState { Starting, Idle, Busy, Stopping };

/// One worker as it is shown.
struct WorkerView
{
    std::uint64_t id = 0;
    std::string function;
    std::string revision; ///< Hash.
    int pid = 0;          ///< Of its pid 1, seen from outside; 0 until known.
    WorkerState state = WorkerState::Starting;
    bool frozen = false; ///< Idle, and its processes are stopped.
    Start start = Start::Cold;
    Tier tier = Tier::Full;
    WallTime started;
    std::uint64_t served = 0; ///< Invocations.
    int running = 0;          ///< Invocations under way …
    int perWorker = 1;        ///< … of so many that it may have at once.
    ByteSize memory;          ///< Now, of all its processes; refreshed about once a second.
    double cpu = 0;           ///< Share of one CPU over about the last second; 1 is all of one.
    std::string why;          ///< It was started: "3 waiting, 0 idle, 2 of 20 running".
    bool operator==(const WorkerView &) const = default;
};

} // namespace kiln
