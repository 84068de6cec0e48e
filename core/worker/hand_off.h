// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"

#include <optional>
#include <sched.h>

namespace kiln {

/// Keeps the engine thread and a worker whose calls are short and come one at a time on one processor.
///
/// Why: a call wakes the worker, and its answer wakes the engine. The kernel puts such a pair on two idle processors,
/// since it cannot know that the one has nothing to do while the other runs, and waking an idle processor costs more
/// than a short handler (round trip in a virtual machine with two: 70 µs apart, 26 µs together).
///
/// A worker that takes longer than a moment, or is called beside another, may run anywhere again, with every thread and
/// process that it made meanwhile; the engine thread too, and also when no such call has come for a while. While it is
/// bound a handler sees one processor in its affinity mask.
///
/// One per engine; engine thread only; outlives its parties. Not for machines with one processor, where it does
/// nothing.
class HandOff
{
public:
    explicit HandOff(Loop &loop);
    ~HandOff();
    HandOff(const HandOff &) = delete;
    HandOff &operator=(const HandOff &) = delete;

    /// Lets the engine thread run anywhere. Before it asks for a process, which might come from a launcher that it has
    /// to start, and that would inherit its place.
    void release();

    /// The main thread of the worker in a sandbox, by the sandbox's pid 1. Reads a few files of /proc.
    [[nodiscard]] static pid_t mainOf(int pid);

    /// The part of one worker.
    class Party
    {
    public:
        explicit Party(HandOff &shared);
        ~Party();
        Party(const Party &) = delete;
        Party &operator=(const Party &) = delete;

        /// Before its sandbox is asked for.
        void starting();
        /// A process that waited for its function starts now, which takes less than a moment: near the engine thread,
        /// which has nothing else to do. `main` is as mainOf tells.
        void startsNear(int pid, pid_t main);
        /// The sandbox's pid 1, once there is one.
        void executed(int pid) { m_pid = pid; }
        /// Its module is loaded.
        void ready();
        /// Before the call's bytes are sent. Several calls at once in a worker are none that come one at a time.
        void calling();
        /// After the call's end, whatever it was.
        void answered();

    private:
        void bind();
        void letGo();
        void letGoIfLate();

        HandOff &m_shared;
        int m_pid = 0;
        pid_t m_main = 0;               ///< The worker's main thread; 0 until it was asked for.
        std::optional<int> m_processor; ///< Bound to.
        Instant m_began{};              ///< Of the call that began last.
        int m_running = 0;              ///< Calls.
        TimerId m_patience = 0;
        int m_quick = 0;        ///< Short calls in a row, each alone.
        bool m_refused = false; ///< The kernel does not let this engine bind it.
    };

private:
    [[nodiscard]] std::optional<int> settle();
    void releaseWhenUnused();

    Loop &m_loop;
    cpu_set_t m_allowed{};     ///< Where this engine may run, and so its workers.
    std::optional<int> m_home; ///< Where the engine thread is bound.
    TimerId m_unused = 0;
    int m_calls = 0;     ///< Under way.
    bool m_used = false; ///< Since the timer was set.
};

} // namespace kiln
