// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher_process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln {
namespace {

constexpr int controlPlace = 3;
constexpr int endTimeoutMs = 10'000;

/// Attributes and actions of posix_spawn, released when done.
class SpawnSettings
{
public:
    SpawnSettings()
    {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    SpawnSettings(const SpawnSettings &) = delete;
    SpawnSettings &operator=(const SpawnSettings &) = delete;
    ~SpawnSettings()
    {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    /// The program starts with the usual signal handling, whatever ours is, and in a process group of its own: a
    /// Ctrl-C in the terminal is for the engine, which then ends the launcher in order.
    int startAfresh()
    {
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        return ::posix_spawnattr_setflags(&attributes,
                                          POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

} // namespace

Result<LauncherProcess> LauncherProcess::start(const std::filesystem::path &executable, const std::string &instance,
                                               const std::string &cgroupFolder)
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return failErrno(Error::Code::Sandbox, errno, "cannot make the launcher's socket");
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    // dup2 onto itself would leave it close-on-exec.
    if (theirs.get() == controlPlace)
        theirs.reset(::fcntl(theirs.get(), F_DUPFD_CLOEXEC, controlPlace + 1));
    SpawnSettings settings;
    settings.startAfresh();
    ::posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&settings.actions, STDIN_FILENO, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&settings.actions, theirs.get(), controlPlace);
    std::string name = "kiln-launcher", serve = "--serve", own = instance, folder = cgroupFolder;
    char *const arguments[] = {name.data(), serve.data(), own.data(), folder.data(), nullptr};
    char *const environment[] = {nullptr};
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, executable.c_str(), &settings.actions, &settings.attributes, arguments, environment);
    if (error != 0)
        return failErrno(Error::Code::Sandbox, error, "cannot start the launcher", executable.native(),
                         "install Kiln completely: kiln-launcher belongs beside it");
    return LauncherProcess(pid, std::move(ours));
}

LauncherProcess::LauncherProcess(LauncherProcess &&other) noexcept
    : m_pid(std::exchange(other.m_pid, 0))
    , m_control(std::move(other.m_control))
{}

LauncherProcess::~LauncherProcess()
{
    if (m_pid == 0)
        return;
    m_control.reset();
    const UniqueFd process(int(::syscall(SYS_pidfd_open, m_pid, 0)));
    pollfd ended{process.get(), POLLIN, 0};
    if (!process || ::poll(&ended, 1, endTimeoutMs) != 1)
        ::kill(m_pid, SIGKILL);
    while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace kiln
