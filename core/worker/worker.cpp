// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/worker.h"

#include "core/runtime/access_notes.h"
#include "core/runtime/function_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// A worker's peak memory only grows, so a reading serves for the invocations of the next moment too: reading it anew
/// for each would cost as much as a short invocation.
constexpr auto useFreshness = 200ms;
/// Writing the limit takes as long as a short handler: the first event has gone ahead by then.
constexpr auto boostAfterReady = 1ms;
/// For the exit of a process that has closed its channel.
constexpr auto exitPatience = 250ms;
/// Room for the JSON of an error beside the largest result.
constexpr std::size_t frameSlack = 64 * 1024;

bool tellsWhatItKeeps(Language language)
{
    return language == Language::Python || language == Language::Node || language == Language::Typescript ||
           language == Language::Ruby;
}

/// What a worker tells of an error; an unreadable telling is itself what the user needs to see.
FunctionError toldError(std::string_view body)
{
    Result<FunctionError> error = readFunctionError(body);
    return error ? std::move(*error) : FunctionError{"Runtime.UnknownError", error.error().text(), {}};
}

/// "killed", "segmentation fault", as Lambda's logs word them.
std::string signalName(int signal)
{
    const char *name = ::sigdescr_np(signal);
    std::string text = name ? name : "signal " + std::to_string(signal);
    if (text.front() >= 'A' && text.front() <= 'Z')
        text.front() = char(text.front() - 'A' + 'a');
    return text;
}

} // namespace

Worker::Worker(Loop &loop, Launcher &launcher, HandOff &handOff, WorkerId id, Plan plan, Events events)
    : m_loop(loop)
    , m_launcher(launcher)
    , m_handOff(handOff)
    , m_id(id)
    , m_plan(std::move(plan))
    , m_events(std::move(events))
    , m_started(loop.clock().wall())
    , m_reader(std::size_t(m_plan.revision->settings.limits.result.count) + frameSlack)
    , m_kept(loop)
{
    m_times.asked = loop.clock().now();
}

Worker::~Worker()
{
    m_loop.timers().cancel(m_timer);
    m_loop.timers().cancel(m_boost);
    m_loop.timers().cancel(m_freezing);
    if (!m_ended && m_sandbox != 0)
        m_launcher.abandon(m_sandbox);
}

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
            finish(Outcome::Blocked, {"Sandbox.Failed", pid.error().text(), {}}, payload({}), Ends::Process);
        } else {
            end();
        }
        return;
    }
    m_pid = *pid;
    m_handOff.executed(m_pid);
    m_times.executed = m_loop.clock().now();
}

void Worker::wake()
{
    if (std::exchange(m_frozen, false))
        m_launcher.thaw(m_sandbox);
}

/// From now on it is idle. One timer runs on through many short calls, and looks when it is due.
void Worker::rest()
{
    m_idleSince = m_loop.clock().now();
    const auto &after = m_plan.revision->settings.freezeAfter;
    if (after && m_freezing == 0)
        m_freezing = m_loop.timers().at(m_idleSince + *after, [this] { freezeWhenRested(); });
}

void Worker::freezeWhenRested()
{
    m_freezing = 0;
    if (m_state != WorkerState::Idle || m_frozen || m_kept.isOpen())
        return; // Busy: it rests again when it has answered.
    const Instant due = m_idleSince + *m_plan.revision->settings.freezeAfter;
    if (due > m_loop.clock().now()) {
        m_freezing = m_loop.timers().at(due, [this] { freezeWhenRested(); });
        return;
    }
    m_frozen = true;
    m_launcher.freeze(m_sandbox);
}

void Worker::invoke(Call call, std::function<void(Ending)> answered)
{
    m_state = WorkerState::Busy;
    m_answered = std::move(answered);
    m_firstByte.reset();
    ++m_serial;
    const std::string id = call.id.text();
    const auto deadlineMs = std::chrono::floor<std::chrono::milliseconds>(call.deadline).time_since_epoch().count();
    appendInvoke(m_out, m_serial, {std::uint64_t(deadlineMs), id, call.context}, *call.event);
    m_timer = m_loop.timers().after(m_plan.revision->settings.limits.timeout, [this] { onTimeout(); });
    m_handOff.calling();
    sendOut();
}

