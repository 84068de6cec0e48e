// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/birth.h"

#include "core/sandbox/launcher/inside_ids.h"
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/tracee.h"
#include "core/sandbox/small_file.h"
#include "core/sandbox/wire_socket.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <sstream>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::launcher {
namespace {

constexpr std::uint64_t ownNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                                        CLONE_NEWCGROUP | CLONE_NEWNET | CLONE_PARENT;
/// A birth takes a few milliseconds; on a machine that hardly moves, more.
constexpr unsigned patienceSeconds = 5;

tl::unexpected<Error> failedStep(const char *step, const std::string &place = {})
{
    return failErrno(Error::Code::Sandbox, errno, step, place);
}

/// Whatever the zygote does, this process does not wait for ever: the calls that wait end with EINTR.
void setAlarm()
{
    struct sigaction action
    {};
    action.sa_handler = [](int) {};
    ::sigaction(SIGALRM, &action, nullptr); // No SA_RESTART.
    ::alarm(patienceSeconds);
}

bool isAlive(int pidFd)
{
    pollfd process{pidFd, POLLIN, 0};
    return ::poll(&process, 1, 0) == 0;
}

/// The last but one number of NSpid: of the namespace around its own.
pid_t innerPidOf(pid_t pid)
{
    std::istringstream lines(readSmallFile("/proc/" + std::to_string(pid) + "/status").value_or(std::string()));
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("NSpid:", 0) != 0)
            continue;
        std::istringstream numbers(line.substr(6));
        pid_t before = 0;
        pid_t last = 0;
        for (pid_t number = 0; numbers >> number; last = number)
            before = last;
        return before;
    }
    return 0;
}

Result<> callInside(Tracee &child, const char *step, long number, std::uint64_t first, std::uint64_t second,
                    std::uint64_t third)
{
    const auto result = child.call(number, first, second, third);
    if (!result)
        return tl::make_unexpected(result.error());
    errno = *result < 0 ? int(-*result) : 0;
    return *result == 0 ? Result<>() : failedStep(step);
}

/// With its namespaces it got all rights over them; none is left when it runs. A change of user besides hides its files
/// in /proc, which are to be its own.
Result<> takeRights(Tracee &child, bool foreign)
{
    struct
    {
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    } words;
    const auto place = child.lend(&words, sizeof words);
    if (!place)
        return tl::make_unexpected(place.error());
    Result<> done;
    if (foreign) {
        done = callInside(child, "become the group", SYS_setresgid, insideId, insideId, insideId)
                   .and_then([&] {
                       return callInside(child, "become the user", SYS_setresuid, insideId, insideId, insideId);
                   })
                   .and_then([&] { return callInside(child, "own its files", SYS_prctl, PR_SET_DUMPABLE, 1, 0); });
    }
    return done.and_then([&] { return child.dropBoundingSet(); })
        .and_then(
            [&] { return callInside(child, "drop capabilities", SYS_capset, *place, *place + sizeof words.header, 0); })
        .and_then([&] { return child.takeBack(); });
}

} // namespace

Result<Birth::Born> Birth::deliver()
{
    setAlarm();
    std::uint64_t turn = 0;
    if (::read(m_order.turn, &turn, sizeof turn) != ssize_t(sizeof turn)) {
        errno = ETIMEDOUT;
        return failedStep("wait for the zygote's turn");
    }
    const auto born = fork();
    [[maybe_unused]] const ssize_t passed = ::write(m_order.turn, &turn, sizeof turn);
    if (!born)
        return tl::make_unexpected(born.error());
    auto child = Tracee::newborn(*born);
    if (!child)
        return tl::make_unexpected(child.error());
    Born result{*born, innerPidOf(*born), UniqueFd(openPidFd(*born))};
    auto done = result.pidFd && result.inner != 0 ? Result<>() : failedStep("see what was born");
    done = done.and_then([&] { return giveTemporary(); })
               .and_then([&] { return joinCgroup(*born); })
               .and_then([&] { return mapUser(*born); })
               .and_then([&] { return takeRights(*child, m_order.user.foreign); })
               .and_then([&] { return furnish(*born, result.pidFd.get()); });
    if (!done) {
        (void)signalPidFd(result.pidFd.get(), SIGKILL);
        return tl::make_unexpected(done.error());
    }
    child->letGo();
    return result;
}

