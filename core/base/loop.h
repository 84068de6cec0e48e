// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/timers.h"

#include <functional>
#include <memory>

namespace kiln {

/// The engine thread's event loop, seen narrowly: what sandbox, worker, dispatch and trigger need of it.
///
/// core/api implements it over one Asio io_context; keeping Asio behind this interface keeps those folders quick to
/// compile and lets a test drive them by hand. All but `post` and `offload` belong to the engine thread.
class Loop
{
public:
    enum class Readiness { Readable, Writable };

    /// Watches one descriptor until destroyed. The callback runs on the engine thread each time the descriptor is
    /// ready; it may destroy its own watch. The descriptor stays the caller's and must outlive the watch.
    class Watch
    {
    public:
        virtual ~Watch() = default;
    };

    virtual ~Loop() = default;

    [[nodiscard]] virtual const Clock &clock() const = 0;
    [[nodiscard]] virtual Timers &timers() = 0;
    [[nodiscard]] virtual std::unique_ptr<Watch> watch(int fd, Readiness readiness, std::function<void()> ready) = 0;

    /// Runs `action` on the engine thread, soon, in order of posting. Any thread.
    virtual void post(std::function<void()> action) = 0;

    /// Runs `work` off the engine thread (file hashing, interpreter discovery: whatever blocks), then `done` on it.
    /// Any thread. Works run one after the other, in order.
    virtual void offload(std::function<void()> work, std::function<void()> done) = 0;
};

} // namespace kiln
