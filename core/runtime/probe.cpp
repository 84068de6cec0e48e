// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/probe.h"

#include "core/base/unique_fd.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln {

namespace {

constexpr std::size_t outputLimit = 64 * 1024;

std::vector<char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<char *> list;
    list.reserve(texts.size() + 1);
    for (const auto &text : texts)
        list.push_back(const_cast<char *>(text.c_str())); // posix_spawn's signature; it does not write
    list.push_back(nullptr);
    return list;
}

/// A process in a group of its own, with its output in a pipe. Killed with its group when this goes away.
class Child
{
public:
    [[nodiscard]] static Result<Child> start(const std::vector<std::string> &argv,
                                             const std::vector<std::string> &environment);

    Child(Child &&other) noexcept
        : m_pid(std::exchange(other.m_pid, -1))
        , m_output(std::move(other.m_output))
    {}
    Child &operator=(Child &&) = delete;
    Child(const Child &) = delete;
    ~Child()
    {
        if (m_pid > 0)
            (void)end();
    }

    [[nodiscard]] pid_t pid() const { return m_pid; }
    [[nodiscard]] int output() const { return m_output.get(); }

    /// Kills what is left of the group and reaps the process: its exit code.
    int end()
    {
        ::kill(-m_pid, SIGKILL);
        int status = 0;
        while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
        }
        m_pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    Child(pid_t pid, UniqueFd output)
        : m_pid(pid)
        , m_output(std::move(output))
    {}

    pid_t m_pid;
    UniqueFd m_output;
};

Result<Child> Child::start(const std::vector<std::string> &argv, const std::vector<std::string> &environment)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return failErrno(Error::Code::Io, errno, "Cannot make a pipe");
    UniqueFd readEnd(ends[0]);
    const UniqueFd writeEnd(ends[1]);

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, writeEnd.get(), 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    pid_t pid = -1;
    const int error = ::posix_spawn(&pid, argv.front().c_str(), &actions, &attributes, pointers(argv).data(),
                                    pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0)
        return failErrno(Error::Code::Io, error, "Cannot start it", argv.front());
    return Child(pid, std::move(readEnd));
}

} // namespace

Result<Answer> ask(const std::vector<std::string> &argv, const std::vector<std::string> &environment,
                   std::chrono::milliseconds timeout)
{
    using Steady = std::chrono::steady_clock;
    auto child = Child::start(argv, environment);
    if (!child)
        return tl::make_unexpected(child.error());
    const UniqueFd ended(int(::syscall(SYS_pidfd_open, child->pid(), 0)));
    if (!ended)
        return failErrno(Error::Code::Io, errno, "Cannot watch it", argv.front());

    Answer answer;
    std::array<char, 4096> part{};
    std::array<pollfd, 2> watched{{{child->output(), POLLIN, 0}, {ended.get(), POLLIN, 0}}};
    const auto deadline = Steady::now() + timeout;
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
        const int ready = left > 0 ? ::poll(watched.data(), watched.size(), int(left)) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return fail(Error::Code::LimitExceeded, "It did not answer in time", argv.front());
        if (watched[0].revents != 0) {
            const ssize_t count = ::read(child->output(), part.data(), part.size());
            if (count > 0)
                answer.output.append(part.data(), std::min(std::size_t(count), outputLimit - answer.output.size()));
            else
                watched[0].fd = -1; // closed: only its end is awaited
        } else if (watched[1].revents != 0) {
            answer.exitCode = child->end(); // all that it wrote has been read
            return answer;
        }
    }
}

} // namespace kiln
