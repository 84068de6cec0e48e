// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"
#include "app/window.h"

#include <algorithm>
#include <cstdlib>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

/// A service or a cron job may come without HOME; the account has one all the same. Qt would take `/` for it.
void settleHome()
{
    const char *home = std::getenv("HOME");
    if (home && *home == '/')
        return;
    if (const passwd *user = ::getpwuid(::geteuid()); user && *user->pw_dir == '/')
        ::setenv("HOME", user->pw_dir, 1);
}

/// The usual limit of 1,024 is for programs that call select(); each worker takes three descriptors of the engine's,
/// each connection one.
void raiseDescriptorLimit()
{
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = std::max(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 1 << 16));
    (void)::setrlimit(RLIMIT_NOFILE, &files);
}

} // namespace

int main(int argc, char **argv)
{
    settleHome(); // no thread runs yet
    raiseDescriptorLimit();
    const kiln::CommandLine line = kiln::runCommandLine(argc, argv);
    if (line.exitCode)
        return *line.exitCode;
    return kiln::runWindow(argc, argv, line.folder);
}
