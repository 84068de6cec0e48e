// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/scaling.h"

#include <cstdint>
#include <optional>
#include <span>

namespace kiln {

class Worker;

/// One worker that can take an event.
struct FreeWorker
{
    Worker *worker = nullptr; ///< The pool's.
    std::uint64_t id = 0;
    std::uint64_t served = 0;
    int running = 0;        ///< Events under way in it; none: it is idle.
    std::uint64_t turn = 0; ///< When it was lent last, counted; of one that is not idle.
    Instant since{};        ///< When it became idle; of one that is.
};

/// Which of them takes the next event; `free` has the idle ones first, those that wait longest before all, then the
/// others, the one lent last at the end. Nullopt when there is none.
/// `last` is the worker that was lent last, whether or not it is among them.
[[nodiscard]] std::optional<std::size_t> chooseFree(Balance balance, std::span<const FreeWorker> free,
                                                    std::uint64_t last);

/// The same, of those that have served nothing yet, and do nothing now.
[[nodiscard]] std::optional<std::size_t> chooseNew(std::span<const FreeWorker> free);

} // namespace kiln
