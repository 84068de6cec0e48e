// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/runtime/worker_process.h"

#include "core/runtime/bootstrap.h"
#include "core/runtime/runtimes.h"

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::test {

namespace {

constexpr int patience = 20'000; // ms

std::vector<char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<char *> list;
    for (const auto &text : texts)
        list.push_back(const_cast<char *>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

void check(bool ok, const char *what)
{
    if (!ok)
        throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

/// Compiled, as the engine uses it.
std::filesystem::path bootstrapFor(const Interpreter &interpreter)
{
    static const QTemporaryDir cache;
    const std::filesystem::path resources = std::filesystem::path(KILN_SOURCE_DIR) / "resources";
    return prepareBootstrap(interpreter, resources, cache.path().toStdString()).value();
}

} // namespace

std::vector<Interpreter> allInterpreters(Language language)
{
    SearchOptions options = SearchOptions::ofThisProcess(SystemClock().wall());
    options.cache.clear(); // nothing outside the test's own folders is written
    options.shims = SearchOptions::Shims::Skip;
    auto found = findInterpreters(options);
    std::erase_if(found, [&](const Interpreter &i) { return i.language != language; });
    // Without a sandbox the folders of this very user will do.
    for (auto &interpreter : found) {
        if (interpreter.problem.find("not open to other users") != std::string::npos)
            interpreter.problem.clear();
    }
    std::erase_if(found, [](const Interpreter &i) { return !i.usable(); });
    return found;
}

std::optional<Interpreter> interpreterFor(Language language)
{
    const QByteArray named = qgetenv("KILN_TEST_" + QByteArray::fromStdString(std::string(toWord(language))).toUpper());
    if (!named.isEmpty()) {
        for (const auto &interpreter : allInterpreters(language)) {
            if (interpreter.path == std::filesystem::canonical(named.toStdString()))
                return interpreter;
        }
        return std::nullopt;
    }
    SearchOptions options;
    options.path = "/usr/bin:/usr/local/bin";
    const auto chosen = choose({language, {}}, findInterpreters(options));
    return chosen ? std::optional(*chosen) : std::nullopt;
}

WorkerProcess::WorkerProcess(const Interpreter &interpreter, const Files &files, std::string handler,
                             std::map<std::string, std::string> environment, Waits waits)
    : m_waits(waits)
{
    for (const auto &[path, content] : files) {
        const std::filesystem::path file = std::filesystem::path(code()) / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
    }
    m_settings.name = "shop";
    m_settings.handler = std::move(handler);
    m_settings.environment = std::move(environment);

    LaunchLine line = launchLine(interpreter, bootstrapFor(interpreter), m_settings.limits).value();
    // Outside a sandbox the bootstrap is where it is, not under /opt/kiln.
    std::string &bootstrap = line.argv.back();
    bootstrap = (line.binds.front().source / std::filesystem::path(bootstrap).filename()).string();
    std::vector<std::string> variables;
    for (const auto &[name, value] : line.environment)
        variables.push_back(name + "=" + value);
    if (waits == Waits::ForItsFunction)
        variables.emplace_back("KILN_PARKED=1");

    std::array<int, 2> channel{}, pipe{};
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) == 0, "socketpair");
    m_channel.reset(channel[0]);
    const UniqueFd workerEnd(::fcntl(channel[1], F_DUPFD_CLOEXEC, 10)); // dup2 to itself would keep CLOEXEC
    ::close(channel[1]);
    check(::pipe2(pipe.data(), O_CLOEXEC) == 0, "pipe");
    m_output.reset(pipe[0]);
    const UniqueFd writeEnd(::fcntl(pipe[1], F_DUPFD_CLOEXEC, 10));
    ::close(pipe[1]);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, writeEnd.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, writeEnd.get(), 2);
    posix_spawn_file_actions_adddup2(&actions, workerEnd.get(), 3);
    const int error = ::posix_spawn(&m_pid, line.argv.front().c_str(), &actions, nullptr, pointers(line.argv).data(),
                                    pointers(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    check(error == 0, "posix_spawn");
    m_reader = std::jthread([this] { readOutput(); });
}

WorkerProcess::~WorkerProcess()
{
    closeChannel();
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        (void)wait();
    }
    // The reader ends with the last writer of the pipe; a test must not leave one behind.
}

void WorkerProcess::readOutput()
{
    std::array<char, 65536> part{};
    while (true) {
        const ssize_t count = ::read(m_output.get(), part.data(), part.size());
        if (count <= 0)
            return;
        const std::lock_guard lock(m_mutex);
        m_printed.append(part.data(), std::size_t(count));
    }
}

void WorkerProcess::sendRaw(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::send(m_channel.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0)
            return;
        bytes.remove_prefix(std::size_t(count));
    }
}

