// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/zygote.h"

#include "core/base/utf8.h"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// As long as a function may take to load, and a little.
constexpr auto patience = 15s;
/// A reason, or the error of a module, of which only that there was one is of interest.
constexpr std::size_t maxBody = 256 * 1024;

} // namespace

Zygote::Zygote(Loop &loop, Launcher &launcher, Events events)
    : m_loop(loop)
    , m_launcher(launcher)
    , m_events(std::move(events))
    , m_reader(maxBody)
{}

Zygote::~Zygote()
{
    m_loop.timers().cancel(m_timer);
    if (m_sandbox == 0 || m_ended)
        return;
    if (m_left == Launcher::mostBirths)
        m_launcher.abandon(m_sandbox); // Nothing came out of it.
    else
        m_launcher.retire(m_sandbox);
}

Result<> Zygote::start(const SandboxPolicy &policy, std::string initBody)
{
    Launcher::WorkerEnds ends;
    auto opened = WorkerDescriptors::open(ends);
    if (!opened)
        return opened.map([](auto &&) {});
    m_descriptors = std::move(*opened);
    m_initBody = std::move(initBody);
    m_readable = m_loop.watch(m_descriptors.channel.get(), Loop::Readiness::Readable, [this] { onReadable(); });
    m_output = m_loop.watch(m_descriptors.output.get(), Loop::Readiness::Readable, [this] {
        char bytes[16384];
        if (::read(m_descriptors.output.get(), bytes, sizeof bytes) == 0)
            m_output.reset();
    });
    m_timer = m_loop.timers().after(patience, [this] {
        m_timer = 0;
        fail("it was not ready in time");
    });
    const std::weak_ptr alive = m_alive;
    const auto executed = [this, alive](const Result<int> &pid) {
        if (alive.expired() || pid)
            return;
        m_ended = true; // no `ended` follows a failure
        fail(pid.error().text());
    };
    const auto ended = [this, alive](const SandboxExit &) {
        if (alive.expired())
            return;
        m_ended = true;
        fail("it ended");
    };
    m_sandbox = m_launcher.launchZygote(policy, std::move(ends), {.executed = executed, .ended = ended});
    return {};
}

void Zygote::onReadable()
{
    constexpr std::size_t room = 4096;
    const ssize_t count = ::recv(m_descriptors.channel.get(), m_reader.prepare(room), room, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0)
        return fail("it ended");
    m_reader.filled(std::size_t(count));
    while (m_readable) {
        const auto frame = m_reader.next();
        if (!frame)
            return fail(frame.error().message);
        if (!*frame)
            return;
        onFrame(**frame);
    }
}

void Zygote::onFrame(const FrameReader::Frame &frame)
{
    const FrameType type = frame.header.type;
    if (m_state == State::Starting && type == FrameType::Hello && m_initBody.empty()) {
        becomeReady();
    } else if (m_state == State::Starting && type == FrameType::Hello) {
        m_state = State::Loading;
        std::string out;
        appendFrame(out, FrameType::Init, 0, m_initBody);
        // It waits for it, and the socket holds more than settings may be.
        if (::send(m_descriptors.channel.get(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
            ssize_t(out.size()))
            fail("its settings could not be sent");
    } else if (m_state == State::Loading && type == FrameType::Ready) {
        becomeReady();
    } else if (m_state == State::Loading && type == FrameType::Declined) {
        fail(toUtf8(frame.body.substr(0, 200)));
    } else if (m_state == State::Loading && type == FrameType::InitError) {
        fail("its module did not load");
    } else if (m_state == State::Loading && type == FrameType::Notes) {
        // What its module reached for the worker before it has told already.
    } else {
        fail("it spoke out of turn");
    }
}

void Zygote::becomeReady()
{
    m_state = State::Ready;
    m_launcher.endPreparation(m_sandbox);
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    m_events.ready();
}

void Zygote::fail(const std::string &why)
{
    if (std::exchange(m_state, State::Gone) == State::Gone)
        return;
    m_readable.reset();
    m_output.reset();
    m_loop.timers().cancel(m_timer);
    m_timer = 0;
    const std::string reason = why; // Which may lie in this object.
    m_events.gone(reason);
}

ByteSize Zygote::memory() const
{
    const auto use = m_launcher.use(m_sandbox);
    return use ? use->memory : ByteSize{};
}

} // namespace kiln
