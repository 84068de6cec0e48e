// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/base/payload.h"
#include "core/model/access.h"
#include "core/model/invocation.h"
#include "core/model/worker_view.h"
#include "core/runtime/frames.h"
#include "core/runtime/mask.h"
#include "core/sandbox/launcher.h"
#include "core/worker/doors.h"
#include "core/worker/ended_as.h"
#include "core/worker/hand_off.h"
#include "core/worker/kept_question.h"
#include "core/worker/output_capture.h"
#include "core/worker/parked_process.h"
#include "core/worker/running_calls.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

using WorkerId = std::uint64_t;

/// One sandboxed process of one revision: its channel, its output, its state.
///
///     Starting ──ready──► Idle ◄──last answered── Busy ◄─┐ invoke, answered
///        │                  │  ────invoke────►     │ └───┘
///        └──failed──┐       └─stop─┐   ┌─died, timed out, broke the protocol
///                   ▼              ▼   ▼
///                        Stopping ──► gone (Events::gone, after which it may be destroyed)
///
/// It has as many calls at once as its owner makes, each with its own time limit. One that times out beside others is
/// answered at once; the others may finish, no new one is taken, and the process ends with the last of them. What ends
/// the process in another way ends all calls.
///
/// Engine thread only. What comes from the process is never trusted: frames are bounded, and a wrong one ends this
/// worker with the invocations it was serving, nothing else.
class Worker
{
public:
    /// All that is needed to make a worker of a revision.
    struct Plan
    {
        RevisionPtr revision;
        SandboxPolicy policy;
        std::function<std::string()> init; ///< Makes the body of the Init frame, when the start is under way.
        /// Of the Code frame, for a process that has not loaded the function's module; null: it compiles for itself.
        std::shared_ptr<const std::string> code{};
        /// What the process may be before its function is known; null when it has to be made for it.
        std::shared_ptr<const SandboxPolicy> parkable{};
        std::optional<ParkedProcess::Parts> parked{}; ///< One that waited, for any function or for this one.
        std::optional<ParkedProcess::Birth> birth{};  ///< Else one that comes now as those did.
        Launcher::SandboxId zygote = 0;               ///< One that has loaded the function's module; 0 for none.
        std::unique_ptr<Doors> doors{};               ///< Where the policy has some.
        MaskPtr mask{};                               ///< Hides its secrets in what it prints; null when it has none.
    };

    /// When each step of the start was reached; unset ones were not.
    struct StartTimes
    {
        Instant asked;
        std::optional<Instant> executed;
        std::optional<Instant> hello;
        std::optional<Instant> ready;
    };

    using Ending = CallEnding;

    struct Events
    {
        std::function<void()> ready;               ///< The user's module is loaded; Idle.
        std::function<void(Ending)> failedToStart; ///< Instead of ready.
        std::function<void()> lost;                ///< It was idle and ended by itself: not to be lent any more.
        std::function<void()> gone;                ///< The last; nothing of it is left.
        /// Beside ready, after it: how long the user's module took.
        std::function<void(const Worker &, std::chrono::nanoseconds)> loaded{};
    };

    struct Call
    {
        Uuid id;
        Payload event;
        WallTime deadline;
        std::string context; ///< JSON for the handler's context, empty for none.
    };

    Worker(Loop &loop, Launcher &launcher, HandOff &handOff, WorkerId id, Plan plan, Events events);
    ~Worker();
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    /// With the process that waited, or out of the zygote, if the plan has one; if that fails, with a new one.
    void start();

    /// Before it is called: a worker that was stopped while it was idle goes on.
    void wake();
    /// Whether it may be given a call: it is ready, and has not begun to end.
    [[nodiscard]] bool takesCalls() const
    {
        return (m_state == WorkerState::Idle || m_state == WorkerState::Busy) && !m_leaving && !m_ended;
    }
    /// Only while it takes calls, awake. `answered` comes once, later.
    void invoke(Call call, std::function<void(Ending)> answered);

    /// What its modules keep in their variables, with the values of secrets hidden; an Error where it cannot be told
    /// now or never. Asks the process, which may be hostile: bounded in time and size.
    void askKept(KeptQuestion::Done done);

    /// Ends it. Calls under way, or a start, end as Cancelled.
    void stop();

