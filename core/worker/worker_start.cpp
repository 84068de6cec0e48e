// SPDX-License-Identifier: GPL-3.0-or-later
// How a worker comes to be ready: out of a parked process, out of a zygote, or by executing its program.
#include "core/worker/worker.h"

#include <algorithm>
#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// Writing the limit takes as long as a short handler: the first event has gone ahead by then.
constexpr auto boostAfterReady = 1ms;

} // namespace

void Worker::connect(WorkerDescriptors descriptors)
{
    m_readable.reset();
    m_writable.reset();
    m_out.clear(); // What an earlier process of this start has not read.
    m_outSent = 0;
    m_channel = std::move(descriptors.channel);
    const FunctionSettings &settings = m_plan.revision->settings;
    m_output = std::make_unique<OutputCapture>(m_loop, std::move(descriptors.output), settings.runtime.language,
                                               settings.limits.log);
}

void Worker::listen()
{
    m_readable = m_loop.watch(m_channel.get(), Loop::Readiness::Readable, [this] { onChannelReadable(); });
}

void Worker::tellInit()
{
    if (m_plan.code && !m_cameLoaded)
        appendFrame(m_out, FrameType::Code, 0, *m_plan.code);
    appendFrame(m_out, FrameType::Init, 0, m_plan.init());
    sendOut(); // the socket holds it until the bootstrap reads
}

Launcher::Events Worker::sandboxEvents()
{
    return {.executed = [this](Result<int> pid) { onExecuted(std::move(pid)); },
            .ended = [this](const SandboxExit &exit) { onEnded(exit); },
            .doors =
                [this](std::vector<UniqueFd> sockets) {
                    if (m_plan.doors)
                        m_plan.doors->open(std::move(sockets));
                }};
}

void Worker::start()
{
    m_timer = m_loop.timers().after(m_plan.revision->settings.limits.initTimeout, [this] { onInitTimeout(); });
    if (m_plan.parked && m_plan.parked->loaded)
        takeLoaded(std::move(*std::exchange(m_plan.parked, std::nullopt)));
    else if (m_plan.parked)
        leaseParked(std::move(*std::exchange(m_plan.parked, std::nullopt)));
    else if (m_plan.birth)
        launchBare(*std::exchange(m_plan.birth, std::nullopt));
    else
        launchFrom(std::exchange(m_plan.zygote, 0));
}

void Worker::launch() { launchFrom(0); }

/// nullopt when there are none; it is told by then.
std::optional<Launcher::WorkerEnds> Worker::open()
{
    Launcher::WorkerEnds ends;
    Result<WorkerDescriptors> opened = WorkerDescriptors::open(ends);
    if (opened) {
        connect(std::move(*opened));
        m_handOff.starting();
        return ends;
    }
    // Told later, so that a caller never sees its worker end within start().
    m_loop.timers().cancel(m_timer);
    m_timer = m_loop.timers().after(0ns, [this, error = opened.error()] {
        m_timer = 0;
        onExecuted(tl::make_unexpected(error));
    });
    return std::nullopt;
}

void Worker::launchFrom(Launcher::SandboxId zygote)
{
    m_startKind = zygote != 0 ? Start::Zygote : Start::Cold;
    m_cameLoaded = zygote != 0;
    m_bare = false;
    std::optional<Launcher::WorkerEnds> ends = open();
    if (!ends)
        return;
    m_sandbox = zygote != 0
                    ? m_launcher.bear(zygote, Launcher::Code::There, m_plan.policy, std::move(*ends), sandboxEvents())
                    : m_launcher.launch(m_plan.policy, std::move(*ends), sandboxEvents());
    listen();
    tellInit();
}

void Worker::launchBare(const ParkedProcess::Birth &birth)
{
    m_startKind = Start::Zygote;
    m_bare = true;
    std::optional<Launcher::WorkerEnds> ends = open();
    if (!ends)
        return;
    Launcher::Events events = sandboxEvents();
    events.executed = [this](Result<int> pid) {
        if (!pid || m_state != WorkerState::Starting) {
            onExecuted(std::move(pid));
            return;
        }
        m_pid = *pid;
        lease();
    };
    m_sandbox =
        m_launcher.bear(birth.zygote, Launcher::Code::ComesNow, birth.policy, std::move(*ends), std::move(events));
    tellInit();
}

