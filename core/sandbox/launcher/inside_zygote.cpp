// SPDX-License-Identifier: GPL-3.0-or-later
// Pid 1 of a sandbox whose process forks others into sandboxes of their own (birth.h): those are its children, since
// their mother, who may run foreign code, is not to be trusted with their ends.
#include "core/sandbox/launcher/inside.h"
#include "core/sandbox/launcher/kernel_calls.h"

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::launcher {

/// Ends when its zygote has ended and so has the last that came out of it. A zygote that is not wanted any more is
/// ended; its children live on.
void Inside::superviseZygote(pid_t zygote)
{
    sigset_t child; // Blocked since the launcher.
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    const int signals = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        ::_exit(EXIT_FAILURE);
    pollfd fds[] = {{signals, POLLIN, 0}, {supervisorPlace, POLLIN, 0}};
    for (;;) {
        if (::poll(fds, 2, -1) < 0 && errno != EINTR)
            ::_exit(EXIT_FAILURE);
        if (fds[1].revents != 0) {
            fds[1].fd = -1; // Ignored from now on.
            ::kill(zygote, SIGKILL);
        }
        signalfd_siginfo info[16];
        while (::read(signals, info, sizeof info) > 0) {
        }
        int status = 0;
        pid_t ended = 0;
        while ((ended = ::waitpid(-1, &status, __WALL | WNOHANG)) > 0)
            ExitPipe::report(exitsPlace, {m_plan.id, ended == zygote ? 0 : ended, status});
        if (ended < 0 && errno == ECHILD)
            ::_exit(EXIT_SUCCESS);
    }
}

} // namespace kiln::launcher