/// What was born stays traced, and stands still, when its mother runs on.
Result<pid_t> Birth::fork() const
{
    auto mother = Tracee::seize(m_order.mother);
    if (!mother)
        return tl::make_unexpected(mother.error());
    // Alive now, so it was when it was seized: the pid had not gone to another.
    if (!isAlive(m_order.motherPidFd)) {
        errno = ESRCH;
        return failedStep("find the zygote");
    }
    if (wire::send(m_order.socket, m_order.awaited ? "n" : "b", {m_order.channel, m_order.output}) != wire::Sent::Whole)
        return failedStep("ask the zygote");
    return mother->forkWith(ownNamespaces);
}

Result<> Birth::giveTemporary() const
{
    if (::fchownat(m_order.temporary, "", m_order.user.user, m_order.user.group, AT_EMPTY_PATH) != 0)
        return failedStep("give it a /tmp");
    return {};
}

Result<> Birth::joinCgroup(pid_t child) const
{
    const std::string pid = std::to_string(child);
    for (const int procs : m_order.joins)
        if (::write(procs, pid.data(), pid.size()) != ssize_t(pid.size()))
            return failedStep("join the cgroup");
    return {};
}

/// From the mother's user namespace, which alone may. There the launcher's ids keep their numbers, but for the mother's
/// own (see mapLines).
Result<> Birth::mapUser(pid_t child) const
{
    if (::setns(m_order.motherPidFd, CLONE_NEWUSER) != 0)
        return failedStep("enter the zygote's user namespace");
    const auto line = [&](unsigned outside) {
        return std::to_string(insideId) + " " + std::to_string(outside == m_order.motherUser ? insideId : outside) +
               " 1";
    };
    const std::string folder = "/proc/" + std::to_string(child);
    errno = writeSmallFile(folder + "/setgroups", "deny");
    if (errno == 0)
        errno = writeSmallFile(folder + "/uid_map", line(m_order.user.user));
    if (errno == 0)
        errno = writeSmallFile(folder + "/gid_map", line(m_order.user.group));
    return errno == 0 ? Result<>() : failedStep("map the user");
}

/// A /tmp and a /proc of its own, and no namespaces of its making. The latter while this process still sees the
/// machine's /proc, the former from within its mount namespace, and /proc by a process of its pid namespace.
Result<> Birth::furnish(pid_t child, int childPidFd) const
{
    if (::setns(childPidFd, CLONE_NEWUSER) != 0)
        return failedStep("enter the user namespace");
    const rlim_t most = rlim_t(m_order.limits.processes) + 1; // As for any worker; its mother has it for all of hers.
    const rlimit processes{most, most};
    if (::prlimit(child, RLIMIT_NPROC, &processes, nullptr) != 0)
        return failedStep("limit resources");
    errno = writeSmallFile("/proc/sys/user/max_user_namespaces", "0");
    if (errno != 0)
        return failedStep("forbid namespaces");
    if (::setns(childPidFd, CLONE_NEWNS | CLONE_NEWPID) != 0)
        return failedStep("enter the namespaces");
    if (attachTree(m_order.temporary, "/tmp") != 0)
        return failedStep("attach /tmp");
    const pid_t inside = ::fork();
    if (inside == 0)
        ::_exit(
            ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "hidepid=2,subset=pid") == 0
                ? 0
                : errno);
    int status = 0;
    if (inside < 0 || ::waitpid(inside, &status, 0) != inside)
        return failedStep("make a process to mount /proc");
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    return errno == 0 ? Result<>() : failedStep("mount /proc");
}

} // namespace kiln::launcher
