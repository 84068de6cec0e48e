// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/payload.h"
#include "core/base/timers.h"
#include "core/model/access.h"
#include "core/model/invocation.h"
#include "core/worker/output_capture.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace kiln {

/// How a call, or the start of a worker, ended.
struct CallEnding
{
    Outcome outcome = Outcome::Ok;
    FunctionError error;
    Payload response = payload({});
    Instant firstByte{}; ///< Of the answer; the end when there was none.
    Instant end{};
    OutputCapture::Captured output{};
    Usage usage{};
    /// What it reached for outside itself: bounded. What went through the worker's doors is told by the call that ends
    /// next, since nobody knows whose it was.
    std::vector<Access> accesses{};
};

/// One call under way in a worker.
struct RunningCall
{
    std::uint64_t serial = 0;
    std::function<void(CallEnding)> answered;
    TimerId timer = 0;          ///< Its timeout.
    std::uint64_t eventEnd = 0; ///< Of all bytes to the worker: up to here it must have read before it may answer.
    std::optional<Instant> firstByte{};
    std::vector<Access> accesses{};
};

/// The calls that one worker has under way, by serial, and those that were given up though the worker goes on: what it
/// still says of them is no news. Engine thread.
class RunningCalls
{
public:
    /// Serials only grow. The reference holds until the next call of any member.
    RunningCall &begin(std::uint64_t serial, std::function<void(CallEnding)> answered);
    [[nodiscard]] RunningCall *find(std::uint64_t serial); ///< Null when it does not run.
    [[nodiscard]] RunningCall take(const RunningCall &call);
    [[nodiscard]] std::vector<RunningCall> takeAll();

    void giveUp(std::uint64_t serial) { m_givenUp.push_back(serial); }
    [[nodiscard]] bool wasGivenUp(std::uint64_t serial) const;
    void forget(std::uint64_t serial); ///< One that was given up: it has answered.

    [[nodiscard]] bool empty() const { return m_calls.empty(); }
    [[nodiscard]] std::size_t size() const { return m_calls.size(); }
    [[nodiscard]] auto begin() { return m_calls.begin(); }
    [[nodiscard]] auto end() { return m_calls.end(); }

private:
    std::vector<RunningCall> m_calls; ///< In the order in which they began, and so by serial.
    std::vector<std::uint64_t> m_givenUp;
};

} // namespace kiln
