// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/runtime/frames.h"
#include "core/sandbox/launcher.h"
#include "core/worker/worker_descriptors.h"

#include <functional>
#include <memory>
#include <string>

namespace kiln {

/// A sandboxed process that others come out of, each in a sandbox of its own, with all that it has loaded: an
/// interpreter alone, or with one function's module.
///
/// Engine thread only. When this object goes the process bears no more; what came out of it lives on. What it says is
/// not trusted: at worst no worker comes out of it.
class Zygote
{
public:
    struct Events
    {
        std::function<void()> ready; ///< It can be asked.
        /// It cannot be used any more, or never could, for this reason ("loading it started 2 threads"). This object is
        /// not to be destroyed from within.
        std::function<void(const std::string &)> gone;
    };

    Zygote(Loop &loop, Launcher &launcher, Events events);
    ~Zygote();
    Zygote(const Zygote &) = delete;
    Zygote &operator=(const Zygote &) = delete;

    /// `initBody` of its function; empty for an interpreter alone.
    [[nodiscard]] Result<> start(const SandboxPolicy &policy, std::string initBody);

    [[nodiscard]] bool isReady() const { return m_state == State::Ready; }
    [[nodiscard]] Launcher::SandboxId sandbox() const { return m_sandbox; }
    [[nodiscard]] int left() const { return m_left; } ///< How many may still come out of it.
    void used() { --m_left; }                         ///< One was asked for.
    [[nodiscard]] ByteSize memory() const;            ///< Now; reads a small file.

private:
    enum class State { Starting, Loading, Ready, Gone };

    void onReadable();
    void onFrame(const FrameReader::Frame &frame);
    void becomeReady();
    void fail(const std::string &why);

    Loop &m_loop;
    Launcher &m_launcher;
    const Events m_events;
    State m_state = State::Starting;
    std::string m_initBody;
    Launcher::SandboxId m_sandbox = 0;
    WorkerDescriptors m_descriptors;
    FrameReader m_reader;
    std::unique_ptr<Loop::Watch> m_readable;
    std::unique_ptr<Loop::Watch> m_output; ///< Of what it prints, which nobody reads.
    int m_left = Launcher::mostBirths;
    bool m_ended = false;
    TimerId m_timer = 0;                                      ///< Of its start.
    std::shared_ptr<char> m_alive = std::make_shared<char>(); ///< A retired process is still told of when this is gone.
};

} // namespace kiln