void Worker::askKept(KeptQuestion::Done done)
{
    if (!tellsWhatItKeeps(m_plan.revision->settings.runtime.language)) {
        done(fail(Error::Code::InvalidArgument, "this language cannot tell which variables its modules keep"));
        return;
    }
    if (m_state != WorkerState::Idle) {
        done(fail(Error::Code::Busy, "the worker is not idle"));
        return;
    }
    const auto answered = [this, mask = m_plan.mask, done = std::move(done)](Result<KeptVariables> kept) {
        for (std::size_t i = 0; mask && kept && i < kept->variables.size(); ++i)
            kept->variables[i].value = mask->applied(std::move(kept->variables[i].value));
        if (m_state == WorkerState::Idle)
            rest();
        done(std::move(kept));
    };
    if (!m_kept.ask(answered))
        return;
    wake();
    appendFrame(m_out, FrameType::AskKept, 0, {});
    sendOut();
}

void Worker::sendOut()
{
    while (m_outSent < m_out.size()) {
        const ssize_t count =
            ::send(m_channel.get(), m_out.data() + m_outSent, m_out.size() - m_outSent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) {
            m_outSent += std::size_t(count);
        } else if (count < 0 && errno == EINTR) {
            continue;
        } else if (count < 0 && errno == EAGAIN) {
            if (!m_writable)
                m_writable = m_loop.watch(m_channel.get(), Loop::Readiness::Writable, [this] { sendOut(); });
            return;
        } else {
            break; // The other end is closed: its exit is on the way and says why.
        }
    }
    m_out.clear();
    m_outSent = 0;
    m_writable.reset();
}

void Worker::onChannelReadable()
{
    constexpr std::size_t room = 64 * 1024;
    const ssize_t count = ::recv(m_channel.get(), m_reader.prepare(room), room, MSG_DONTWAIT);
    // Reset: it went without having read all that was sent to it.
    const bool closed = count == 0 || (count < 0 && errno == ECONNRESET);
    if (count > 0) {
        m_reader.filled(std::size_t(count));
        takeFrames();
    } else if (closed && m_state == WorkerState::Idle) {
        end();
    } else if (closed) {
        // Closed, most often by exiting: how it exits tells the outcome, if it is not killed meanwhile. It may also
        // live on without its channel, so it is ended then.
        m_readable.reset();
        m_loop.timers().cancel(m_timer);
        m_timer = m_loop.timers().after(exitPatience, [this] {
            m_timer = 0;
            m_launcher.kill(m_sandbox);
        });
    } else if (errno != EAGAIN && errno != EINTR) {
        protocolBroken("its channel failed");
    }
}

void Worker::takeFrames()
{
    if (m_state == WorkerState::Busy && !m_firstByte)
        m_firstByte = m_loop.clock().now();

    while (m_readable) {
        Result<std::optional<FrameReader::Frame>> next = m_reader.next();
        if (!next) {
            if (next.error().code == Error::Code::LimitExceeded && m_state == WorkerState::Busy) {
                finish(Outcome::Blocked,
                       {"Function.ResponseSizeTooLarge",
                        fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes)",
                                    m_plan.revision->settings.limits.result.count),
                        {}},
                       payload({}), Ends::Process);
            } else {
                protocolBroken(next.error().message);
            }
            return;
        }
        if (!*next)
            return;
        onFrame(std::move(**next));
    }
}

void Worker::onFrame(FrameReader::Frame frame)
{
    if (frame.header.type == FrameType::Kept && m_kept.awaitsFrame())
        m_kept.answer(frame.body);
    else if (m_state == WorkerState::Starting)
        onStartFrame(frame);
    else if (m_state == WorkerState::Busy)
        onAnswerFrame(std::move(frame));
    else
        protocolBroken("it spoke without being asked");
}