void Worker::leaseParked(ParkedProcess::Parts parts)
{
    m_startKind = Start::Parked;
    m_bare = true;
    m_sandbox = parts.sandbox;
    m_pid = parts.pid;
    connect({std::move(parts.channel), std::move(parts.output)});
    m_handOff.startsNear(parts.pid, parts.main);
    lease();
    tellInit(); // It reads that while its code is attached.
}

void Worker::takeLoaded(ParkedProcess::Parts parts)
{
    if (!m_launcher.handOver(parts.sandbox, sandboxEvents())) {
        launch();
        return;
    }
    m_startKind = Start::Zygote;
    m_cameLoaded = true;
    m_sandbox = parts.sandbox;
    m_pid = parts.pid;
    connect({std::move(parts.channel), std::move(parts.output)});
    m_handOff.startsNear(parts.pid, parts.main);
    m_times.executed = m_times.hello = m_loop.clock().now(); // long since
    listen();
    tellInit();
}

void Worker::lease()
{
    std::vector<SandboxPolicy::Bind> binds = m_plan.policy.binds;
    std::erase_if(binds, [this](const SandboxPolicy::Bind &bind) {
        return std::any_of(m_plan.parkable->binds.begin(), m_plan.parkable->binds.end(),
                           [&](const SandboxPolicy::Bind &there) { return there.target == bind.target; });
    });
    m_launcher.lease(m_sandbox, std::move(binds), sandboxEvents(),
                     [this](const Result<> &leased) { onLeased(leased); });
}

void Worker::onLeased(const Result<> &leased)
{
    if (m_state != WorkerState::Starting)
        return;
    if (!leased) {
        // It takes no function any more; what it says or how it ends is no news.
        m_launcher.abandon(m_sandbox);
        m_pid = 0;
        launch();
        return;
    }
    m_bare = false;
    m_handOff.executed(m_pid);
    m_times.executed = m_loop.clock().now();
    if (m_startKind == Start::Parked)
        m_times.hello = m_times.executed; // long since
    listen();
    appendFrame(m_out, FrameType::Begin, 0, {});
    sendOut();
}

void Worker::onExecuted(Result<int> pid)
{
    if (!pid && m_startKind == Start::Zygote && m_state == WorkerState::Starting) {
        launch(); // It came out of nothing; the long way round there is always.
        return;
    }
    if (!pid) {
        m_ended = true; // no `ended` follows a failure
        if (m_state == WorkerState::Starting) {
            failToStart({Outcome::Blocked, {"Sandbox.Failed", pid.error().text(), {}}});
        } else {
            end();
        }
        return;
    }
    m_pid = *pid;
    m_handOff.executed(m_pid);
    m_times.executed = m_loop.clock().now();
}

void Worker::onStartFrame(const FrameReader::Frame &frame)
{
    const FrameType type = frame.header.type;
    if (type == FrameType::Hello && !m_times.hello)
        m_times.hello = m_loop.clock().now();
    else if (type == FrameType::Ready && m_times.hello)
        becomeReady();
    else if (type == FrameType::Notes && m_times.hello)
        onNotes(frame.body, m_accesses);
    else if (type == FrameType::InitError && m_times.hello)
        failToStart({Outcome::InitError, toldError(frame.body)});
    else
        protocolBroken("it sent a frame out of turn while starting");
}

void Worker::becomeReady()
{
    if (m_ended)
        return; // it has gone since: its exit tells how
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    m_times.ready = m_loop.clock().now();
    m_handOff.ready();
    m_state = WorkerState::Idle;
    rest();
    // First: an event may be waiting for it. It is not gone before this returns, whatever comes of it.
    m_events.ready();
    m_boost = m_loop.timers().after(boostAfterReady, [this] {
        m_boost = 0;
        m_launcher.endInitBoost(m_sandbox);
    });
    if (m_events.loaded)
        m_events.loaded(*this, *m_times.ready - *m_times.hello);
}

void Worker::onInitTimeout()
{
    m_timer = 0;
    failToStart(initTimedOut(m_plan.revision->settings.limits.initTimeout));
}

void Worker::failToStart(EndedAs how)
{
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    Ending ending = endingOf({}, std::move(how), payload({}));
    end();
    m_events.failedToStart(std::move(ending)); // last: the owner may act on it from within
}

} // namespace kiln
