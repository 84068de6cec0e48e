// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/runtime/frames.h"
#include "core/sandbox/launcher.h"
#include "core/worker/hand_off.h"
#include "core/worker/worker_descriptors.h"

#include <functional>
#include <memory>
#include <vector>

namespace kiln {

/// A sandboxed interpreter whose bootstrap runs, made before its function is known.
///
/// Engine thread only. Ends with this object, unless it was taken.
class ParkedProcess
{
public:
    struct Events
    {
        std::function<void()> ready; ///< It said hello: it can be taken.
        std::function<void()> gone;  ///< It ended, or could not be made; may destroy this object.
    };

    ParkedProcess(Loop &loop, Launcher &launcher, Events events);
    ~ParkedProcess();
    ParkedProcess(const ParkedProcess &) = delete;
    ParkedProcess &operator=(const ParkedProcess &) = delete;

    /// By executing its program, or out of a zygote that has executed it (0: of none). With its code there, it has
    /// loaded the function's module.
    [[nodiscard]] Result<> start(const SandboxPolicy &policy, Launcher::SandboxId zygote = 0,
                                 Launcher::Code code = Launcher::Code::ComesLater);
    [[nodiscard]] bool isReady() const { return m_pid != 0 && m_hello; }
    [[nodiscard]] ByteSize memory() const; ///< Now; reads a small file.

    /// Where one could come from at once, when none waits.
    struct Birth
    {
        Launcher::SandboxId zygote = 0; ///< Of the interpreter alone.
        SandboxPolicy policy;           ///< Of what comes out of it.
    };

    /// What a worker takes over; afterwards this object is of no use.
    struct Parts
    {
        Launcher::SandboxId sandbox = 0;
        int pid = 0;
        pid_t main = 0;      ///< See HandOff::mainOf.
        bool loaded = false; ///< Its function's module is: it is told whose worker it is, and no code.
        UniqueFd channel;
        UniqueFd output;
    };
    [[nodiscard]] Parts take();

private:
    void onExecuted(Result<int> pid);
    void onReadable();
    void tellReady();
    void fail();

    Loop &m_loop;
    Launcher &m_launcher;
    const Events m_events;
    Launcher::SandboxId m_sandbox = 0;
    int m_pid = 0;
    pid_t m_main = 0;
    bool m_loaded = false;
    WorkerDescriptors m_descriptors;
    FrameReader m_reader;
    std::unique_ptr<Loop::Watch> m_readable;
    bool m_hello = false;
    bool m_ended = false;
    TimerId m_timer = 0; ///< Of its start.
};

} // namespace kiln