void Worker::onStartFrame(const FrameReader::Frame &frame)
{
    const FrameType type = frame.header.type;
    if (type == FrameType::Hello && !m_times.hello)
        m_times.hello = m_loop.clock().now();
    else if (type == FrameType::Ready && m_times.hello)
        becomeReady();
    else if (type == FrameType::Notes && m_times.hello)
        onNotes(frame);
    else if (type == FrameType::InitError && m_times.hello)
        finish(Outcome::InitError, toldError(frame.body), payload({}), Ends::Process);
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

void Worker::onAnswerFrame(FrameReader::Frame frame)
{
    if (frame.header.serial != m_serial) {
        protocolBroken("it answered another invocation");
        return;
    }
    if (!m_out.empty()) {
        protocolBroken("it answered before it had read the event"); // or events would pile up here
        return;
    }
    if (frame.header.type == FrameType::Result) {
        const auto limit = m_plan.revision->settings.limits.result.count;
        if (frame.header.tooLarge() || frame.body.size() > std::size_t(limit)) {
            const std::string size = frame.header.tooLarge() ? "" : fmt::format("({} bytes) ", frame.body.size());
            finish(
                Outcome::Blocked,
                {"Function.ResponseSizeTooLarge",
                 fmt::format("Response payload size {}exceeded maximum allowed payload size ({} bytes)", size, limit),
                 {}},
                payload({}), Ends::Nothing);
            return;
        }
        finish(Outcome::Ok, {}, payload(std::move(frame.body)), Ends::Nothing);
    } else if (frame.header.type == FrameType::Failure) {
        // The last one: the process ends after it, and its exit says nothing new.
        finish(Outcome::HandlerError, toldError(frame.body), payload({}),
               frame.header.last() ? Ends::Process : Ends::Nothing);
    } else if (frame.header.type == FrameType::Notes) {
        onNotes(frame);
    } else {
        protocolBroken("it sent a frame out of turn");
    }
}

void Worker::onNotes(const FrameReader::Frame &frame)
{
    if (m_accesses.size() >= maxAccessNotes)
        return; // a flood: what there is says enough
    auto notes = readAccessNotes(frame.body);
    if (!notes)
        protocolBroken("it sent notes that cannot be read");
    else
        std::move(notes->begin(), notes->end(), std::back_inserter(m_accesses));
}

void Worker::protocolBroken(const std::string &what)
{
    if (m_state == WorkerState::Starting || m_state == WorkerState::Busy)
        finish(Outcome::Crashed, {"Runtime.ProtocolError", "The worker broke the protocol: " + what, {}}, payload({}),
               Ends::Process);
    else
        end();
}

void Worker::onTimeout()
{
    m_timer = 0;
    const auto timeout = m_plan.revision->settings.limits.timeout;
    finish(Outcome::TimedOut,
           {"Sandbox.Timedout",
            fmt::format("Task timed out after {:.2f} seconds", std::chrono::duration<double>(timeout).count()),
            {}},
           payload({}), Ends::Process);
}

void Worker::onInitTimeout()
{
    m_timer = 0;
    const auto timeout = m_plan.revision->settings.limits.initTimeout;
    finish(Outcome::InitError,
           {"Sandbox.InitTimedout",
            fmt::format("Init timed out after {:.2f} seconds", std::chrono::duration<double>(timeout).count()),
            {}},
           payload({}), Ends::Process);
}

void Worker::stop()
{
    if (m_state == WorkerState::Starting || m_state == WorkerState::Busy)
        finish(Outcome::Cancelled, {"Kiln.Cancelled", "The worker was stopped", {}}, payload({}), Ends::Process);
    else
        end();
}

void Worker::onEnded(const SandboxExit &exit)
{
    if (m_state == WorkerState::Starting && m_bare) {
        onLeased(fail(Error::Code::Sandbox, "the process ended before its code was attached"));
        return;
    }
    m_ended = true;
    m_use = exit.use;
    m_useRead = m_loop.clock().now();
    // An answer that was sent just before the exit still counts; the socket holds a bounded amount.
    for (int reads = 0; reads < 64 && m_readable && (m_state == WorkerState::Starting || m_state == WorkerState::Busy);
         ++reads)
        onChannelReadable();
    if (m_state == WorkerState::Starting || m_state == WorkerState::Busy) {
        if (m_output)
            m_output->readAvailable(); // last words
        Ending ending = endingOf(exit);
        finish(ending.outcome, std::move(ending.error), payload({}), Ends::Process);
        return;
    }
    end();
}

Worker::Ending Worker::endingOf(const SandboxExit &exit) const
{
    Ending ending;
    // V8 gives up, and aborts, a little before the memory limit would have ended it.
    const bool heapExhausted = exit.signal == SIGABRT && m_output && m_output->sawHeapExhausted();
    if (exit.outOfMemory || heapExhausted) {
        ending.outcome = Outcome::OutOfMemory;
        ending.error = {"Runtime.OutOfMemory",
                        fmt::format("The function used more than its {} of memory",
                                    toText(m_plan.revision->settings.limits.memory)),
                        {}};
        return ending;
    }
    ending.outcome = m_state == WorkerState::Starting ? Outcome::InitError : Outcome::Crashed;
    ending.error.type = "Runtime.ExitError";
    ending.error.message = exit.signal != 0
                               ? fmt::format("Runtime exited with error: signal: {}", signalName(exit.signal))
                               : fmt::format("Runtime exited with error: exit status {}", exit.code);
    return ending;
}

Usage Worker::usage()
{
    const Instant now = m_loop.clock().now();
    if (!m_ended && (m_useRead == Instant{} || now - m_useRead >= useFreshness)) {
        if (const std::optional<ResourceUse> use = m_launcher.use(m_sandbox)) {
            m_use = *use;
            m_useRead = now;
        }
    }
    return {.maxMemory = m_use.peakMemory, .cpu = m_use.cpu, .log = {}};
}

/// In all that is kept; the answer itself belongs to the caller, and is hidden where it is recorded.
void Worker::hideSecrets(Ending &ending) const
{
    if (!m_plan.mask)
        return;
    const auto hide = [this](std::string &text) {
        if (m_plan.mask->finds(text))
            text = m_plan.mask->applied(std::move(text));
    };
    for (LogLine &line : ending.output.lines)
        hide(line.text);
    hide(ending.error.message);
    for (std::string &frame : ending.error.stack)
        hide(frame);
}

void Worker::finish(Outcome outcome, FunctionError error, Payload response, Ends ends)
{
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    m_handOff.answered();
    const bool starting = m_state == WorkerState::Starting;
    const auto answered = std::exchange(m_answered, nullptr);

    Ending ending{.outcome = outcome, .error = std::move(error), .response = std::move(response)};
    if (m_output)
        ending.output = m_output->take();
    hideSecrets(ending);
    ending.usage = usage();
    ending.usage.log = ending.output.written;
    ending.end = m_loop.clock().now();
    ending.firstByte = m_firstByte.value_or(ending.end);
    ending.accesses = std::exchange(m_accesses, {});
    if (m_plan.doors)
        for (Access &access : m_plan.doors->take())
            ending.accesses.push_back(std::move(access));
    if (!starting)
        ++m_served;

    if (ends == Ends::Process || m_ended) {
        end();
    } else {
        m_state = WorkerState::Idle;
        rest();
    }

    // Last: the owner may lend the worker again, or destroy it when it is gone, from within.
    if (starting)
        m_events.failedToStart(std::move(ending));
    else
        answered(std::move(ending));
}

void Worker::end()
{
    const bool wasIdle = std::exchange(m_state, WorkerState::Stopping) == WorkerState::Idle;
    m_readable.reset();
    m_writable.reset();
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    m_kept.giveUp("the worker ended");
    if (wasIdle)
        m_events.lost();
    if (!m_ended) {
        m_launcher.kill(m_sandbox);
        return;
    }
    // By a timer, so that neither finish() nor a frame's handler is on the stack when the owner lets go of it.
    m_timer = m_loop.timers().after(0ns, [this] {
        m_timer = 0;
        m_events.gone();
    });
}

void Worker::takeCpuShare()
{
    const Instant since = m_cpuTaken == Instant{} ? m_times.asked : m_cpuTaken;
    const std::chrono::duration<double> passed = m_useRead - since;
    const std::chrono::duration<double> used = m_use.cpu - m_cpuShown;
    m_cpuShare = passed.count() > 0 ? std::max(0.0, used / passed) : 0;
    m_cpuShown = m_use.cpu;
    m_cpuTaken = m_useRead;
}

WorkerView Worker::view(Memory memory)
{
    if (memory == Memory::Refresh && !m_ended && m_sandbox != 0) {
        if (const std::optional<ResourceUse> use = m_launcher.use(m_sandbox)) {
            m_use = *use;
            m_useRead = m_loop.clock().now();
            takeCpuShare();
        }
    }
    return {.id = m_id,
            .function = m_plan.revision->settings.name,
            .revision = m_plan.revision->hash,
            .pid = m_pid,
            .state = m_state,
            .frozen = m_frozen,
            .start = m_startKind,
            .tier = m_launcher.tier() ? m_launcher.tier()->tier : Tier::None,
            .started = m_started,
            .served = m_served,
            .memory = m_use.memory,
            .cpu = m_cpuShare,
            .why = {}};
}

} // namespace kiln
