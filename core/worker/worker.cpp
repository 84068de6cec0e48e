// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/worker.h"

#include "core/runtime/access_notes.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <sys/socket.h>
#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// A worker's peak memory only grows, so a reading serves for the invocations of the next moment too: reading it anew
/// for each would cost as much as a short invocation.
constexpr auto useFreshness = 200ms;
/// For the exit of a process that has closed its channel.
constexpr auto exitPatience = 250ms;
/// Room for the JSON of an error beside the largest result.
constexpr std::size_t frameSlack = 64 * 1024;
/// Fewer sent bytes before unsent ones are not worth moving those.
constexpr std::size_t sentKept = 256 * 1024;

bool tellsWhatItKeeps(Language language)
{
    return language == Language::Python || language == Language::Node || language == Language::Typescript ||
           language == Language::Ruby;
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
    cancelTimeouts();
    if (!m_ended && m_sandbox != 0)
        m_launcher.abandon(m_sandbox);
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
    RunningCall &running = m_calls.begin(++m_serial, std::move(answered));
    running.accesses = std::exchange(m_accesses, {}); // of the start: who waited for it is told
    std::string id = call.id.text();
    const auto deadlineMs = std::chrono::floor<std::chrono::milliseconds>(call.deadline).time_since_epoch().count();
    appendInvoke(m_out, m_serial, {std::uint64_t(deadlineMs), id, call.context}, *call.event);
    running.eventEnd = m_sentInAll + (m_out.size() - m_outSent);
    running.timer = m_loop.timers().after(m_plan.revision->settings.limits.timeout,
                                          [this, serial = m_serial] { onTimeout(serial); });
    m_output->begin(m_serial, std::move(id));
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
            m_sentInAll += std::size_t(count);
        } else if (count < 0 && errno == EINTR) {
            continue;
        } else if (count < 0 && errno == EAGAIN) {
            if (m_outSent > sentKept && m_outSent > m_out.size() / 2)
                m_out.erase(0, std::exchange(m_outSent, 0)); // with many calls there may never be nothing left to send
            if (!m_writable)
                m_writable = m_loop.watch(m_channel.get(), Loop::Readiness::Writable, [this] { sendOut(); });
            return;
        } else {
            break; // The other end is closed: its exit is on the way and says why.
        }
    }
    m_sentInAll += m_out.size() - m_outSent;
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
        m_leaving = true;
        cancelTimeouts();
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
    const Instant now = m_loop.clock().now();
    if (!m_frameBegan)
        m_frameBegan = now;
    while (m_readable) {
        Result<std::optional<FrameReader::Frame>> next = m_reader.next();
        if (!next) {
            onNoFrame(next.error());
            return;
        }
        if (!*next) {
            if (!m_reader.begun())
                m_frameBegan.reset();
            return;
        }
        onFrame(std::move(**next));
        m_frameBegan = now; // of what follows in the same bytes
    }
}

/// The stream is of no use after it. A body over all bounds can be nobody's but that of the only call.
void Worker::onNoFrame(const Error &error)
{
    if (error.code == Error::Code::LimitExceeded && m_calls.size() == 1)
        answer(*m_calls.begin(), responseTooLarge(std::nullopt, m_plan.revision->settings.limits.result), payload({}),
               Ends::Process);
    else
        protocolBroken(error.message);
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

void Worker::onAnswerFrame(FrameReader::Frame frame)
{
    RunningCall *call = m_calls.find(frame.header.serial);
    if (!call) {
        onLateFrame(frame.header);
        return;
    }
    if (call->eventEnd > m_sentInAll) {
        protocolBroken("it answered before it had read the event"); // or events would pile up here
        return;
    }
    if (!call->firstByte)
        call->firstByte = m_frameBegan;
    if (frame.header.type == FrameType::Result) {
        const ByteSize limit = m_plan.revision->settings.limits.result;
        if (frame.header.tooLarge())
            answer(*call, responseTooLarge(std::nullopt, limit), payload({}), Ends::Nothing);
        else if (frame.body.size() > std::size_t(limit.count))
            answer(*call, responseTooLarge(frame.body.size(), limit), payload({}), Ends::Nothing);
        else
            answer(*call, {Outcome::Ok, {}}, payload(std::move(frame.body)), Ends::Nothing);
    } else if (frame.header.type == FrameType::Failure) {
        // The last one: the process ends after it, and its exit says nothing new.
        answer(*call, {Outcome::HandlerError, toldError(frame.body)}, payload({}),
               frame.header.last() ? Ends::Process : Ends::Nothing);
    } else if (frame.header.type == FrameType::Notes) {
        onNotes(frame.body, call->accesses);
    } else {
        protocolBroken("it sent a frame out of turn");
    }
}

/// A call that timed out beside others may still be answered, once: the worker cannot know.
void Worker::onLateFrame(const FrameHeader &header)
{
    if (!m_calls.wasGivenUp(header.serial))
        protocolBroken("it answered another invocation");
    else if (header.type == FrameType::Result || header.type == FrameType::Failure)
        m_calls.forget(header.serial);
    else if (header.type != FrameType::Notes)
        protocolBroken("it sent a frame out of turn");
}

void Worker::onNotes(std::string_view body, std::vector<Access> &accesses)
{
    if (accesses.size() >= maxAccessNotes)
        return; // a flood: what there is says enough
    auto notes = readAccessNotes(body);
    if (!notes)
        protocolBroken("it sent notes that cannot be read");
    else
        std::move(notes->begin(), notes->end(), std::back_inserter(accesses));
}

void Worker::protocolBroken(const std::string &what) { endAll(protocolBreach(what)); }

/// Whatever it does now ends so, and its process with it.
void Worker::endAll(const EndedAs &how)
{
    if (m_state == WorkerState::Starting)
        failToStart(how);
    else if (m_state == WorkerState::Busy)
        answerAll(how);
    else if (m_state == WorkerState::Idle)
        end();
}

void Worker::onTimeout(std::uint64_t serial)
{
    RunningCall *call = m_calls.find(serial);
    call->timer = 0;
    if (m_calls.size() > 1)
        m_calls.giveUp(serial);
    answer(*call, timedOut(m_plan.revision->settings.limits.timeout), payload({}), Ends::Process);
}

void Worker::cancelTimeouts()
{
    for (RunningCall &call : m_calls)
        m_loop.timers().cancel(std::exchange(call.timer, 0));
}

void Worker::stop() { endAll(workerStopped()); }

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
        endAll(endedAs(exit));
        return;
    }
    end();
}

