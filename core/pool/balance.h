// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/model/scaling.h"

#include <cstdint>
#include <optional>
#include <span>

namespace kiln {

class Worker;

/// One worker that waits for an event.
struct IdleWorker
{
    Worker *worker = nullptr; ///< The pool's.
    std::uint64_t id = 0;
    std::uint64_t served = 0;
    Instant since{};
};

/// Which of them takes the next event; `idle` has the one that waits longest first. Nullopt when none fits.
/// `last` is the worker that was lent last, whether or not it is among them.
[[nodiscard]] std::optional<std::size_t> chooseIdle(Balance balance, std::span<const IdleWorker> idle,
                                                    std::uint64_t last);

/// The same, of those that have served nothing yet.
[[nodiscard]] std::optional<std::size_t> chooseNew(std::span<const IdleWorker> idle);

} // namespace kiln
