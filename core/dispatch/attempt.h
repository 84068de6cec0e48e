// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/model/invocation.h"
#include "core/pool/worker_pool.h"

#include <functional>
#include <string>

namespace kiln {

/// One try at handling one event, on its way from accepted to answered.
struct Attempt
{
    Event event;
    std::string triggerKind;
    int number = 1;
    WorkerPool::Freshness freshness = WorkerPool::Freshness::Any;
    Uuid id;
    Instant accepted;
    WallTime acceptedWall;
    std::function<void(Result<InvocationPtr>)> done;
};

} // namespace kiln
