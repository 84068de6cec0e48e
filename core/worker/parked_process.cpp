// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/parked_process.h"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// An interpreter that has not said hello by then never will.
constexpr auto patience = 10s;
constexpr std::size_t maxHello = 64;

} // namespace

ParkedProcess::ParkedProcess(Loop &loop, Launcher &launcher, Events events)
    : m_loop(loop)
    , m_launcher(launcher)
    , m_events(std::move(events))
    , m_reader(maxHello)
{}

ParkedProcess::~ParkedProcess()
{
    m_loop.timers().cancel(m_timer);
    if (m_sandbox != 0 && !m_ended)
        m_launcher.abandon(m_sandbox);
}

Result<> ParkedProcess::start(const SandboxPolicy &policy, Launcher::SandboxId zygote, Launcher::Code code)
{
    m_loaded = zygote != 0 && code == Launcher::Code::There;
    Launcher::WorkerEnds ends;
    auto opened = WorkerDescriptors::open(ends);
    if (!opened)
        return tl::make_unexpected(opened.error());
    m_descriptors = std::move(*opened);
    m_readable = m_loop.watch(m_descriptors.channel.get(), Loop::Readiness::Readable, [this] { onReadable(); });
    m_timer = m_loop.timers().after(patience, [this] {
        m_timer = 0;
        fail();
    });
    Launcher::Events events{.executed = [this](Result<int> pid) { onExecuted(std::move(pid)); },
                            .ended =
                                [this](const SandboxExit &) {
                                    m_ended = true;
                                    fail();
                                }};
    m_sandbox = zygote != 0 ? m_launcher.bear(zygote, code, policy, std::move(ends), std::move(events))
                            : m_launcher.park(policy, std::move(ends), std::move(events));
    return {};
}

void ParkedProcess::onExecuted(Result<int> pid)
{
    if (!pid) {
        m_ended = true; // no `ended` follows a failure
        fail();
        return;
    }
    m_pid = *pid;
    tellReady();
}

void ParkedProcess::onReadable()
{
    const ssize_t count = ::recv(m_descriptors.channel.get(), m_reader.prepare(maxHello), maxHello, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0)
        m_reader.filled(std::size_t(count));
    const auto frame = m_reader.next();
    // Its hello, whole, and not a byte more: nobody asked it for anything.
    if (count <= 0 || !frame ||
        (*frame && (m_hello || (*frame)->header.type != FrameType::Hello || m_reader.begun()))) {
        fail();
        return;
    }
    if (!*frame)
        return;
    m_hello = true;
    tellReady();
}

void ParkedProcess::tellReady()
{
    if (!isReady())
        return;
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    m_main = HandOff::mainOf(m_pid);
    m_launcher.endPreparation(m_sandbox);
    m_events.ready();
}

void ParkedProcess::fail()
{
    m_readable.reset();
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    m_pid = 0;
    m_events.gone();
}

ByteSize ParkedProcess::memory() const
{
    const auto use = m_launcher.use(m_sandbox);
    return use ? use->memory : ByteSize{};
}

ParkedProcess::Parts ParkedProcess::take()
{
    m_readable.reset();
    return {std::exchange(m_sandbox, 0),      std::exchange(m_pid, 0),        m_main, m_loaded,
            std::move(m_descriptors.channel), std::move(m_descriptors.output)};
}

} // namespace kiln
