// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/exec_runtime.h"

#include "core/runtime/adapter/told_error.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::adapter {

namespace {

/// After the process' end what it wrote is in the pipe, which holds a bounded amount; whoever else has its other end
/// cannot hold this up.
constexpr int lastReads = 32;

bool openPipe(UniqueFd &readEnd, UniqueFd &writeEnd)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return false;
    readEnd.reset(ends[0]);
    writeEnd.reset(ends[1]);
    return true;
}

void setNonBlocking(const UniqueFd &fd) { ::fcntl(fd.get(), F_SETFL, O_NONBLOCK); }

} // namespace

ExecRuntime::ExecRuntime(EngineChannel &channel, InitMessage init)
    : m_channel(channel)
    , m_init(std::move(init))
    , m_program{.path =
                    m_init.code + "/" + (m_init.handler.starts_with("./") ? m_init.handler.substr(2) : m_init.handler),
                .folder = m_init.code,
                .environment = m_init.environment}
{}

void ExecRuntime::run()
{
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGCHLD);
    ::sigaddset(&blocked, SIGPIPE); // a process may end without having read its event
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    ::sigdelset(&blocked, SIGPIPE);
    m_childEnded.reset(::signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK));
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    checkProgram();
    m_channel.send(FrameType::Ready);
    while (true) {
        const auto invocation = readInvoke(m_channel.receive());
        if (!invocation)
            ::_exit(EXIT_FAILURE);
        serve(*invocation);
    }
}

/// What can be told before the first event is told at once.
void ExecRuntime::checkProgram()
{
    int error = 0;
    struct stat about = {};
    if (::stat(m_program.path.c_str(), &about) != 0)
        error = errno;
    else if (!S_ISREG(about.st_mode) || ::access(m_program.path.c_str(), X_OK) != 0)
        error = EACCES;
    if (error == 0)
        return;
    m_channel.send(FrameType::InitError, 0, errorBody("Runtime.InvalidEntrypoint", whyNotStarted(m_program, error)));
    ::_exit(EXIT_FAILURE);
}

void ExecRuntime::serve(const ApiEvent &invocation)
{
    Run run;
    run.event = invocation.event;
    if (const int error = begin(invocation, run); error != 0) {
        m_channel.send(FrameType::Failure, invocation.serial,
                       errorBody("Runtime.InvalidEntrypoint", whyNotStarted(m_program, error)));
        return;
    }
    pump(run);
    // The next event finds nothing of this one at work.
    if (!endDescendants())
        ::_exit(EXIT_FAILURE);
    answer(invocation, run);
}

int ExecRuntime::begin(const ApiEvent &invocation, Run &run)
{
    UniqueFd input, output;
    if (!openPipe(input, run.input) || !openPipe(run.output, output))
        return errno;
    m_program.input = input.get();
    m_program.output = output.get();
    auto &environment = m_program.environment;
    environment["AWS_LAMBDA_REQUEST_ID"] = invocation.id;
    environment["AWS_LAMBDA_DEADLINE_MS"] = std::to_string(invocation.deadlineMs);
    environment["AWS_LAMBDA_INVOKED_FUNCTION_ARN"] = m_init.arn;
    environment["_X_AMZN_TRACE_ID"] = invocation.traceId;
    environment.erase("AWS_LAMBDA_CLIENT_CONTEXT");
    if (!invocation.clientContext.empty())
        environment["AWS_LAMBDA_CLIENT_CONTEXT"] = invocation.clientContext;
    const Started started = start(m_program);
    run.pid = started.pid;
    setNonBlocking(run.input);
    setNonBlocking(run.output);
    return started.error;
}

void ExecRuntime::pump(Run &run)
{
    writeSome(run);
    while (true) {
        std::array<pollfd, 3> watched{
            {{run.input.get(), POLLOUT, 0}, {run.output.get(), POLLIN, 0}, {m_childEnded.get(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), -1) < 0)
            continue;
        if (watched[0].revents != 0)
            writeSome(run);
        if (watched[1].revents != 0)
            readSome(run);
        if (watched[2].revents != 0) {
            signalfd_siginfo info{};
            (void)!::read(m_childEnded.get(), &info, sizeof info);
            if (::waitpid(run.pid, &run.status, WNOHANG) == run.pid)
                break;
        }
    }
    for (int i = 0; i < lastReads && run.output; ++i)
        readSome(run);
}

void ExecRuntime::writeSome(Run &run)
{
    while (!run.event.empty()) {
        const ssize_t count = ::write(run.input.get(), run.event.data(), run.event.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        if (count < 0)
            break; // it reads no further
        run.event.remove_prefix(std::size_t(count));
    }
    run.input.reset();
}

void ExecRuntime::readSome(Run &run)
{
    static std::array<char, 128 * 1024> bytes; // one thread; not on the stack
    const ssize_t count = ::read(run.output.get(), bytes.data(), bytes.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        run.output.reset();
        return;
    }
    if (run.tooLarge)
        return;
    run.response.append(bytes.data(), std::size_t(count));
    if (run.response.size() > m_init.responseLimit) {
        run.tooLarge = true;
        run.response.clear();
        ::kill(run.pid, SIGKILL); // nobody is to read what else it has to say
    }
}

void ExecRuntime::answer(const ApiEvent &invocation, const Run &run)
{
    if (run.tooLarge) {
        m_channel.send(FrameType::Result, invocation.serial, {}, frameTooLarge);
    } else if (WIFSIGNALED(run.status) && WTERMSIG(run.status) == SIGKILL) {
        // No program's own way to end: most often it was out of memory. How this process ends is told by the engine.
        endAs(run.status);
    } else if (WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0) {
        m_channel.send(FrameType::Result, invocation.serial, run.response);
    } else {
        m_channel.send(FrameType::Failure, invocation.serial, errorBody("ExitError", endingText(run.status)));
    }
}

} // namespace kiln::adapter
