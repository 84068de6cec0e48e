// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/adapter/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace kiln::adapter {

namespace {

std::vector<char *> pointers(std::vector<std::string> &texts)
{
    std::vector<char *> list;
    list.reserve(texts.size() + 1);
    for (std::string &text : texts)
        list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

/// After vfork: nothing here may allocate or return.
[[noreturn]] void becomeProgram(const Program &program, char **arguments, char **environment, volatile int &error)
{
    sigset_t none;
    ::sigemptyset(&none);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    ::setpgid(0, 0);
    if ((program.input < 0 || ::dup2(program.input, 0) == 0) &&
        (program.output < 0 || ::dup2(program.output, 1) == 1) && ::chdir(program.folder.c_str()) == 0 &&
        ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0)
        ::execve(program.path.c_str(), arguments, environment);
    error = errno;
    ::_exit(127);
}

/// The first bytes of a file; empty when it cannot be read.
std::string startOf(const std::string &path)
{
    std::array<char, 256> bytes{};
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return {};
    const ssize_t count = ::read(fd, bytes.data(), bytes.size());
    ::close(fd);
    return {bytes.data(), std::size_t(count > 0 ? count : 0)};
}

std::string lowerFirst(const char *text)
{
    std::string words = text ? text : "unknown";
    if (words.front() >= 'A' && words.front() <= 'Z')
        words.front() = char(words.front() - 'A' + 'a');
    return words;
}

/// ENOENT of a file that is there: what it needs to be run is missing.
std::string whatIsMissingFor(const std::string &path)
{
    const std::string start = startOf(path);
    if (!start.starts_with("#!"))
        return "the loader or a library that it was linked for is not on this machine: build it here, or link it "
               "statically";
    const std::string line = start.substr(2, start.find('\n') - 2);
    if (line.ends_with('\r'))
        return "its first line ends with a carriage return: save the file with Unix line ends";
    return "the interpreter that its first line names is not there: " + line;
}

} // namespace

Started start(const Program &program)
{
    std::vector<std::string> arguments{program.path}, variables;
    variables.reserve(program.environment.size());
    for (const auto &[name, value] : program.environment)
        variables.push_back(name + "=" + value);
    const std::vector<char *> argv = pointers(arguments), envp = pointers(variables);
    volatile int error = 0; // written by the child, which shares this memory until it executes
    const pid_t pid = ::vfork();
    if (pid == 0)
        becomeProgram(program, const_cast<char **>(argv.data()), const_cast<char **>(envp.data()), error);
    if (pid < 0)
        return {-1, errno};
    if (error != 0) {
        ::waitpid(pid, nullptr, 0);
        return {-1, error};
    }
    return {pid, 0};
}

std::string whyNotStarted(const Program &program, int error)
{
    const std::string cannot = program.path + " cannot be run: ";
    struct stat about = {};
    if (::stat(program.path.c_str(), &about) != 0) {
        const std::string name = program.path.substr(program.path.rfind('/') + 1);
        return program.path + " is not there: add an executable file named " + name + " to the function's folder";
    }
    if (S_ISDIR(about.st_mode))
        return cannot + "it is a folder";
    switch (error) {
    case EACCES:
        return cannot + "it is not executable (chmod +x " + program.path.substr(program.path.rfind('/') + 1) + ")";
    case ENOEXEC:
        return cannot + "it is neither a program for this machine nor a script with a first line such as #!/bin/sh";
    case ENOENT: return cannot + whatIsMissingFor(program.path);
    case EPERM:
    case ENOSYS: return cannot + "the sandbox of this machine allows no further process (kiln doctor says why)";
    case EAGAIN: return cannot + "the function has as many processes as it may have";
    default: return cannot + lowerFirst(std::strerror(error));
    }
}

std::string endingText(int status)
{
    if (WIFSIGNALED(status))
        return "signal: " + lowerFirst(::sigdescr_np(WTERMSIG(status)));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

void endAs(int status)
{
    if (WIFSIGNALED(status)) {
        sigset_t all;
        ::sigemptyset(&all);
        ::signal(WTERMSIG(status), SIG_DFL);
        ::sigprocmask(SIG_SETMASK, &all, nullptr);
        ::kill(::getpid(), WTERMSIG(status));
    }
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

bool endDescendants()
{
    const std::string list = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
    for (int round = 0; round < 1'000; ++round) {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        if (::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD)
            return true;
        const int fd = ::open(list.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return false;
        std::array<char, 4096> text{};
        const ssize_t count = ::read(fd, text.data(), text.size() - 1);
        ::close(fd);
        // A number at the cut might be half of another's; it is whole in a later round.
        std::string_view pids(text.data(), std::size_t(count > 0 ? count : 0));
        for (pids = pids.substr(0, pids.rfind(' ') + 1); !pids.empty(); pids.remove_prefix(pids.find(' ') + 1))
            ::kill(pid_t(std::strtol(pids.data(), nullptr, 10)), SIGKILL);
        ::waitpid(-1, nullptr, 0);
    }
    return false;
}

} // namespace kiln::adapter