    [[nodiscard]] WorkerId id() const { return m_id; }
    [[nodiscard]] WorkerState state() const { return m_state; }
    [[nodiscard]] const StartTimes &startTimes() const { return m_times; }
    [[nodiscard]] Start startKind() const { return m_startKind; } ///< Cold, parked or zygote.
    /// Whether it came out of a process that had loaded its function's module.
    [[nodiscard]] bool cameLoaded() const { return m_cameLoaded; }
    [[nodiscard]] std::uint64_t served() const { return m_served; }
    [[nodiscard]] const RevisionPtr &revision() const { return m_plan.revision; }
    [[nodiscard]] const MaskPtr &mask() const { return m_plan.mask; }

    /// As shown; `refresh` reads its memory anew (a few small files).
    enum class Memory { AsKnown, Refresh };
    [[nodiscard]] WorkerView view(Memory memory);

private:
    enum class Ends { Process, Nothing };

    void connect(WorkerDescriptors descriptors);
    void launch();
    void launchFrom(Launcher::SandboxId zygote);
    void launchBare(const ParkedProcess::Birth &birth);
    [[nodiscard]] std::optional<Launcher::WorkerEnds> open();
    void listen();
    void tellInit();
    void leaseParked(ParkedProcess::Parts parts);
    void takeLoaded(ParkedProcess::Parts parts);
    void lease();
    void onLeased(const Result<> &leased);
    [[nodiscard]] Launcher::Events sandboxEvents();
    void onExecuted(Result<int> pid);
    void onChannelReadable();
    void takeFrames();
    void onFrame(FrameReader::Frame frame);
    void onStartFrame(const FrameReader::Frame &frame);
    void onAnswerFrame(FrameReader::Frame frame);
    void onLateFrame(const FrameHeader &header);
    void onNoFrame(const Error &error);
    void onNotes(std::string_view body, std::vector<Access> &accesses);
    void onEnded(const SandboxExit &exit);
    void onTimeout(std::uint64_t serial);
    void cancelTimeouts();
    void onInitTimeout();
    void sendOut();
    void becomeReady();
    void rest();
    void freezeWhenRested();
    void protocolBroken(const std::string &what);
    void hideSecrets(Ending &ending) const;
    [[nodiscard]] Ending endingOf(RunningCall call, EndedAs how, Payload response);
    void failToStart(EndedAs how);
    void answer(const RunningCall &which, EndedAs how, Payload response, Ends ends);
    void answerAll(const EndedAs &how);
    void endAll(const EndedAs &how);
    void end();
    [[nodiscard]] Usage usage();
    void takeCpuShare();
    [[nodiscard]] EndedAs endedAs(const SandboxExit &exit) const;

    Loop &m_loop;
    Launcher &m_launcher;
    HandOff::Party m_handOff;
    const WorkerId m_id;
    Plan m_plan;
    const Events m_events;

    WorkerState m_state = WorkerState::Starting;
    StartTimes m_times;
    Start m_startKind = Start::Cold;
    WallTime m_started;
    Launcher::SandboxId m_sandbox = 0;
    bool m_cameLoaded = false;
    bool m_bare = false; ///< Nothing of its function's is in it yet: it may still be made otherwise.
    int m_pid = 0;

    UniqueFd m_channel;
    FrameReader m_reader;
    std::string m_out; ///< Bytes not yet taken by the socket.
    std::size_t m_outSent = 0;
    std::uint64_t m_sentInAll = 0; ///< Bytes that the socket has taken.
    std::unique_ptr<Loop::Watch> m_readable;
    std::unique_ptr<Loop::Watch> m_writable;
    std::unique_ptr<OutputCapture> m_output;

    TimerId m_timer = 0;    ///< Of the start or of the end.
    TimerId m_boost = 0;    ///< Until the start's whole CPU ends.
    TimerId m_freezing = 0; ///< Set once in a while, not for each call.
    Instant m_idleSince{};
    bool m_frozen = false;
    std::uint64_t m_serial = 0;
    std::uint64_t m_served = 0;
    RunningCalls m_calls;
    std::optional<Instant> m_frameBegan; ///< When the first byte came that is not taken yet.
    std::vector<Access> m_accesses;      ///< Of the start; told with the first call.
    KeptQuestion m_kept;
    ResourceUse m_use;                     ///< As last read.
    Instant m_useRead{};                   ///< When.
    std::chrono::nanoseconds m_cpuShown{}; ///< When the share below was taken …
    Instant m_cpuTaken{};
    double m_cpuShare = 0;  ///< … of one CPU, since the time before.
    bool m_leaving = false; ///< It takes no more calls, and ends with the last that it has.
    bool m_ended = false;   ///< The sandbox reported its end.
};

} // namespace kiln