WorkerProcess::Answer WorkerProcess::receive()
{
    while (true) {
        auto frame = m_frames.next().value();
        if (frame && frame->header.type == FrameType::Notes) {
            notes = std::move(frame->body);
            continue;
        }
        if (frame)
            return {frame->header.type, frame->header.serial, frame->header.flags, std::move(frame->body)};
        pollfd watched{m_channel.get(), POLLIN, 0};
        if (::poll(&watched, 1, patience) <= 0)
            return {};
        const ssize_t count = ::recv(m_channel.get(), m_frames.prepare(65536), 65536, 0);
        if (count <= 0)
            return {};
        m_frames.filled(std::size_t(count));
    }
}

WorkerProcess::Answer WorkerProcess::init(std::string_view compiled)
{
    const Answer hello = receive();
    if (hello.type != FrameType::Hello)
        return hello;
    std::string bytes;
    if (!compiled.empty())
        appendFrame(bytes, FrameType::Code, 0, compiled);
    appendFrame(bytes, FrameType::Init, 0, initBody(m_settings, {code(), "2026/11/23/[$LATEST]01"}));
    if (m_waits == Waits::ForItsFunction)
        appendFrame(bytes, FrameType::Begin, 0, {});
    sendRaw(bytes);
    return receive();
}

WorkerProcess::Answer WorkerProcess::askKept()
{
    std::string bytes;
    appendFrame(bytes, FrameType::AskKept, 0, {});
    sendRaw(bytes);
    return receive();
}

WorkerProcess::Answer WorkerProcess::invoke(std::string_view event, std::string_view context)
{
    using namespace std::chrono;
    const auto deadline = duration_cast<milliseconds>(system_clock::now().time_since_epoch()) + 60s;
    std::string bytes;
    appendInvoke(bytes, ++serial, {std::uint64_t(deadline.count()), requestId, context}, event);
    sendRaw(bytes);
    return receive();
}

std::string WorkerProcess::idOf(std::uint64_t serial)
{
    const std::string digits = std::to_string(serial);
    return std::string(requestId).substr(0, 36 - digits.size()) + digits;
}

void WorkerProcess::send(const std::vector<std::string> &events)
{
    using namespace std::chrono;
    const auto deadline = duration_cast<milliseconds>(system_clock::now().time_since_epoch()) + 60s;
    std::string bytes;
    for (const std::string &event : events) {
        ++serial;
        appendInvoke(bytes, serial, {std::uint64_t(deadline.count()), idOf(serial), {}}, event);
    }
    sendRaw(bytes);
}

void WorkerProcess::closeChannel() { m_channel.reset(); }

int WorkerProcess::wait()
{
    if (m_pid > 0) {
        // A worker that should end and does not: killed, and then the test sees signal 9.
        for (int i = 0; i < patience / 10; ++i) {
            int status = 0;
            if (::waitpid(m_pid, &status, WNOHANG) == m_pid) {
                m_pid = -1;
                m_reader.join();
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            }
            ::usleep(10'000);
        }
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
        m_pid = -1;
        m_reader.join();
    }
    return 128 + SIGKILL;
}

std::string WorkerProcess::output() const
{
    const std::lock_guard lock(m_mutex);
    return m_printed;
}

} // namespace kiln::test
