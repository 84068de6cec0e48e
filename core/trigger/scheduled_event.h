// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/event.h"
#include "core/model/trigger.h"

#include <cstddef>
#include <string>

namespace kiln {

/// The event of one tick of a schedule, shaped as EventBridge's "Scheduled Event". `trigger` is the trigger's index in
/// its function. A test event made with this is the same as one that a schedule fires.
[[nodiscard]] Event scheduledEvent(const std::string &function, std::size_t trigger, const ScheduleTrigger &schedule,
                                   WallTime tick, std::string id);

/// The id of that tick's event: the same whenever it is computed, so that a tick accepted twice can be known as one.
[[nodiscard]] std::string tickId(const std::string &function, std::size_t trigger, const ScheduleTrigger &schedule,
                                 WallTime tick);

} // namespace kiln