EndedAs Worker::endedAs(const SandboxExit &exit) const
{
    const ByteSize memory = m_plan.revision->settings.limits.memory;
    // V8 gives up, and aborts, a little before the memory limit would have ended it.
    if (exit.signal == SIGABRT && m_output && m_output->sawHeapExhausted())
        return outOfMemory(memory);
    return exited(exit, m_state == WorkerState::Starting ? Doing::Start : Doing::Call, memory);
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

/// What is told of a call, or, with none, of a start.
Worker::Ending Worker::endingOf(RunningCall call, EndedAs how, Payload response)
{
    m_loop.timers().cancel(call.timer);
    m_handOff.answered();
    Ending ending{.outcome = how.outcome, .error = std::move(how.error), .response = std::move(response)};
    if (m_output)
        ending.output = m_output->take(call.serial);
    hideSecrets(ending);
    ending.usage = usage();
    ending.usage.log = ending.output.written;
    ending.end = m_loop.clock().now();
    ending.firstByte = call.firstByte.value_or(ending.end);
    ending.accesses = std::move(call.accesses);
    if (m_plan.doors)
        for (Access &access : m_plan.doors->take())
            ending.accesses.push_back(std::move(access));
    return ending;
}

void Worker::answer(const RunningCall &which, EndedAs how, Payload response, Ends ends)
{
    RunningCall call = m_calls.take(which);
    const auto answered = std::exchange(call.answered, nullptr);
    if (!call.firstByte && m_calls.empty())
        call.firstByte = m_frameBegan; // of an answer that did not come whole: it can only be this one's
    Ending ending = endingOf(std::move(call), std::move(how), std::move(response));
    ++m_served;
    m_leaving = m_leaving || ends == Ends::Process;
    if (m_calls.empty() && (m_leaving || m_ended)) {
        end();
    } else if (m_calls.empty()) {
        m_state = WorkerState::Idle;
        rest();
    }
    // Last: the owner may lend the worker again, or destroy it when it is gone, from within.
    answered(std::move(ending));
}

/// The process goes with them. The owner is told of all of them when there is nothing left to be lent.
void Worker::answerAll(const EndedAs &how)
{
    std::vector<RunningCall> calls = m_calls.takeAll();
    std::vector<std::pair<std::function<void(Ending)>, Ending>> told;
    for (RunningCall &call : calls) {
        auto answered = std::exchange(call.answered, nullptr);
        if (!call.firstByte && calls.size() == 1)
            call.firstByte = m_frameBegan;
        told.emplace_back(std::move(answered), endingOf(std::move(call), how, payload({})));
        ++m_served;
    }
    end();
    for (auto &[answered, ending] : told)
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
    // By a timer, so that neither an answer nor a frame's handler is on the stack when the owner lets go of it.
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
            .running = int(m_calls.size()),
            .perWorker = m_plan.revision->settings.concurrency.perWorker,
            .memory = m_use.memory,
            .cpu = m_cpuShare,
            .why = {}};
}

} // namespace kiln
