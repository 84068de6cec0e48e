// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kill/child_process.h"

#include "tests/support/engine_harness.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char **environ;

namespace kiln::test {

using std::chrono::steady_clock;

ChildProcess::ChildProcess(const std::vector<std::string> &argv)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        std::abort();
    m_pipe.reset(ends[0]);
    ::fcntl(ends[0], F_SETPIPE_SZ, 1 << 20); // so that a talkative child is not held up
    const UniqueFd theirs(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDERR_FILENO);
    std::vector<char *> arguments;
    for (const std::string &each : argv)
        arguments.push_back(const_cast<char *>(each.c_str()));
    arguments.push_back(nullptr);
    const int error = ::posix_spawn(&m_pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        std::fprintf(stderr, "cannot start %s: error %d\n", arguments[0], error);
        std::abort();
    }
}

ChildProcess::~ChildProcess() { end(SIGKILL); }

std::optional<std::string> ChildProcess::waitLine(const std::string &beginning, std::chrono::milliseconds bound)
{
    const auto until = steady_clock::now() + bound;
    while (true) {
        for (std::size_t at = 0; at < m_output.size();) {
            const std::size_t end = m_output.find('\n', at);
            if (end == std::string::npos)
                break;
            if (m_output.compare(at, beginning.size(), beginning) == 0)
                return m_output.substr(at + beginning.size(), end - at - beginning.size());
            at = end + 1;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
        pollfd readable{m_pipe.get(), POLLIN, 0};
        if (left.count() <= 0 || ::poll(&readable, 1, int(left.count())) <= 0)
            return std::nullopt;
        char bytes[4096];
        const ssize_t count = ::read(m_pipe.get(), bytes, sizeof bytes);
        if (count == 0 || (count < 0 && errno != EINTR))
            return std::nullopt;
        m_output.append(bytes, count > 0 ? std::size_t(count) : 0);
    }
}

int ChildProcess::end(int signal)
{
    if (m_pid == 0)
        return 0;
    ::kill(m_pid, signal); // not waited for yet, so the number is still its own
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_pid = 0;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void ChildProcess::readRest()
{
    // Its children may hold the pipe open for a moment longer.
    ::fcntl(m_pipe.get(), F_SETFL, O_NONBLOCK);
    char bytes[4096];
    for (ssize_t count = 0; (count = ::read(m_pipe.get(), bytes, sizeof bytes)) > 0;)
        m_output.append(bytes, std::size_t(count));
}

void ChildProcess::adoptOrphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int ChildProcess::waitForOrphans(std::chrono::milliseconds bound)
{
    const auto until = steady_clock::now() + bound;
    while (true) {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        const int left = EngineHarness::descendants();
        if (left == 0 || steady_clock::now() > until)
            return left;
        std::this_thread::sleep_for(std::chrono::milliseconds(5)); // they end by themselves; nothing tells
    }
}

} // namespace kiln::test
