// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/kernel_calls.h"
#include "core/sandbox/launcher/probe.h"
#include "core/sandbox/launcher/server.h"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace {

constexpr int controlPlace = 3; ///< Where the engine puts the control socket.

bool isControlSocket(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int serve(const char *instance, const char *cgroupFolder)
{
    using kiln::launcher::Server;
    // The folders of a sandbox are made by root and entered by another user, whatever Kiln was started with.
    ::umask(022);
    // Whatever else came along is not for us, and less for a worker.
    kiln::launcher::closeFrom(controlPlace + 1);
    if (!isControlSocket(controlPlace) || ::fcntl(controlPlace, F_SETFD, FD_CLOEXEC) != 0) {
        std::fputs("kiln-launcher: descriptor 3 is no control socket\n", stderr);
        return 2;
    }
    const auto served = Server::serve({kiln::UniqueFd(controlPlace), instance, cgroupFolder});
    if (!served)
        std::fprintf(stderr, "kiln-launcher: %s\n", served.error().text().c_str());
    return served ? 0 : 1;
}

} // namespace

int main(int count, char **arguments)
{
    if (count == 4 && std::strcmp(arguments[1], "--serve") == 0)
        return serve(arguments[2], arguments[3]);
    if (count == 5 && std::strcmp(arguments[1], "--probe") == 0)
        return kiln::launcher::probe({arguments[0], arguments[2], arguments[3], arguments[4]});
    std::fputs("kiln-launcher is started by Kiln: it makes the sandboxes that functions run in\n", stderr);
    return 2;
}
