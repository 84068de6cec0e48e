// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <string_view>

namespace kiln {

/// Where the time of an invocation went, on the monotonic clock. The phases follow each other without a gap, so
/// that their sum is the duration from accepted to response complete.
struct Phases
{
    using Span = std::chrono::nanoseconds;

    Span queue{};   ///< Accepted until a worker was lent or its start began.
    Span sandbox{}; ///< Start asked of the launcher until the interpreter was executed. 0 when warm.
    Span runtime{}; ///< Until the bootstrap said hello. 0 when warm.
    Span init{};    ///< Until the user's module was loaded. 0 when warm.
    Span handler{}; ///< Event sent until the first byte of the answer.
    Span respond{}; ///< Until the answer was whole and its logs were read.

    [[nodiscard]] Span total() const { return queue + sandbox + runtime + init + handler + respond; }

    static constexpr std::array<std::string_view, 6> names{"queue", "sandbox", "runtime", "init", "handler", "respond"};
    [[nodiscard]] std::array<Span, 6> spans() const { return {queue, sandbox, runtime, init, handler, respond}; }
};

} // namespace kiln
